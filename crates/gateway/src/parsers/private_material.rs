//! Detects private key material in a request, so that it can be rejected without decoding.
//!
//! Known forms: PEM of any private kind, PuTTY and OpenSSH files, Windows PVK files and key blobs, DER of PKCS#1,
//! PKCS#8, SEC 1 and encrypted keys, and a JWK with its private members; each of them plain, in hex, in base64 or
//! base64url, or in base64 of base64.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use connectrpc::CodecFormat;
use zeroize::Zeroizing;

/// The shortest run worth decoding: much shorter than any RSA private key, but longer than most words.
const MIN_RUN: usize = 64;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Maximum number of nested encodings.
const DEPTH: u32 = 2;

/// Whether `body`, a request in `format`, contains private key material in a known form.
pub fn is_in(body: &[u8], format: CodecFormat) -> bool {
    if in_bytes(body, DEPTH) {
        return true;
    }
    // JSON can hide text behind escapes, so the decoded strings are checked, too.
    matches!(format, CodecFormat::Json)
        && serde_json::from_slice(body).is_ok_and(|value| in_json(&value))
}

fn in_json(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(text) => in_bytes(text.as_bytes(), DEPTH),
        serde_json::Value::Array(items) => items.iter().any(in_json),
        serde_json::Value::Object(members) => {
            let has = |name: &str| members.get(name).is_some_and(|value| !value.is_null());
            (has("kty") && has("d"))
                || members
                    .iter()
                    .any(|(name, value)| in_bytes(name.as_bytes(), DEPTH) || in_json(value))
        }
        _ => false,
    }
}

fn in_bytes(bytes: &[u8], depth: u32) -> bool {
    in_pem(bytes)
        || contains(bytes, b"PuTTY-User-Key-File-")
        || contains(bytes, b"openssh-key-v1\0")
        || (0..bytes.len()).any(|at| starts_private_der(&bytes[at..]))
        || in_windows_file(bytes)
        || in_jwk(bytes)
        || (depth > 0 && (in_hex(bytes, depth - 1) || in_base64(bytes, depth - 1)))
}

/// Looks into decoded bytes. Only text can contain another encoding.
fn in_decoded(raw: &[u8], depth: u32) -> bool {
    in_bytes(raw, if raw.is_ascii() { depth } else { 0 })
}

/// `BEGIN ... PRIVATE KEY` with a part of the key after it, or `END ... PRIVATE KEY` with one before it, for any
/// kind of key and any number of dashes. A text that only mentions the lines has none.
fn in_pem(bytes: &[u8]) -> bool {
    const LABEL: &[u8] = b"PRIVATE KEY";
    const MAX_KIND: usize = 32;
    // Headers of old formats stand between.
    const MAX_DISTANCE: usize = 300;
    let part = |start: usize, length: usize| &bytes[start..bytes.len().min(start + length)];
    let position = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).position(|w| w == word);
    // The kind of key is in capitals, unlike the words of a sentence.
    let label_end = |after: usize| {
        let label = position(part(after, MAX_KIND), LABEL)?;
        let kind = &bytes[after..after + label];
        let is_kind = !kind
            .iter()
            .any(|byte| byte.is_ascii_lowercase() || *byte == b'-');
        is_kind.then_some(after + label + LABEL.len())
    };
    (0..bytes.len()).any(|at| {
        let rest = &bytes[at..];
        if rest.starts_with(b"BEGIN") {
            label_end(at + 5).is_some_and(|end| {
                let after = part(end, MAX_DISTANCE);
                let next = position(after, b"BEGIN").unwrap_or(after.len());
                has_key_like_word(&after[..next])
            })
        } else {
            // Not at the end of another word, such as APPEND.
            let is_in_word = bytes[..at].last().is_some_and(u8::is_ascii_uppercase);
            rest.starts_with(b"END") && !is_in_word && label_end(at + 3).is_some() && {
                let before = &bytes[at.saturating_sub(MAX_DISTANCE)..at];
                // After the line before, which may be that of a public key.
                let line = |word: &[u8]| before.windows(word.len()).rposition(|w| w == word);
                let start = line(b"END").max(line(b"BEGIN")).unwrap_or(0);
                has_key_like_word(&before[start..])
            }
        }
    })
}

