//! OpenSSH keys: the wire format (RFC 4253 section 6.6) and the texts that contain it.

use base64ct::{Base64Unpadded, Encoding};

use super::{
    Algorithm, EncryptedForm, Item, KeyFile, PrivateKind, PublicForm, Refusal, Repair, numbers,
};

/// How the names of key types start, and their algorithms; none for RSA.
const TYPES: [(&[u8], Option<Algorithm>); 8] = [
    (b"ssh-rsa-cert-", Some(Algorithm::SshCertificate)),
    (b"ssh-rsa", None),
    (b"ssh-dss", Some(Algorithm::Dsa)),
    (b"ssh-ed25519", Some(Algorithm::Edwards)),
    (b"ssh-ed448", Some(Algorithm::Edwards)),
    (b"ecdsa-sha2-", Some(Algorithm::Ec)),
    (b"sk-ssh-", Some(Algorithm::SecurityKey)),
    (b"sk-ecdsa-", Some(Algorithm::SecurityKey)),
];

/// How the base64 of every wire format starts: the type's name is short.
const PREFIX: &[u8] = b"AAAA";

/// A key in a text.
pub struct Line {
    /// The key, or why it isn't usable.
    pub item: Item,
    /// The position of its type's name in the text.
    pub start: usize,
    /// Set if line breaks were removed from its base64.
    pub repair: Option<Repair>,
}

/// The first `max` keys of `text` that are written as a type's name and base64.
pub fn lines(text: &[u8], max: usize) -> Vec<Line> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() && found.len() < max {
        let rest = &text[at..];
        let known = TYPES.iter().find(|(name, _)| rest.starts_with(name));
        let at_word = at == 0 || !text[at - 1].is_ascii_alphanumeric() && text[at - 1] != b'-';
        let (Some((_, other)), true) = (known, at_word) else {
            at += 1;
            continue;
        };
        let name = rest
            .iter()
            .take_while(|byte| byte.is_ascii_graphic())
            .count();
        let blanks = rest[name..].len() - rest[name..].trim_ascii_start().len();
        let body = &rest[name + blanks..];
        let start = at;
        at += name;
        if !body.starts_with(PREFIX) {
            continue;
        }
        let (item, repair) = match other {
            Some(algorithm) => (Refusal::Algorithm(*algorithm).into(), None),
            None => unfolded(body),
        };
        found.push(Line {
            item,
            start,
            repair,
        });
    }
    found
}

/// Reads base64 that may be broken into several lines. The lengths in the wire format separate it
/// from a comment that follows.
fn unfolded(body: &[u8]) -> (Item, Option<Repair>) {
    let mut characters = Vec::with_capacity(body.len());
    let mut ends_of_line = Vec::new();
    for byte in body {
        match byte {
            b'+' | b'/' => characters.push(*byte),
            _ if byte.is_ascii_alphanumeric() => characters.push(*byte),
            _ if byte.is_ascii_whitespace() => ends_of_line.push(characters.len()),
            _ => break,
        }
    }
    let usable = characters.len() - usize::from(characters.len() % 4 == 1);
    let whole = |len: usize| {
        let text = core::str::from_utf8(&characters[..len]).ok()?;
        Base64Unpadded::decode_vec(text).ok()
    };
    // If a comment makes the end invalid base64, only whole groups are decoded.
    let Some(bytes) = whole(usable).or_else(|| whole(usable & !3)) else {
        return (Refusal::Damaged.into(), None);
    };
    let Some((_, rest)) = rsa_fields(&bytes) else {
        return (wire(&bytes), None);
    };
    let length = bytes.len() - rest.len();
    let used = (length * 4).div_ceil(3);
    let is_folded = ends_of_line.iter().any(|end| *end < used);
    (
        wire(&bytes[..length]),
        is_folded.then_some(Repair::LineBreaks),
    )
}

/// Reads the wire format of a public key.
pub fn wire(bytes: &[u8]) -> Item {
    wire_as(bytes, PublicForm::OpenSsh)
}

/// Reads the body of an SSH2 file (RFC 4716): headers, then base64.
pub fn ssh2(body: &[u8]) -> Option<Vec<u8>> {
    let mut characters = Vec::with_capacity(body.len());
    let mut is_header = false;
    for line in body.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let line = line.trim_ascii();
        // A backslash at the end of the line continues a header.
        let continues = line.ends_with(b"\\");
        if is_header || line.contains(&b':') {
            is_header = continues;
            continue;
        }
        characters.extend(line.iter().filter(|byte| !matches!(byte, b' ' | b'=')));
    }
    Base64Unpadded::decode_vec(core::str::from_utf8(&characters).ok()?).ok()
}

/// Reads the wire format of a public key from a file of format `form`.
pub fn wire_as(bytes: &[u8], form: PublicForm) -> Item {
    let Some((name, _)) = field(bytes) else {
        return Refusal::CutShort.into();
    };
    let known = TYPES.iter().find(|(known, _)| name.starts_with(known));
    match known {
        Some((_, None)) => match rsa_fields(bytes) {
            Some(([e, n], [])) => match numbers::public(n, e) {
                Ok(key) => Item::Public(key, form),
                Err(refusal) => refusal.into(),
            },
            Some(_) => Refusal::Damaged.into(),
            None => Refusal::CutShort.into(),
        },
        Some((_, Some(algorithm))) => Refusal::Algorithm(*algorithm).into(),
        None => Refusal::Damaged.into(),
    }
}

/// Whether `bytes` start like the wire format.
pub fn is_wire(bytes: &[u8]) -> bool {
    field(bytes).is_some_and(|(name, _)| TYPES.iter().any(|(known, _)| name.starts_with(known)))
}

/// Exponent and modulus, and the bytes after them.
fn rsa_fields(bytes: &[u8]) -> Option<([&[u8]; 2], &[u8])> {
    let (_, rest) = field(bytes)?;
    let (e, rest) = field(rest)?;
    let (n, rest) = field(rest)?;
    // The numbers are signed.
    let is_positive = |number: &[u8]| number.first().is_some_and(|first| first & 0x80 == 0);
    (is_positive(e) && is_positive(n)).then_some(([e, n], rest))
}

fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// Recognizes the private key in an OpenSSH file (OpenSSH's PROTOCOL.key).
pub fn private(bytes: &[u8]) -> Item {
    let cipher = bytes.strip_prefix(b"openssh-key-v1\0").and_then(field);
    let Some((cipher, rest)) = cipher else {
        return Refusal::Private(PrivateKind::Damaged).into();
    };
    if cipher != b"none" {
        return Item::Other(KeyFile::Encrypted(EncryptedForm::OpenSsh));
    }
    // Derivation, its options, the number of keys, the first public key.
    let public = field(rest)
        .and_then(|(_, rest)| field(rest))
        .and_then(|(_, rest)| rest.get(4..))
        .and_then(field)
        .map(|(public, _)| public)
        .unwrap_or_default();
    if let Item::Public(key, _) = wire(public) {
        return Item::OpenSshPrivate(key);
    }
    let name = field(public).map(|(name, _)| name);
    let known = name.and_then(|name| TYPES.iter().find(|(known, _)| name.starts_with(known)));
    let kind = match known {
        Some((_, Some(algorithm))) => PrivateKind::Algorithm(*algorithm),
        _ => PrivateKind::OpenSsh,
    };
    Refusal::Private(kind).into()
}
