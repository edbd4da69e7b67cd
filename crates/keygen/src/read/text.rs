//! Reads a text: finds all keys in it, and combines them to one result.

use zeroize::Zeroizing;

use super::{
    EncryptedForm, Item, KeyFile, MAX_KEYS, OtherFile, PrivateKind, Refusal, Repair, base64, block,
    contains,
    der::{self, Extent},
    json::{self, Json, Strings},
    pem, private, ssh,
};
use crate::PublicKey;

/// Maximum nesting of JSON in JSON.
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
            return read_strings(&strings, repairs, depth - 1);
        }
        _ => {}
    }
    if let Some(file) = by_marker(text) {
        return file;
    }
    let (mut blocks, stray_end) = pem::blocks(text, MAX_KEYS);
    // A text may mention a BEGIN line, or have a placeholder between two lines.
    let is_key = |block: &pem::Block<'_>| {
        private::has_key_like_word(block.body) || block.end.is_some() && !is_placeholder(block.body)
    };
    if blocks.iter().any(is_key) {
        blocks.retain(is_key);
    }
    let lines = ssh::lines(text, MAX_KEYS);
    if blocks.is_empty() && lines.is_empty() {
        return if stray_end {
            KeyFile::Refused(Refusal::CutShort)
        } else {
            read_without_markers(text, repairs)
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

/// Whether this stands for a key: "...", "(removed)".
fn is_placeholder(body: &[u8]) -> bool {
    /// In characters of base64. Every key is longer, and its lines rarely shorter.
    const LONGEST: usize = 32;
    let is_base64 = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    body.iter().filter(is_base64).count() <= LONGEST
}

/// Reads the strings of a JSON text: all together, because each may be a line of a key, or else one by one.
fn read_strings(strings: &Strings, repairs: Vec<Repair>, depth: u32) -> KeyFile {
    match read_layer(strings.joined.as_bytes(), repairs.clone(), depth) {
        KeyFile::Refused(Refusal::SeveralKeys { count, .. }) => {
            let has_key = |(_, text): &&(String, Zeroizing<String>)| {
                !pem::blocks(text.as_bytes(), 1).0.is_empty()
                    || !ssh::lines(text.as_bytes(), 1).is_empty()
            };
            let names = strings.each.iter().filter(has_key);
            let names = names.map(|(path, _)| path.clone()).take(MAX_KEYS).collect();
            KeyFile::Refused(Refusal::SeveralKeys { count, names })
        }
        KeyFile::Refused(Refusal::NotAKey(OtherFile::Text) | Refusal::Empty) => {
            // One may be base64 of DER, without BEGIN and END lines.
            let each = strings.each.iter().filter(|(_, text)| is_bare_key(text));
            let items = each.map(|(_, text)| read_bare(text.as_bytes())).collect();
            match combine(items) {
                Item::Other(KeyFile::Refused(Refusal::NotAKey(_))) => {
                    KeyFile::Refused(json::without_key())
                }
                item => item.into_key_file([&*repairs, &[Repair::NoMarkers]].concat()),
            }
        }
        other => other,
    }
}

fn is_bare_key(text: &str) -> bool {
    starts_like_a_key(text.as_bytes()) && base64::decode(text.as_bytes()).is_ok()
}

fn read_bare(text: &[u8]) -> Item {
    match base64::decode(text) {
        Ok(decoded) => der::item(&decoded.bytes),
        Err(refusal) => refusal.into(),
    }
}

/// How files start that are encrypted as a whole, and the program that decrypts them.
const LOCKED: [(&[u8], &str); 8] = [
    (b"$ANSIBLE_VAULT;", "Ansible Vault"),
    (b"age-encryption.org/", "age"),
    (b"\0GITCRYPT\0", "git-crypt"),
    (b"-----BEGIN PGP MESSAGE-----", "GnuPG"),
    (b"-----BEGIN CMS-----", "CMS"),
    (b"Salted__", "openssl enc"),
    // The same in base64, as transcrypt writes it, too.
    (b"U2FsdGVkX1", "openssl enc"),
    (b"-FVE-FS-", "BitLocker"),
];

/// What encrypted values have in them, and the program that decrypts them.
const LOCKED_INSIDE: [(&[u8], &str); 3] = [
    (b"ENC[AES256_GCM,", "SOPS"),
    (b"kind: SealedSecret", "Sealed Secrets"),
    (b"ENC[PKCS7,", "eyaml"),
];

/// Recognizes files that aren't PEM by the words in them.
fn by_marker(text: &[u8]) -> Option<KeyFile> {
    let has = |marker: &[u8]| contains(text, marker);
    let start = text.trim_ascii_start();
    let locked = LOCKED.iter().find(|(magic, _)| start.starts_with(magic));
    let locked = locked.or(LOCKED_INSIDE.iter().find(|(magic, _)| has(magic)));
    if let Some((_, program)) = locked {
        return Some(KeyFile::Refused(Refusal::Locked(program)));
    }
    if text.starts_with(b"version https://git-lfs.github.com/spec/") {
        return Some(KeyFile::Refused(Refusal::LfsPointer));
    }
    if has(b"PuTTY-User-Key-File-") {
        return Some(if has(b"Encryption: aes") {
            KeyFile::Encrypted(EncryptedForm::Putty)
        } else {
            KeyFile::Refused(Refusal::Private(PrivateKind::Putty))
        });
    }
    if has(b"<RSAKeyValue") || has(b"<RSAParameters") {
        return Some(KeyFile::Refused(if private::members::are_in(text) {
            Refusal::Private(PrivateKind::Printed)
        } else {
            Refusal::NotAKey(OtherFile::Xml)
        }));
    }
    None
}

/// Combines the items of one file.
pub fn combine(mut items: Vec<Item>) -> Item {
    let is_private = items.iter().filter(|item| item.is_private()).count();
    if is_private > 1 {
        return the_only_private_key(items)
            .unwrap_or_else(|| Refusal::Private(PrivateKind::Several).into());
    }
    if is_private == 0 && items.len() > 1 {
        // Curve parameters are written before a key of that curve, and PGP's armour around a signed text.
        items.retain(|item| {
            !matches!(
                item,
                Item::Other(KeyFile::Refused(Refusal::NotAKey(
                    OtherFile::Parameters | OtherFile::Pgp
                )))
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
        Item::OpenSshPrivate(_) | Item::Other(_) => items.next().is_none(),
    };
    if are_one {
        first
    } else {
        let names = Vec::new();
        Refusal::SeveralKeys { count, names }.into()
    }
}

/// The private key of a file with several forms of it, as Terraform's state has them; none if there is another
/// one, or one that can't be compared.
fn the_only_private_key(items: Vec<Item>) -> Option<Item> {
    let mut only: Option<Item> = None;
    let mut openssh = Vec::new();
    for item in items.into_iter().filter(Item::is_private) {
        match (&item, &only) {
            (
                Item::Other(KeyFile::Private(key, _)),
                Some(Item::Other(KeyFile::Private(first, _))),
            ) => {
                if key.public_key() != first.public_key() {
                    return None;
                }
            }
            (Item::Other(KeyFile::Private(..)), _) => only = Some(item),
            (Item::OpenSshPrivate(public), _) => openssh.push(public.clone()),
            _ => return None,
        }
    }
    let Some(Item::Other(KeyFile::Private(key, _))) = &only else {
        return None;
    };
    let is_same = |public: &PublicKey| public == key.public_key();
    openssh.iter().all(is_same).then_some(only).flatten()
}

/// Reads a text without BEGIN and END lines: base64 alone, or no key.
fn read_without_markers(text: &[u8], mut repairs: Vec<Repair>) -> KeyFile {
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
        ssh::private(bytes)
    } else if ssh::is_wire(bytes) {
        ssh::wire(bytes)
    } else {
        match der::extent(bytes) {
            Extent::Whole => der::item(bytes),
            _ if !starts_like_a_key(text) => return no_key(),
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
