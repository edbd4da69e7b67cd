//! Detects private key material in a request, so that it can be rejected without decoding.
//!
//! Known forms: PEM of any private kind, PuTTY files, Windows PVK files and key blobs, PKCS#1 and PKCS#8 DER
//! (raw, hex, base64 or base64url), a PEM that is itself base64, and a JWK with its private members.

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

/// Whether `body`, a request in `format`, contains private key material in a known form.
pub fn is_in(body: &[u8], format: CodecFormat) -> bool {
    if in_bytes(body, true) {
        return true;
    }
    // JSON can hide text behind escapes, so the decoded strings are checked, too.
    matches!(format, CodecFormat::Json)
        && serde_json::from_slice(body).is_ok_and(|value| in_json(&value))
}

fn in_json(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(text) => in_bytes(text.as_bytes(), true),
        serde_json::Value::Array(items) => items.iter().any(in_json),
        serde_json::Value::Object(members) => {
            let has = |name: &str| members.get(name).is_some_and(|value| !value.is_null());
            (has("kty") && has("d"))
                || members
                    .iter()
                    .any(|(name, value)| in_bytes(name.as_bytes(), true) || in_json(value))
        }
        _ => false,
    }
}

fn in_bytes(bytes: &[u8], decode: bool) -> bool {
    in_pem(bytes)
        || contains(bytes, b"PuTTY-User-Key-File")
        || in_der(bytes)
        || in_windows_file(bytes)
        || in_jwk(bytes)
        || (decode && (in_hex(bytes) || in_base64(bytes)))
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
    let label_end = |after: usize| {
        let label = position(part(after, MAX_KIND), LABEL)?;
        Some(after + label + LABEL.len())
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
            rest.starts_with(b"END")
                && !is_in_word
                && label_end(at + 3).is_some_and(|end| !bytes[at..end].contains(&b'-'))
                && has_key_like_word(&bytes[at.saturating_sub(MAX_DISTANCE)..at])
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

/// A SEQUENCE that starts with version 0 or 1, followed by an RSA modulus (PKCS#1, RFC 8017
/// appendix A.1.2) or an algorithm identifier (PKCS#8, RFC 5958).
fn in_der(bytes: &[u8]) -> bool {
    bytes.windows(9).any(|w| {
        w[0] == 0x30
            && w[1] == 0x82
            && matches!(w[4..7], [0x02, 0x01, 0x00 | 0x01])
            && matches!(w[7..9], [0x02, 0x82] | [0x30, 0x0b..=0x0d])
    })
}

/// The private members of an RSA JWK (RFC 7518, section 6.3.2) in text.
fn in_jwk(bytes: &[u8]) -> bool {
    contains(bytes, b"\"kty\"") && (has_member(bytes, b"\"d\"") || has_member(bytes, b"\"dp\""))
}

/// Whether there is a member of this name whose value isn't null.
fn has_member(bytes: &[u8], name: &[u8]) -> bool {
    let found = bytes.windows(name.len()).enumerate();
    found.filter(|(_, word)| *word == name).any(|(at, _)| {
        let rest = bytes[at + name.len()..].trim_ascii_start();
        let value = rest.strip_prefix(b":").map(<[u8]>::trim_ascii_start);
        value.is_some_and(|value| !value.starts_with(b"null"))
    })
}

fn in_hex(bytes: &[u8]) -> bool {
    runs(bytes, |b| b.is_ascii_hexdigit()).any(|run| {
        // A hex digit before the key would shift every byte, so both alignments are tried.
        [0, 1].into_iter().any(|skip| {
            let end = skip + ((run.len() - skip) & !1);
            hex::decode(&run[skip..end])
                .map(Zeroizing::new)
                .is_ok_and(|raw| in_bytes(&raw, false))
        })
    })
}

fn in_base64(bytes: &[u8]) -> bool {
    runs(bytes, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_')
    })
    .any(|mut run| {
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
                .is_ok_and(|raw| in_bytes(&raw, false))
        })
    })
}

/// Runs of at least [`MIN_RUN`] bytes of one kind. Whitespace, also when written as `\n`, doesn't end a
/// run.
fn runs(bytes: &[u8], is_of_kind: impl Fn(u8) -> bool) -> impl Iterator<Item = Zeroizing<Vec<u8>>> {
    let mut found = Vec::new();
    let mut run = Zeroizing::new(Vec::new());
    let mut rest = bytes;
    loop {
        match rest {
            [b'\\', b'n' | b'r' | b't', tail @ ..] => rest = tail,
            [byte, tail @ ..] if byte.is_ascii_whitespace() => rest = tail,
            [byte, tail @ ..] if is_of_kind(*byte) => {
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
