//! Reads one PEM block, and holds its label against what is in it.

use super::{
    EncryptedForm, Foreign, Given, Item, Mended, PrivateKind, PublicForm, Refusal,
    base64::{self, Decoded},
    contains,
    der::{self, Extent},
    pem::Block,
    ssh,
};

/// Reads `block` of `text`, and notes what is to be put right in it.
pub fn read(block: &Block<'_>, text: &[u8], mended: &mut Vec<Mended>) -> Item {
    let is_private = block.label.contains("PRIVATE KEY");
    let refused = |refusal| {
        if is_private {
            Refusal::Private(PrivateKind::Damaged).into()
        } else {
            Item::from(refusal)
        }
    };
    if block.label.starts_with("PGP") {
        return if is_private {
            Refusal::Private(PrivateKind::Pgp).into()
        } else {
            Refusal::NotAKey(Foreign::Pgp).into()
        };
    }
    if is_private && contains(block.body, b"ENCRYPTED") {
        return Item::Other(Given::Encrypted(EncryptedForm::OldPem));
    }
    match block.end {
        None => return refused(Refusal::CutShort),
        Some(end) if end != block.label => {
            return refused(Refusal::LabelsDiffer {
                begin: block.label.to_owned(),
                end: end.to_owned(),
            });
        }
        Some(_) => {}
    }
    note_surroundings(block, text, mended);
    if block.label == "SSH2 PUBLIC KEY" {
        return match ssh::ssh2(block.body) {
            Some(bytes) => ssh::wire_as(&bytes, PublicForm::Ssh2),
            None => Refusal::Damaged.into(),
        };
    }
    let decoded = match base64::decode(block.body) {
        Ok(decoded) => decoded,
        Err(refusal) => return refused(refusal),
    };
    note(&decoded, mended);
    if block.label == "OPENSSH PRIVATE KEY" {
        return Item::Other(ssh::private(&decoded.bytes));
    }
    match labelled(&decoded.bytes, block.label) {
        Item::Other(Given::Refused(refusal)) if !refusal.is_private() => match refusal {
            Refusal::WrongLabel { .. } => refusal.into(),
            other => refused(other),
        },
        item => item,
    }
}

/// Reads the DER of a block, and holds its label against it.
fn labelled(bytes: &[u8], label: &str) -> Item {
    let der = match der::extent(bytes) {
        Extent::Whole => bytes,
        Extent::Short => return Refusal::CutShort.into(),
        // OpenSSL's trust settings follow such a certificate.
        Extent::Long(end) if label == "TRUSTED CERTIFICATE" => &bytes[..end],
        Extent::None if label.ends_with("PARAMETERS") => {
            return Refusal::NotAKey(Foreign::Parameters).into();
        }
        Extent::Long(_) | Extent::None => return Refusal::Damaged.into(),
    };
    if label.ends_with("PARAMETERS") {
        return Refusal::NotAKey(Foreign::Parameters).into();
    }
    let item = der::item(der);
    let Item::Public(_, form) = &item else {
        return item;
    };
    let holds = der::label(*form);
    let is_right = label == holds
        || match form {
            PublicForm::Certificate => matches!(label, "X509 CERTIFICATE" | "TRUSTED CERTIFICATE"),
            PublicForm::CertificateRequest => label == "NEW CERTIFICATE REQUEST",
            _ => false,
        };
    if is_right {
        item
    } else {
        let label = label.to_owned();
        Refusal::WrongLabel { label, holds }.into()
    }
}

fn note(decoded: &Decoded, mended: &mut Vec<Mended>) {
    let notes = [
        (decoded.is_escaped, Mended::EscapedLineBreaks),
        (decoded.is_indented, Mended::Indentation),
        (decoded.is_rewrapped, Mended::LineBreaks),
        (decoded.is_padded_wrong, Mended::Padding),
    ];
    mended.extend(
        notes
            .into_iter()
            .filter_map(|(is, note)| is.then_some(note)),
    );
}

/// What is odd about the text around a block.
fn note_surroundings(block: &Block<'_>, text: &[u8], mended: &mut Vec<Mended>) {
    let (before, after) = (&text[..block.span.start], &text[block.span.end..]);
    let is_alone = before.trim_ascii().is_empty() && after.trim_ascii().is_empty();
    mended.extend((!is_alone).then_some(Mended::SurroundingText));
    mended.extend((!block.has_its_dashes).then_some(Mended::Dashes));
    mended.extend(text.contains(&b'\r').then_some(Mended::CarriageReturns));
    mended.extend(after.is_empty().then_some(Mended::NoFinalNewline));
}
