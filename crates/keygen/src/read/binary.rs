//! Files that are no text and no DER, told by how they begin, and text in UTF-16.

use super::{Foreign, PrivateKind, Refusal};

/// Beginnings, and what has them.
const BEGINNINGS: [(&[u8], Foreign); 14] = [
    (b"\x89PNG", Foreign::Picture),
    (b"\xff\xd8\xff", Foreign::Picture),
    (b"GIF8", Foreign::Picture),
    (b"%PDF-", Foreign::Pdf),
    (b"PK\x03\x04", Foreign::Archive),
    (b"PK\x05\x06", Foreign::Archive),
    (b"\x1f\x8b", Foreign::Archive),
    (b"BZh", Foreign::Archive),
    (b"\xfd7zXZ", Foreign::Archive),
    (b"\x28\xb5\x2f\xfd", Foreign::Archive),
    (b"7z\xbc\xaf", Foreign::Archive),
    (b"\x7fELF", Foreign::Program),
    (b"MZ\x90", Foreign::Program),
    (b"\0asm", Foreign::Program),
];

/// Java's keystores, with the first bytes of their version.
pub const KEYSTORES: [&[u8]; 2] = [b"\xfe\xed\xfe\xed\0\0\0", b"\xce\xce\xce\xce\0\0\0"];

/// Names a file that is neither text nor DER; none if it may be one of them.
pub fn foreign(bytes: &[u8]) -> Option<Refusal> {
    if bytes.trim_ascii().is_empty() || bytes.trim_ascii() == b"\xef\xbb\xbf" {
        return Some(Refusal::Empty);
    }
    if KEYSTORES.iter().any(|magic| bytes.starts_with(magic)) {
        return Some(Refusal::Private(PrivateKind::Keystore));
    }
    if let Some((_, what)) = BEGINNINGS
        .iter()
        .find(|(magic, _)| bytes.starts_with(magic))
    {
        return Some(Refusal::NotAKey(*what));
    }
    if is_utf16(bytes) {
        return Some(Refusal::Utf16);
    }
    None
}

/// With its byte order mark, or because every other byte of its beginning is zero.
fn is_utf16(bytes: &[u8]) -> bool {
    const LOOKED_AT: usize = 64;
    const LEAST_PAIRS: usize = 4;
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return true;
    }
    let pairs: Vec<_> = bytes.chunks_exact(2).take(LOOKED_AT / 2).collect();
    let zeros = |at: usize| pairs.iter().filter(|pair| pair[at] == 0).count();
    let many = pairs.len() * 3 / 4;
    pairs.len() >= LEAST_PAIRS
        && ((zeros(0) == 0 && zeros(1) >= many) || (zeros(1) == 0 && zeros(0) >= many))
}
