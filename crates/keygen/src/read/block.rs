//! Reads one PEM block and compares its label with its content.

use super::{
    EncryptedForm, Item, KeyFile, OtherFile, PrivateKind, PublicForm, Refusal, Repair,
    base64::{self, Decoded},
    contains,
    der::{self, Extent},
    pem::Block,
    ssh,
};

/// Reads `block` of `text`, and adds what it repairs to `repairs`.
pub fn read(block: &Block<'_>, text: &[u8], repairs: &mut Vec<Repair>) -> Item {
    let is_private = block.label.contains("PRIVATE KEY");
    if block.label == "AGE ENCRYPTED FILE" {
        return Refusal::Locked("age").into();
    }
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
            Refusal::NotAKey(OtherFile::Pgp).into()
        };
    }
    if is_private && contains(block.body, b"ENCRYPTED") {
        return Item::Other(KeyFile::Encrypted(EncryptedForm::OldPem));
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
    note_surroundings(block, text, repairs);
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
    note_layout(&decoded, repairs);
    if block.label == "OPENSSH PRIVATE KEY" {
        return ssh::private(&decoded.bytes);
    }
    match read_labeled(&decoded.bytes, block.label) {
        Item::Other(KeyFile::Refused(refusal)) if !refusal.is_private() => match refusal {
            Refusal::WrongLabel { .. } => refusal.into(),
            other => refused(other),
        },
        item => item,
    }
}

/// Reads the DER of a block and compares it with the label.
fn read_labeled(bytes: &[u8], label: &str) -> Item {
    let der = match der::extent(bytes) {
        Extent::Whole => bytes,
        Extent::Short => return Refusal::CutShort.into(),
        // OpenSSL's trust settings follow such a certificate.
        Extent::Long(end) if label == "TRUSTED CERTIFICATE" => &bytes[..end],
        Extent::None if label.ends_with("PARAMETERS") => {
            return Refusal::NotAKey(OtherFile::Parameters).into();
        }
        Extent::Long(_) | Extent::None => return Refusal::Damaged.into(),
    };
    if label.ends_with("PARAMETERS") {
        return Refusal::NotAKey(OtherFile::Parameters).into();
    }
    let item = der::item(der);
    let Item::Public(_, form) = &item else {
        return item;
    };
    let expected = der::label(*form);
    let is_right = label == expected
        || match form {
            PublicForm::Certificate => matches!(label, "X509 CERTIFICATE" | "TRUSTED CERTIFICATE"),
            PublicForm::CertificateRequest => label == "NEW CERTIFICATE REQUEST",
            _ => false,
        };
    if is_right {
        item
    } else {
        let label = label.to_owned();
        Refusal::WrongLabel { label, expected }.into()
    }
}

fn note_layout(decoded: &Decoded, repairs: &mut Vec<Repair>) {
    let found = [
        (decoded.has_url_alphabet, Repair::UrlAlphabet),
        (decoded.is_escaped, Repair::EscapedLineBreaks),
        (decoded.is_indented, Repair::Indentation),
        (decoded.is_rewrapped, Repair::LineBreaks),
        (decoded.has_wrong_padding, Repair::Padding),
    ];
    repairs.extend(
        found
            .into_iter()
            .filter_map(|(is_found, repair)| is_found.then_some(repair)),
    );
}

fn note_surroundings(block: &Block<'_>, text: &[u8], repairs: &mut Vec<Repair>) {
    let (before, after) = (&text[..block.span.start], &text[block.span.end..]);
    let is_alone = before.trim_ascii().is_empty() && after.trim_ascii().is_empty();
    repairs.extend((!is_alone).then_some(Repair::SurroundingText));
    repairs.extend((!block.has_standard_dashes).then_some(Repair::Dashes));
    repairs.extend(text.contains(&b'\r').then_some(Repair::CarriageReturns));
    repairs.extend(after.is_empty().then_some(Repair::NoFinalNewline));
}
