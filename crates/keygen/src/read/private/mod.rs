//! Searches a whole file for private key material.
//!
//! Known formats: PEM of any private key, PuTTY, OpenSSH and OpenPGP files, JWKs, keystores, Windows PVK files and
//! key blobs, .NET's XML, numbers as openssl prints them, DER of PKCS#1, PKCS#8, SEC 1, DSA and encrypted keys. They
//! are found in plain, behind JSON escapes, in base64 or base64url, in hex, and as arrays and dumps of bytes. False
//! positives are possible.

mod listing;
pub mod members;

use base64ct::{Base64Unpadded, Encoding};
use zeroize::Zeroizing;

use super::{
    binary::{self, KEYSTORES},
    contains,
};

/// Minimum length of base64 or hex that is decoded, in characters: the header of a private key
/// fits.
const MIN_RUN_LENGTH: usize = 20;
/// Maximum number of nested encodings.
const DEPTH: u32 = 2;

/// Whether private key material in a known format is anywhere in `bytes`.
pub fn is_in(bytes: &[u8]) -> bool {
    if in_view(bytes, DEPTH) {
        return true;
    }
    // UTF-16, maybe of only a part of the file.
    if bytes.contains(&0) {
        let mut without_zeros = Zeroizing::new(Vec::with_capacity(bytes.len()));
        without_zeros.extend(bytes.iter().filter(|byte| **byte != 0));
        if in_view(&without_zeros, DEPTH) {
            return true;
        }
    }
    // JSON inside JSON is escaped twice.
    let Some(once) = unescaped(bytes) else {
        return false;
    };
    in_view(&once, DEPTH) || unescaped(&once).is_some_and(|twice| in_view(&twice, DEPTH))
}

fn in_view(bytes: &[u8], depth: u32) -> bool {
    has_text_marker(bytes)
        || members::are_in(bytes)
        || starts_pgp_secret(bytes)
        || KEYSTORES.iter().any(|magic| contains(bytes, magic))
        || binary::has_windows_key(bytes)
        || (0..bytes.len()).any(|at| starts_private_der(&bytes[at..]))
        || (depth > 0 && (in_base64(bytes, depth - 1) || in_hex(bytes, depth - 1)))
        || (depth > 0 && listing::any(bytes, |raw| in_decoded(raw, depth - 1)))
}

/// Looks into decoded bytes. Only text can contain another encoding, which may be in UTF-16.
fn in_decoded(raw: &[u8], depth: u32) -> bool {
    let depth_of = |bytes: &[u8]| if bytes.is_ascii() { depth } else { 0 };
    if in_view(raw, depth_of(raw)) {
        return true;
    }
    if !raw.contains(&0) {
        return false;
    }
    let mut without_zeros = Zeroizing::new(Vec::with_capacity(raw.len()));
    without_zeros.extend(raw.iter().filter(|byte| **byte != 0));
    in_view(&without_zeros, depth_of(&without_zeros))
}

/// Whether a secret-key packet of OpenPGP (RFC 9580, section 5.5.3) is at the start, or after a PEM block.
fn starts_pgp_secret(bytes: &[u8]) -> bool {
    let is_packet = |bytes: &[u8]| {
        let body = match bytes {
            [0x94, _, body @ ..] | [0x95, _, _, body @ ..] | [0xc5, 0..=191, body @ ..] => body,
            [0xc5, 192..=223, _, body @ ..] => body,
            _ => return false,
        };
        // The version, the time, and the algorithm.
        matches!(
            body,
            [4 | 6, _, _, _, _, 1..=3 | 16..=19 | 22 | 25..=28, ..]
        )
    };
    is_packet(bytes) || positions(bytes, b"-----\n").any(|at| is_packet(&bytes[at + 6..]))
}

/// Whether words name a private key, with anything between their letters and in any case. Text that only
/// mentions private keys has no key material near the label.
fn has_text_marker(bytes: &[u8]) -> bool {
    let mut words = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let mut places = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        if byte.is_ascii_alphanumeric() {
            words.push(byte.to_ascii_uppercase());
            places.push(at);
        }
    }
    let has_label = positions(&words, PRIVATE_KEY).any(|at| {
        let end = at + PRIVATE_KEY.len();
        is_printed(&words[end..])
            || match word_before_label(&bytes[..places[at]], &words[..at], &places[..at]) {
                Some(true) => has_key_after(&bytes[places[end - 1] + 1..]),
                Some(false) => has_key_before(&bytes[..places[at]]),
                None => false,
            }
    });
    has_label
        || contains(&words, b"PUTTYUSERKEYFILE")
        || contains(&words, b"OPENSSHKEYV1")
        || contains(&words, b"PRIVATEEXPONENT")
}

const PRIVATE_KEY: &[u8] = b"PRIVATEKEY";

