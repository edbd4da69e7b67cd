//! Reads a text: finds every key in it, and judges them together.

use super::{
    EncryptedForm, Foreign, Given, Item, MOST_KEYS, Mended, PrivateKind, Refusal, base64, block,
    contains,
    der::{self, Extent},
    json::{self, Json},
    pem, ssh,
};

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
        items.push(block::read(block, text, &mut mended));
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
    let has = |word: &[u8]| contains(text, word);
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
            count < MOST_KEYS
                && items.all(|other| matches!(other, Item::Public(other, _) if other == *key))
        }
        Item::Other(_) => items.next().is_none(),
    };
    if are_one {
        first
    } else {
        Refusal::SeveralKeys { count }.into()
    }
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