/// Whether there is a long base64 word with uppercase and lowercase letters and a digit or sign. Line breaks,
/// also when escaped, don't end a word.
fn has_key_like_word(mut bytes: &[u8]) -> bool {
    const MIN_LENGTH: usize = 24;
    let (mut length, mut kinds) = (0, [false; 3]);
    loop {
        let kind = match bytes {
            [] => return false,
            [b'\\', b'n' | b'r', tail @ ..] | [b'\n' | b'\r' | b'\\', tail @ ..] => {
                bytes = tail;
                continue;
            }
            [byte, tail @ ..] => {
                bytes = tail;
                match byte {
                    b'A'..=b'Z' => 0,
                    b'a'..=b'z' => 1,
                    b'0'..=b'9' | b'+' | b'/' => 2,
                    _ => {
                        (length, kinds) = (0, [false; 3]);
                        continue;
                    }
                }
            }
        };
        length += 1;
        kinds[kind] = true;
        if length >= MIN_LENGTH && kinds == [true; 3] {
            return true;
        }
    }
}

/// A Windows private key: PVK, or a PRIVATEKEYBLOB with its RSAPUBKEY.
fn in_windows_file(bytes: &[u8]) -> bool {
    const PVK: [u8; 8] = [0x1e, 0xf1, 0xb5, 0xb0, 0, 0, 0, 0];
    contains(bytes, &PVK)
        || bytes
            .windows(12)
            .any(|w| w[..4] == [7, 2, 0, 0] && w[8..12] == *b"RSA2")
}

/// Whether `bytes` start like the DER of a private key: PKCS#1 (RFC 8017, appendix A.1.2), PKCS#8 (RFC 5958), SEC 1
/// (RFC 5915), or an encrypted one (RFC 5958, section 3). The rest may be missing.
fn starts_private_der(bytes: &[u8]) -> bool {
    /// PKCS#5 (RFC 8018) and PKCS#12 (RFC 7292) begin so.
    const PASSWORD_BASED: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5];
    const PKCS12: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 0x0c, 1];
    /// Minimum length of a modulus or a secret, in bytes.
    const LONG: usize = 16;
    let Some((_, content)) = header(bytes, 0x30) else {
        return false;
    };
    let is_long = |bytes: &[u8], tag| header(bytes, tag).is_some_and(|(length, _)| length >= LONG);
    match content {
        [2, 1, 0 | 1, rest @ ..] => {
            // A request for a certificate has a name there instead of an algorithm.
            is_long(rest, 2)
                || (content[2] == 1 && is_long(rest, 4))
                || header(rest, 0x30).is_some_and(|(_, algorithm)| algorithm.starts_with(&[6]))
        }
        _ => header(content, 0x30)
            .and_then(|(_, algorithm)| header(algorithm, 6))
            .is_some_and(|(_, oid)| oid.starts_with(&PASSWORD_BASED) || oid.starts_with(&PKCS12)),
    }
}

/// The length in a DER header, and what follows the header.
fn header(bytes: &[u8], tag: u8) -> Option<(usize, &[u8])> {
    match bytes.strip_prefix(&[tag])? {
        [length @ 0..=0x7f, rest @ ..] => Some((usize::from(*length), rest)),
        [0x81, length, rest @ ..] => Some((usize::from(*length), rest)),
        [0x82, high, low, rest @ ..] => {
            Some((usize::from(u16::from_be_bytes([*high, *low])), rest))
        }
        _ => None,
    }
}

/// The private members of a JWK (RFC 7518, sections 6.2.2 and 6.3.2) in text.
fn in_jwk(bytes: &[u8]) -> bool {
    const PRIVATE: [&[u8]; 6] = [b"d", b"p", b"q", b"dp", b"dq", b"qi"];
    contains(bytes, b"kty") && PRIVATE.iter().any(|name| has_member(bytes, name))
}