/// Whether BEGIN (true) or END (false) stands before a label, with at most a kind of key between them. If the
/// kind is unknown, it must be a line with dashes.
fn word_before_label(before: &[u8], words: &[u8], places: &[usize]) -> Option<bool> {
    const KINDS: [&[u8]; 8] = [
        b"RSA",
        b"EC",
        b"DSA",
        b"OPENSSH",
        b"ENCRYPTED",
        b"ANY",
        b"SSH2",
        b"PGP",
    ];
    /// In letters and digits.
    const MAX_KIND: usize = 32;
    let is_known = |mut kind: &[u8]| {
        while let Some(rest) = KINDS.iter().find_map(|known| kind.strip_suffix(*known)) {
            kind = rest;
        }
        kind.is_empty()
    };
    let nearest = |word: &[u8]| {
        let start = words.len().saturating_sub(word.len() + MAX_KIND);
        let found = positions(&words[start..], word).map(|at| start + at);
        let is_line = |at: &usize| {
            let kind = &words[at + word.len()..];
            let (outside, line) = before.split_at(places[*at]);
            // At the end of another word, such as BACKEND.
            if word == b"END" && outside.last().is_some_and(u8::is_ascii_alphanumeric) {
                return false;
            }
            is_known(kind)
                || (!contains(kind, b"KEY")
                    && outside.ends_with(b"--")
                    && !line.contains(&b'\n')
                    && !contains(line, b"--"))
        };
        found.filter(is_line).last()
    };
    match (nearest(b"BEGIN"), nearest(b"END")) {
        (None, None) => None,
        (begin, end) => Some(begin > end),
    }
}

/// Whether openssl printed a key: "Private-Key: (4096 bit, 2 primes)" and its numbers.
fn is_printed(words: &[u8]) -> bool {
    let digits = words
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let rest = words[digits..].strip_prefix(b"BIT").filter(|_| digits > 0);
    rest.is_some_and(|rest| {
        let rest = rest.strip_prefix(b"2PRIMES").unwrap_or(rest);
        rest.starts_with(b"MODULUS") || rest.starts_with(b"PRIV")
    })
}

/// How far a key may be from its label, in bytes: headers of old formats stand between.
const MAX_DISTANCE: usize = 300;

/// Whether a part of a key follows a BEGIN line, before the next one.
fn has_key_after(after: &[u8]) -> bool {
    let after = &after[..after.len().min(MAX_DISTANCE)];
    let end = positions(after, b"BEGIN").next().unwrap_or(after.len());
    has_key_like_word(&after[..end])
}

/// Whether a part of a key precedes an END line, after the one before.
fn has_key_before(before: &[u8]) -> bool {
    let before = &before[before.len().saturating_sub(MAX_DISTANCE)..];
    // The label's own END is the last one.
    let ends: Vec<_> = positions(before, b"END").collect();
    let start = ends.iter().rev().nth(1).map_or(0, |at| *at);
    has_key_like_word(&before[start..])
}

/// Whether there is a long base64 word with uppercase and lowercase letters and a digit or sign, or an even
/// longer one in one case.
pub fn has_key_like_word(bytes: &[u8]) -> bool {
    const MIN_LENGTH: usize = 24;
    const MIN_LENGTH_OF_ONE_CASE: usize = 48;
    let (mut length, mut kinds) = (0, [false; 3]);
    // Characters without width don't end a word, nor do the zero bytes of UTF-16.
    for byte in bytes.iter().filter(|byte| byte.is_ascii() && **byte != 0) {
        let kind = match byte {
            b'A'..=b'Z' => 0,
            b'a'..=b'z' => 1,
            b'0'..=b'9' | b'+' | b'/' | b'_' => 2,
            _ => {
                (length, kinds) = (0, [false; 3]);
                continue;
            }
        };
        length += 1;
        kinds[kind] = true;
        let has_cases = kinds[0] && kinds[1];
        let min_length = if has_cases {
            MIN_LENGTH
        } else {
            MIN_LENGTH_OF_ONE_CASE
        };
        if length >= min_length && kinds[2] {
            return true;
        }
    }
    false
}

/// Whether `bytes` start like the DER of a private key, encrypted or not. The rest may be missing.
fn starts_private_der(bytes: &[u8]) -> bool {
    /// Minimum length of a secret or a modulus, in bytes.
    const LONG: usize = 16;
    let Some((_, content)) = header(bytes, 0x30) else {
        return false;
    };
    match content {
        // PKCS#1 or DSA: a version and a modulus.
        [2, 1, 0 | 1, number @ ..] if header(number, 2).is_some_and(|(len, _)| len >= LONG) => true,
        // SEC 1 (RFC 5915): a version and a secret.
        [2, 1, 1, secret @ ..]
            if header(secret, 4).is_some_and(|(len, _)| (LONG..=72).contains(&len)) =>
        {
            true
        }
        // PKCS#8: a version, an algorithm and a secret.
        [2, 1, 0 | 1, algorithm @ ..] => header(algorithm, 0x30).is_some_and(|(len, inner)| {
            inner.first() == Some(&6) && inner.get(len).is_none_or(|tag| *tag == 4)
        }),
        // Encrypted PKCS#8: an algorithm of PKCS#5 or PKCS#12. PKCS#12 files contain it further in.
        _ => {
            header(content, 0x30).is_some_and(|(_, inner)| is_password_based(inner))
                || is_password_based(content)
        }
    }
}

