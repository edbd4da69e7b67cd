//! Recognizes files that are neither text nor DER, by their first bytes.

use super::{Item, OtherFile, PrivateKind, PublicForm, Refusal, numbers};

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

/// First bytes of a PVK file (Windows).
pub const PVK_MAGIC: [u8; 4] = [0x1e, 0xf1, 0xb5, 0xb0];

/// The version in the header of a key blob of Windows' CryptoAPI (BLOBHEADER), and two reserved bytes.
const BLOB_VERSION: [u8; 3] = [2, 0, 0];

/// Reads a key blob of Windows' CryptoAPI (BLOBHEADER and RSAPUBKEY, then the modulus, all little-endian); none
/// if it isn't one.
pub fn csp_blob(bytes: &[u8]) -> Option<Item> {
    let (kind, rest) = bytes.split_first()?;
    let rest = rest.strip_prefix(&BLOB_VERSION)?;
    // The algorithm's number comes before the magic number of RSAPUBKEY.
    let (magic, rest) = rest.get(4..)?.split_first_chunk::<4>()?;
    match (kind, magic) {
        (6, b"RSA1") => {}
        (7, b"RSA2") => return Some(Refusal::Private(PrivateKind::CspBlob).into()),
        _ => return None,
    }
    let (bits, rest) = rest.split_first_chunk::<4>()?;
    let (exponent, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*bits)).ok()?.div_ceil(8);
    let Some(modulus) = rest.get(..length) else {
        return Some(Refusal::CutShort.into());
    };
    let big_endian = |number: &[u8]| number.iter().rev().copied().collect::<Vec<_>>();
    Some(
        match numbers::public(&big_endian(modulus), &big_endian(exponent)) {
            Ok(key) => Item::Public(key, PublicForm::CspBlob),
            Err(refusal) => refusal.into(),
        },
    )
}

/// Whether there is a private key of Windows anywhere: a PVK file, a PRIVATEKEYBLOB, or a blob of CNG.
pub fn has_windows_key(bytes: &[u8]) -> bool {
    let is_private = |rest: &[u8]| match rest {
        [7, 2, 0, 0, _, _, _, _, magic @ ..] => magic.starts_with(b"RSA2"),
        // A reserved number follows, which is zero.
        [0x1e, 0xf1, 0xb5, 0xb0, reserved @ ..] => reserved.starts_with(&[0; 4]),
        [b'R', b'S', b'A', b'2' | b'3', rest @ ..] => is_cng_header(rest),
        _ => false,
    };
    (0..bytes.len()).any(|at| is_private(&bytes[at..]))
}

/// Whether this is the rest of a BCRYPT_RSAKEY_BLOB (Windows' CNG) of a private key, after its magic number: its
/// bits, and the lengths of the exponent, the modulus and the primes.
fn is_cng_header(rest: &[u8]) -> bool {
    let number = |at: usize| {
        let bytes = rest.get(4 * at..)?.first_chunk::<4>()?;
        Some(u32::from_le_bytes(*bytes))
    };
    let (Some(bits), Some(exponent), Some(modulus)) = (number(0), number(1), number(2)) else {
        return false;
    };
    (512..=16_384).contains(&bits) && (1..=8).contains(&exponent) && modulus == bits.div_ceil(8)
}

/// First bytes of Java keystores, with a part of their version.
pub const KEYSTORES: [&[u8]; 2] = [b"\xfe\xed\xfe\xed\0\0\0", b"\xce\xce\xce\xce\0\0\0"];

/// Why a file that is neither text nor DER is refused; none if it may be one of them.
pub fn refusal(bytes: &[u8]) -> Option<Refusal> {
    if bytes.trim_ascii().is_empty() || bytes.trim_ascii() == b"\xef\xbb\xbf" {
        return Some(Refusal::Empty);
    }
    if bytes.iter().all(|byte| *byte == 0) {
        return Some(Refusal::OnlyZeros);
    }
    if PVK_MAGIC == bytes.get(..4).unwrap_or_default() {
        return Some(Refusal::Private(PrivateKind::Pvk));
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
    None
}
