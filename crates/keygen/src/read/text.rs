//! Reads a text: finds every key in it, and judges them together.

use super::{
    EncryptedForm, Foreign, Given, Item, Mended, PrivateKind, PublicForm, Refusal,
    base64::{self, Decoded},
    der::{self, Extent},
    json::{self, Json},
    pem::{self, Block},
    ssh,
};

/// Keys of one file that are looked at; it cannot be used if it has more than one.
const MOST_KEYS: usize = 8;
/// JSON within JSON, base64 of a text: how deep.
const DEPTH: u32 = 2;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads `bytes` as text.
pub fn read(bytes: &[u8]) -> Given {
    within(bytes, Vec::new(), DEPTH)
}

fn within(bytes: &[u8], mut mended: Vec<Mended>, depth: u32) -> Given {
    let text = match bytes.strip_prefix(BYTE_ORDER_MARK) {
        Some(text) => {
            mended.push(Mended::ByteOrderMark);
            text
        }
        None => bytes,
    };
    match json::read(text) {
        Some(Json::Item(item)) => return item.into_given(mended),
        Some(Json::Strings(strings)) if depth > 0 => {
            mended.push(Mended::Json);
            return match within(strings.as_bytes(), mended, depth - 1) {
                Given::Refused(Refusal::NotAKey(Foreign::Text) | Refusal::Empty) => {
                    Given::Refused(json::without_key())
                }
                other => other,
            };
        }
        _ => {}
    }
    if let Some(given) = by_words(text) {
        return given;
    }
    let (blocks, stray_end) = pem::blocks(text, MOST_KEYS);
    let lines = ssh::lines(text, MOST_KEYS);
    if blocks.is_empty() && lines.is_empty() {
        return if stray_end {
            Given::Refused(Refusal::CutShort)
        } else {
            without_armour(text, mended, depth)
        };
    }
    let mut items = Vec::new();
    for block in &blocks {
        items.push(read_block(block, text, &mut mended));
    }
    for line in lines {
        if !text[..line.start].trim_ascii().is_empty() {
            mended.push(Mended::SurroundingText);
        }
        mended.extend(line.mended);
        mended.extend(text.contains(&b'\r').then_some(Mended::CarriageReturns));
        items.push(line.item);
    }
    judge(items).into_given(mended)
}

/// Files that their words tell, and that are no PEM.
fn by_words(text: &[u8]) -> Option<Given> {
    let has = |word: &[u8]| text.windows(word.len()).any(|window| window == word);
    if has(b"PuTTY-User-Key-File-") {
        return Some(if has(b"Encryption: aes") {
            Given::Encrypted(EncryptedForm::Putty)
        } else {
            Given::Refused(Refusal::Private(PrivateKind::Putty))
        });
    }
    if has(b"<RSAKeyValue") {
        return Some(Given::Refused(if has(b"<D>") {
            Refusal::Private(PrivateKind::Printed)
        } else {
            Refusal::NotAKey(Foreign::Xml)
        }));
    }
    None
}

/// What several keys of one file amount to.
fn judge(mut items: Vec<Item>) -> Item {
    let is_private = items.iter().filter(|item| item.is_private()).count();
    if is_private > 1 {
        return Refusal::Private(PrivateKind::Several).into();
    }
    if is_private == 0 && items.len() > 1 {
        // Curve parameters stand before a key of that curve.
        items.retain(|item| {
            !matches!(
                item,
                Item::Other(Given::Refused(Refusal::NotAKey(Foreign::Parameters)))
            )
        });
    }
    let count = items.len();
    let mut items = items.into_iter();
    if is_private == 1 {
        // A certificate or the public half may stand beside it.
        return items
            .find(Item::is_private)
            .unwrap_or_else(|| Refusal::Damaged.into());
    }
    let Some(first) = items.next() else {
        return Refusal::NotAKey(Foreign::Parameters).into();
    };
    // The same key twice is one: `openssl x509 -pubkey` writes it before its certificate.
    let are_one = match &first {
        Item::Public(key, _) => {
            items.all(|other| matches!(other, Item::Public(other, _) if other == *key))
        }
        Item::Other(_) => items.next().is_none(),
    };
    if are_one {
        first
    } else {
        Refusal::SeveralKeys { count }.into()
    }
}

fn read_block(block: &Block<'_>, text: &[u8], mended: &mut Vec<Mended>) -> Item {
    let is_private = block.label.contains("PRIVATE KEY");
    let refused = |refusal| {
        if is_private {
            Refusal::Private(PrivateKind::Damaged).into()
        } else {
            Item::refused(refusal)
        }
    };
    if block.label.starts_with("PGP") {
        return if is_private {
            Refusal::Private(PrivateKind::Pgp).into()
        } else {
            Refusal::NotAKey(Foreign::Pgp).into()
        };
    }
    if is_private && block.body.windows(9).any(|word| word == b"ENCRYPTED") {
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
    let around = note_surroundings(block, text, mended);
    if block.label == "SSH2 PUBLIC KEY" {
        mended.extend(around);
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
    mended.extend(around);
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
    ];
    mended.extend(
        notes
            .into_iter()
            .filter_map(|(is, note)| is.then_some(note)),
    );
}

/// What is odd about the text around a block.
fn note_surroundings(block: &Block<'_>, text: &[u8], mended: &mut Vec<Mended>) -> Option<Mended> {
    let (before, after) = (&text[..block.span.start], &text[block.span.end..]);
    let is_alone = before.trim_ascii().is_empty() && after.trim_ascii().is_empty();
    mended.extend((!is_alone).then_some(Mended::SurroundingText));
    mended.extend((!block.has_its_dashes).then_some(Mended::Dashes));
    mended.extend(text.contains(&b'\r').then_some(Mended::CarriageReturns));
    (after.is_empty()).then_some(Mended::NoFinalNewline)
}

/// A text in which nothing says where a key begins: base64 alone, or no key.
fn without_armour(text: &[u8], mut mended: Vec<Mended>, depth: u32) -> Given {
    let no_key = || Given::Refused(Refusal::NotAKey(kind(text)));
    let decoded = match base64::decode(text) {
        Ok(decoded) => decoded,
        Err(Refusal::CutShort) if begins_like_a_key(text) => {
            return Given::Refused(Refusal::CutShort);
        }
        Err(_) => return no_key(),
    };
    let bytes = &decoded.bytes;
    let item = if bytes.starts_with(b"openssh-key-v1\0") {
        Item::Other(ssh::private(bytes))
    } else if ssh::is_wire(bytes) {
        ssh::wire(bytes)
    } else {
        match der::extent(bytes) {
            Extent::Whole => der::item(bytes),
            _ if !begins_like_a_key(text) => {
                return if depth > 0 && kind(bytes) == Foreign::Text {
                    mended.push(Mended::EncodedTwice);
                    within(bytes, mended, depth - 1)
                } else {
                    no_key()
                };
            }
            Extent::Short => Refusal::CutShort.into(),
            Extent::Long(_) | Extent::None => Refusal::Damaged.into(),
        }
    };
    mended.push(Mended::NoArmour);
    item.into_given(mended)
}

/// Whether base64 begins with the header of a long SEQUENCE.
fn begins_like_a_key(text: &[u8]) -> bool {
    text.trim_ascii().starts_with(b"MII")
}

/// Whether bytes without a key are text.
fn kind(bytes: &[u8]) -> Foreign {
    let is_odd = |c: char| c.is_control() && !c.is_whitespace();
    match core::str::from_utf8(bytes) {
        Ok(text) if !text.contains(is_odd) => Foreign::Text,
        _ => Foreign::Binary,
    }
}