/// Whether `oid` starts with an OID of PKCS#5 (RFC 8018) or PKCS#12 encryption (RFC 7292).
fn is_password_based(oid: &[u8]) -> bool {
    let known = oid.strip_prefix(&[6, 9]).or(oid.strip_prefix(&[6, 10]));
    known
        .and_then(|oid| oid.strip_prefix(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1]))
        .is_some_and(|scheme| scheme.starts_with(&[5]) || scheme.starts_with(&[0x0c, 1]))
}

/// The length in a DER header, and the bytes after the header.
fn header(bytes: &[u8], tag: u8) -> Option<(usize, &[u8])> {
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0usize, |sum, byte| (sum << 8) | usize::from(*byte))
    };
    match bytes.strip_prefix(&[tag])? {
        [length @ 0..0x80, rest @ ..] => Some((usize::from(*length), rest)),
        // BER with indefinite length, as some programs write PKCS#12.
        [0x80, rest @ ..] => Some((0, rest)),
        [0x81, length, rest @ ..] => Some((usize::from(*length), rest)),
        [0x82, rest @ ..] => Some((number(rest.get(..2)?), rest.get(2..)?)),
        [0x83, rest @ ..] => Some((number(rest.get(..3)?), rest.get(3..)?)),
        _ => None,
    }
}

fn in_base64(bytes: &[u8], depth: u32) -> bool {
    let value = |byte: u8| match byte {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        b'+' | b'/' => Some(byte),
        _ => byte.is_ascii_alphanumeric().then_some(byte),
    };
    any_run(bytes, value, |run| {
        // Text right before it shifts the base64: try all four alignments.
        (0..4).any(|skip| {
            let aligned = &run[skip..];
            let whole = &aligned[..aligned.len() & !3];
            let text = core::str::from_utf8(whole).unwrap_or("");
            let Ok(raw) = Base64Unpadded::decode_vec(text).map(Zeroizing::new) else {
                return false;
            };
            in_decoded(&raw, depth)
        })
    })
}

fn in_hex(bytes: &[u8], depth: u32) -> bool {
    let value = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    any_run(bytes, value, |run| {
        // A digit right before it shifts every byte: try both alignments.
        (0..2).any(|skip| {
            let pairs = run[skip..].chunks_exact(2);
            let mut raw = Zeroizing::new(Vec::with_capacity(run.len() / 2));
            raw.extend(pairs.map(|pair| (pair[0] << 4) | pair[1]));
            in_decoded(&raw, depth)
        })
    })
}

/// Whether `is_private` returns true for a run of bytes that have a value; whitespace and colons
/// don't end a run. The buffer never grows: that would leave copies in memory.
fn any_run(
    bytes: &[u8],
    value: impl Fn(u8) -> Option<u8>,
    mut is_private: impl FnMut(&[u8]) -> bool,
) -> bool {
    let mut run = Zeroizing::new(Vec::with_capacity(bytes.len()));
    for (at, byte) in bytes.iter().enumerate() {
        // Dashes in a row end a BEGIN or END line.
        let is_line =
            *byte == b'-' && (bytes.get(at + 1) == Some(&b'-') || at > 0 && bytes[at - 1] == b'-');
        if let Some(value) = value(*byte).filter(|_| !is_line) {
            run.push(value);
        } else if !byte.is_ascii_whitespace() && *byte != b':' {
            if run.len() >= MIN_RUN_LENGTH && is_private(&run) {
                return true;
            }
            run.clear();
        }
    }
    run.len() >= MIN_RUN_LENGTH && is_private(&run)
}

/// The bytes with JSON escapes (RFC 8259 section 7) resolved; none if there are no escapes.
fn unescaped(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if !bytes.contains(&b'\\') {
        return None;
    }
    let mut plain = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        let (byte, after) = match (first, tail) {
            (b'\\', [b'n', after @ ..]) => (b'\n', after),
            (b'\\', [b'r', after @ ..]) => (b'\r', after),
            (b'\\', [b't', after @ ..]) => (b'\t', after),
            // Other characters are never part of a key.
            (b'\\', [b'u', b'0', b'0', high, low, after @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or(0);
                let code = (digit(high) << 4) | digit(low);
                (u8::try_from(code).unwrap_or(b'?'), after)
            }
            (b'\\', [other, after @ ..]) => (*other, after),
            _ => (*first, tail),
        };
        plain.push(byte);
        rest = after;
    }
    Some(plain)
}

/// Where the part is found.
fn positions<'a>(bytes: &'a [u8], part: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    bytes
        .windows(part.len())
        .enumerate()
        .filter_map(move |(at, window)| (window == part).then_some(at))
}