/// Whether there is a member of this name, in any quotation marks, with a value in base64url.
fn has_member(bytes: &[u8], name: &[u8]) -> bool {
    // Without quotation marks, a short one may be any word.
    const MIN_QUOTED: usize = 4;
    const MIN_BARE: usize = 16;
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let found = bytes.windows(name.len()).enumerate();
    found.filter(|(_, word)| *word == name).any(|(at, _)| {
        let before = bytes[..at].last();
        let is_apart = !before.is_some_and(is_base64);
        let min = match before {
            Some(b'"' | b'\'') => MIN_QUOTED,
            _ => MIN_BARE,
        };
        let value = is_apart
            .then(|| without_quotes(&bytes[at + name.len()..]))
            .and_then(|rest| rest.strip_prefix(b":"))
            .map(without_quotes);
        value.is_some_and(|value| {
            value.len() >= min && value[..min].iter().all(is_base64) && !value.starts_with(b"null")
        })
    })
}

/// Skips white space and any number of quotation marks, also escaped ones.
fn without_quotes(mut bytes: &[u8]) -> &[u8] {
    const QUOTES: [&[u8]; 4] = [b"\"", b"'", b"\\", b"&quot;"];
    loop {
        let trimmed = bytes.trim_ascii_start();
        match QUOTES.iter().find_map(|quote| trimmed.strip_prefix(*quote)) {
            Some(rest) => bytes = rest,
            None => return trimmed,
        }
    }
}

fn in_hex(bytes: &[u8], depth: u32) -> bool {
    // Between the bytes: 30:82, 0x30, 0x82, \x30\x82.
    let is_between = |rest: &[u8]| match rest {
        [b'0', b'x', ..] | [b'\\', b'x', ..] => 2,
        [b':' | b',', ..] => 1,
        _ => 0,
    };
    runs(bytes, |b| b.is_ascii_hexdigit(), is_between).any(|run| {
        // A hex digit before the key would shift every byte, so both alignments are tried.
        [0, 1].into_iter().any(|skip| {
            let end = skip + ((run.len() - skip) & !1);
            hex::decode(&run[skip..end])
                .map(Zeroizing::new)
                .is_ok_and(|raw| in_decoded(&raw, depth))
        })
    })
}

fn in_base64(bytes: &[u8], depth: u32) -> bool {
    let is_of_kind = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_');
    runs(bytes, is_of_kind, |_| 0).any(|mut run| {
        for byte in run.iter_mut() {
            match *byte {
                b'-' => *byte = b'+',
                b'_' => *byte = b'/',
                _ => {}
            }
        }
        // Text before the key shifts it, so all four alignments are tried.
        (0..4).any(|skip| {
            let aligned = &run[skip.min(run.len())..];
            let whole = &aligned[..aligned.len() - usize::from(aligned.len() % 4 == 1)];
            BASE64
                .decode(whole)
                .map(Zeroizing::new)
                .is_ok_and(|raw| in_decoded(&raw, depth))
        })
    })
}

/// Runs of at least [`MIN_RUN`] bytes of one kind. Whitespace, also when written as `\n`, doesn't end a
/// run, nor does what `is_between` gives a length of. Two dashes do: they end a line of PEM.
fn runs(
    bytes: &[u8],
    is_of_kind: impl Fn(u8) -> bool,
    is_between: impl Fn(&[u8]) -> usize,
) -> impl Iterator<Item = Zeroizing<Vec<u8>>> {
    let mut found = Vec::new();
    let mut run = Zeroizing::new(Vec::new());
    let mut rest = bytes;
    loop {
        match rest {
            [b'\\', b'n' | b'r' | b't', tail @ ..] => rest = tail,
            [byte, tail @ ..] if byte.is_ascii_whitespace() => rest = tail,
            _ if is_between(rest) > 0 => rest = &rest[is_between(rest)..],
            [byte, tail @ ..] if is_of_kind(*byte) && !rest.starts_with(b"--") => {
                run.push(*byte);
                rest = tail;
            }
            _ => {
                if run.len() >= MIN_RUN {
                    found.push(std::mem::replace(&mut run, Zeroizing::new(Vec::new())));
                } else {
                    run.clear();
                }
                match rest {
                    [_, tail @ ..] => rest = tail,
                    [] => return found.into_iter(),
                }
            }
        }
    }
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|w| w == needle)
}

#[cfg(test)]
#[path = "private_material_tests.rs"]
mod tests;
