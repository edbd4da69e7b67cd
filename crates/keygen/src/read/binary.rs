//! Recognizes UTF-16, and files that are neither text nor DER, by their first bytes.

use super::{OtherFile, PrivateKind, Refusal};

/// First bytes of file formats.
const SIGNATURES: [(&[u8], OtherFile); 14] = [
    (b"\x89PNG", OtherFile::Picture),
    (b"\xff\xd8\xff", OtherFile::Picture),
    (b"GIF8", OtherFile::Picture),
    (b"%PDF-", OtherFile::Pdf),
    (b"PK\x03\x04", OtherFile::Archive),
    (b"PK\x05\x06", OtherFile::Archive),
    (b"\x1f\x8b", OtherFile::Archive),
    (b"BZh", OtherFile::Archive),
    (b"\xfd7zXZ", OtherFile::Archive),
    (b"\x28\xb5\x2f\xfd", OtherFile::Archive),
    (b"7z\xbc\xaf", OtherFile::Archive),
    (b"\x7fELF", OtherFile::Program),
    (b"MZ\x90", OtherFile::Program),
    (b"\0asm", OtherFile::Program),
];

/// First bytes of Java keystores, with a part of their version.
pub const KEYSTORES: [&[u8]; 2] = [b"\xfe\xed\xfe\xed\0\0\0", b"\xce\xce\xce\xce\0\0\0"];

/// Why a file that is neither text nor DER is refused; none if it may be one of them.
pub fn refusal(bytes: &[u8]) -> Option<Refusal> {
    if bytes.trim_ascii().is_empty() || bytes.trim_ascii() == b"\xef\xbb\xbf" {
        return Some(Refusal::Empty);
    }
    if KEYSTORES.iter().any(|magic| bytes.starts_with(magic)) {
        return Some(Refusal::Private(PrivateKind::Keystore));
    }
    if let Some((_, what)) = SIGNATURES
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

/// Whether there is a byte order mark, or every other byte at the start is zero.
fn is_utf16(bytes: &[u8]) -> bool {
    const EXAMINED_BYTES: usize = 64;
    const MIN_PAIRS: usize = 4;
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return true;
    }
    let pairs: Vec<_> = bytes.chunks_exact(2).take(EXAMINED_BYTES / 2).collect();
    let zeros = |at: usize| pairs.iter().filter(|pair| pair[at] == 0).count();
    let many = pairs.len() * 3 / 4;
    pairs.len() >= MIN_PAIRS
        && ((zeros(0) == 0 && zeros(1) >= many) || (zeros(1) == 0 && zeros(0) >= many))
}
