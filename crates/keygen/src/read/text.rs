//! Reads a text: finds all keys in it, and combines them to one result.

use super::{
    EncryptedForm, Item, KeyFile, MAX_KEYS, OtherFile, PrivateKind, Refusal, Repair, base64, block,
    contains,
    der::{self, Extent},
    json::{self, Json},
    pem, ssh,
};

/// Maximum nesting of JSON in JSON and text in base64.
const DEPTH: u32 = 2;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads `bytes` as text.
pub fn read(bytes: &[u8]) -> KeyFile {
    read_layer(bytes, Vec::new(), DEPTH)
}

fn read_layer(bytes: &[u8], mut repairs: Vec<Repair>, depth: u32) -> KeyFile {
    let text = match bytes.strip_prefix(BYTE_ORDER_MARK) {
        Some(text) => {
            repairs.push(Repair::ByteOrderMark);
            text
        }
        None => bytes,
    };
    match json::read(text) {
        Some(Json::Item(item)) => return item.into_key_file(repairs),
        Some(Json::Strings(strings)) if depth > 0 => {
            repairs.push(Repair::Json);
            return match read_layer(strings.as_bytes(), repairs, depth - 1) {
                KeyFile::Refused(Refusal::NotAKey(OtherFile::Text) | Refusal::Empty) => {
                    KeyFile::Refused(json::without_key())
                }
                other => other,
            };
        }
        _ => {}
    }
    if let Some(file) = by_marker(text) {
        return file;
    }
    let (blocks, stray_end) = pem::blocks(text, MAX_KEYS);
    let lines = ssh::lines(text, MAX_KEYS);
    if blocks.is_empty() && lines.is_empty() {
        return if stray_end {
            KeyFile::Refused(Refusal::CutShort)
        } else {
            read_without_markers(text, repairs, depth)
        };
    }
    let mut items = Vec::new();
    for block in &blocks {
        items.push(block::read(block, text, &mut repairs));
    }
    for line in lines {
        if !text[..line.start].trim_ascii().is_empty() {
            repairs.push(Repair::SurroundingText);
        }
        repairs.extend(line.repair);
        repairs.extend(text.contains(&b'\r').then_some(Repair::CarriageReturns));
        items.push(line.item);
    }
    combine(items).into_key_file(repairs)
}

/// Recognizes files that aren't PEM by the words in them.
fn by_marker(text: &[u8]) -> Option<KeyFile> {
    let has = |marker: &[u8]| contains(text, marker);
    if has(b"PuTTY-User-Key-File-") {
        return Some(if has(b"Encryption: aes") {
            KeyFile::Encrypted(EncryptedForm::Putty)
        } else {
            KeyFile::Refused(Refusal::Private(PrivateKind::Putty))
        });
    }
    if has(b"<RSAKeyValue") {
        return Some(KeyFile::Refused(if has(b"<D>") {
            Refusal::Private(PrivateKind::Printed)
        } else {
            Refusal::NotAKey(OtherFile::Xml)
        }));
    }
    None
}

/// Combines the items of one file.
fn combine(mut items: Vec<Item>) -> Item {
    let is_private = items.iter().filter(|item| item.is_private()).count();
    if is_private > 1 {
        return Refusal::Private(PrivateKind::Several).into();
    }
    if is_private == 0 && items.len() > 1 {
        // Curve parameters are written before a key of that curve.
        items.retain(|item| {
            !matches!(
                item,
                Item::Other(KeyFile::Refused(Refusal::NotAKey(OtherFile::Parameters)))
            )
        });
    }
    let count = items.len();
    let mut items = items.into_iter();
    if is_private == 1 {
        // The file may also contain its certificate or public key.
        return items
            .find(Item::is_private)
            .unwrap_or_else(|| Refusal::Damaged.into());
    }
    let Some(first) = items.next() else {
        return Refusal::NotAKey(OtherFile::Parameters).into();
    };
    // The same key may appear twice: `openssl x509 -pubkey` writes it before its certificate.
    let are_one = match &first {
        Item::Public(key, _) => {
            count < MAX_KEYS
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

/// Reads a text without BEGIN and END lines: base64 alone, or no key.
fn read_without_markers(text: &[u8], mut repairs: Vec<Repair>, depth: u32) -> KeyFile {
    let no_key = || KeyFile::Refused(Refusal::NotAKey(kind(text)));
    let decoded = match base64::decode(text) {
        Ok(decoded) => decoded,
        Err(Refusal::CutShort) if starts_like_a_key(text) => {
            return KeyFile::Refused(Refusal::CutShort);
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
            _ if !starts_like_a_key(text) => {
                return if depth > 0 && kind(bytes) == OtherFile::Text {
                    repairs.push(Repair::EncodedTwice);
                    read_layer(bytes, repairs, depth - 1)
                } else {
                    no_key()
                };
            }
            Extent::Short => Refusal::CutShort.into(),
            Extent::Long(_) | Extent::None => Refusal::Damaged.into(),
        }
    };
    repairs.push(Repair::NoMarkers);
    item.into_key_file(repairs)
}

/// Whether base64 starts with the header of a long SEQUENCE.
fn starts_like_a_key(text: &[u8]) -> bool {
    text.trim_ascii().starts_with(b"MII")
}

/// The type of a file without a key.
fn kind(bytes: &[u8]) -> OtherFile {
    let is_binary = |c: char| c.is_control() && !c.is_whitespace();
    match core::str::from_utf8(bytes) {
        Ok(text) if !text.contains(is_binary) => OtherFile::Text,
        _ => OtherFile::Binary,
    }
}
