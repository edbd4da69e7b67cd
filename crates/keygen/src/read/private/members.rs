//! The private members of JWKs (RFC 7518 sections 6.2.2, 6.3.2, 6.4.1) and of .NET's RSAParameters, in whatever
//! syntax they were copied into: JSON, JavaScript, YAML, CSV, XML.

use super::{contains, positions};

/// How many characters of base64 a value has at least, in a text with the type of the key.
const MIN_VALUE: usize = 16;
/// The same in a text without it. A shorter word may be anything.
const MIN_VALUE_ALONE: usize = 40;

/// Whether there are members that only private keys have. One is enough: the rest may be damaged.
pub fn are_in(bytes: &[u8]) -> bool {
    let has_type = has_word(bytes, b"kty") || has_word(bytes, b"crv");
    let has = |name: &&[u8]| has_member(bytes, name, MIN_VALUE);
    let has_long = |name: &&[u8]| has_member(bytes, name, MIN_VALUE_ALONE);
    let crt: [&[u8]; 3] = [b"dp", b"dq", b"qi"];
    let secrets: [&[u8]; 4] = [b"d", b"k", b"p", b"q"];
    (has_type && secrets.iter().chain(&crt).any(has))
        || crt.iter().any(has_long)
        || (has_word(bytes, b"Modulus") && (NET.iter().any(has) || has_element(bytes)))
}

/// .NET's names.
const NET: [&[u8]; 6] = [b"D", b"P", b"Q", b"DP", b"DQ", b"InverseQ"];

/// Whether the name stands alone with a value after it: at least `min` characters of base64 or base64url.
fn has_member(bytes: &[u8], name: &[u8], min: usize) -> bool {
    positions(bytes, name).any(|at| {
        let is_apart = bytes[..at].last().is_none_or(|byte| !is_in_word(*byte));
        is_apart && {
            let after = without_quotes(&bytes[at + name.len()..]);
            let value = [&b"=>"[..], b":", b"="]
                .into_iter()
                .find_map(|sign| after.strip_prefix(sign));
            value.is_some_and(|value| starts_with_base64(without_quotes(value), min))
        }
    })
}

/// Whether an element of XML has one of .NET's private names, with any prefix and attributes, and a value.
fn has_element(bytes: &[u8]) -> bool {
    /// How long a start tag may be.
    const MAX_TAG: usize = 200;
    positions(bytes, b"<").any(|at| {
        let rest = &bytes[at + 1..bytes.len().min(at + MAX_TAG)];
        let Some(end) = rest.iter().position(|byte| *byte == b'>') else {
            return false;
        };
        let tag = &rest[..end];
        let name = tag
            .split(u8::is_ascii_whitespace)
            .next()
            .and_then(|name| name.rsplit(|byte| *byte == b':').next());
        !tag.ends_with(b"/")
            && name.is_some_and(|name| NET.contains(&name))
            && starts_with_base64(bytes[at + end + 2..].trim_ascii_start(), MIN_VALUE)
    })
}

fn has_word(bytes: &[u8], word: &[u8]) -> bool {
    positions(bytes, word).any(|at| {
        let around = [bytes[..at].last(), bytes.get(at + word.len())];
        !around.into_iter().flatten().any(|byte| is_in_word(*byte))
    }) || contains(bytes, &[word, b"_"].concat())
}

fn is_in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn starts_with_base64(bytes: &[u8], min: usize) -> bool {
    bytes.len() >= min
        && bytes[..min]
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_'))
}

/// Skips white space and any number of quotation marks, straight, typographic or escaped.
fn without_quotes(mut bytes: &[u8]) -> &[u8] {
    const QUOTES: [&[u8]; 11] = [
        b"\"",
        b"'",
        b"`",
        b"\\",
        b"&quot;",
        b"&#34;",
        b"&#39;",
        "\u{201c}".as_bytes(),
        "\u{201d}".as_bytes(),
        "\u{2018}".as_bytes(),
        "\u{2019}".as_bytes(),
    ];
    loop {
        let trimmed = bytes.trim_ascii_start();
        match QUOTES.iter().find_map(|quote| trimmed.strip_prefix(*quote)) {
            Some(rest) => bytes = rest,
            None => return trimmed,
        }
    }
}
