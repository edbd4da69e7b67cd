//! Escapes: JSON within JSON, quoted-printable, XML and HTML, percent-encoding, string syntax of programs.

use serde_json::{Value, value::RawValue};
use zeroize::{Zeroize, Zeroizing};

use super::buffer;
use crate::inspect::{Kind, json};

/// Decodes a JSON string. In an object or array, the first string that holds a JSON object.
pub fn from_json_string(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = core::str::from_utf8(bytes.trim_ascii()).ok()?;
    if !text.starts_with(['"', '{', '[']) {
        return None;
    }
    // Without copies: serde_json doesn't overwrite its own.
    let value: &RawValue = serde_json::from_str(text).ok()?;
    let found = match json::string(value) {
        Ok(text) => text,
        Err(_) => inner_object(value, MAX_DEPTH)?,
    };
    let mut plain = buffer(found.len());
    plain.extend(found.as_bytes());
    Some(plain)
}

/// How deep strings are looked for in objects and arrays.
const MAX_DEPTH: u32 = 16;

/// The first string in an object or array that is a JSON object.
fn inner_object(value: &RawValue, depth: u32) -> Option<Zeroizing<String>> {
    let inner = |value| inner_object(value, depth.checked_sub(1)?);
    match json::kind(value) {
        Kind::String => {
            let text = json::string(value).ok()?;
            text.trim_start().starts_with('{').then_some(text)
        }
        Kind::Array => {
            let items: Vec<&RawValue> = serde_json::from_str(value.get()).ok()?;
            items.into_iter().find_map(inner)
        }
        Kind::Object => {
            let entries = json::entries(value).ok()?.0;
            entries.into_iter().find_map(|(_, value)| inner(value))
        }
        _ => None,
    }
}

/// Overwrites all strings.
pub fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        _ => {}
    }
}

/// Decodes quoted-printable (RFC 2045 section 6.7).
pub fn from_quoted_printable(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    replaced(bytes, |rest| match rest {
        [b'=', b'\r', b'\n', ..] => Some((Replacement::Nothing, 3)),
        [b'=', b'\n', ..] => Some((Replacement::Nothing, 2)),
        [b'=', high, low, ..] => Some((Replacement::Byte(byte_of(*high, *low)?), 3)),
        _ => None,
    })
}

/// Decodes percent-encoding (RFC 3986 section 2.1).
pub fn from_percent_encoding(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    replaced(bytes, |rest| match rest {
        [b'%', high, low, ..] => Some((Replacement::Byte(byte_of(*high, *low)?), 3)),
        _ => None,
    })
}

/// Decodes character references of XML and HTML, and removes tags of HTML. Those of blocks end a line.
pub fn from_entities(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    const NAMED: [(&[u8], char); 7] = [
        (b"&amp;", '&'),
        (b"&lt;", '<'),
        (b"&gt;", '>'),
        (b"&quot;", '"'),
        (b"&apos;", '\''),
        (b"&nbsp;", ' '),
        (b"&NewLine;", '\n'),
    ];
    /// "&#1114111;"
    const LONGEST: usize = 10;
    replaced(bytes, |rest| {
        if let Some((name, letter)) = NAMED.iter().find(|(name, _)| rest.starts_with(name)) {
            return Some((Replacement::Letter(*letter), name.len()));
        }
        if let Some((is_block, length)) = tag(rest) {
            let with = match is_block {
                true => Replacement::Byte(b'\n'),
                false => Replacement::Nothing,
            };
            return Some((with, length));
        }
        let number = rest.strip_prefix(b"&#")?;
        let end = number.iter().take(LONGEST).position(|byte| *byte == b';')?;
        let digits = core::str::from_utf8(&number[..end]).ok()?;
        let code = match digits.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => digits.parse().ok()?,
        };
        Some((Replacement::Letter(char::from_u32(code)?), 2 + end + 1))
    })
}

/// Whether a tag of HTML at the start ends a line, and its length.
fn tag(rest: &[u8]) -> Option<(bool, usize)> {
    const BLOCKS: [&str; 6] = ["br", "div", "p", "li", "tr", "pre"];
    const INLINE: [&str; 9] = ["a", "b", "code", "font", "i", "span", "td", "tt", "wbr"];
    /// With its attributes.
    const LONGEST: usize = 200;
    let inner = rest.strip_prefix(b"<")?;
    let end = inner.iter().take(LONGEST).position(|byte| *byte == b'>')?;
    let inner = core::str::from_utf8(&inner[..end]).ok()?;
    let name = inner.trim_start_matches('/');
    let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    let is_in = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
    let is_block = is_in(&BLOCKS);
    (is_block || is_in(&INLINE)).then_some((is_block, end + 2))
}

/// Removes the doubled quotation marks of a CSV cell (RFC 4180), and the backslashes before those of a string.
pub fn from_quoted_quotes(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let has = |mark: &[u8]| bytes.windows(mark.len()).any(|part| part == mark);
    let is_csv = has(b"\"\"subject-credentials\"\"");
    if !is_csv && !has(b"\\\"subject-credentials\\\"") {
        return None;
    }
    replaced(bytes, |rest| match rest {
        [b'"', b'"', ..] if is_csv => Some((Replacement::Byte(b'"'), 2)),
        [b'\\', escaped @ (b'"' | b'\\'), ..] if !is_csv => Some((Replacement::Byte(*escaped), 2)),
        _ => None,
    })
}

/// Decodes PowerShell's escapes (a backquote and n), or removes the quotes when each line is a string literal,
/// with or without operators between.
pub fn from_string_syntax(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let powershell = replaced(bytes, |rest| match rest {
        [b'`', b'n', ..] => Some((Replacement::Byte(b'\n'), 2)),
        [b'`', b'r', ..] => Some((Replacement::Nothing, 2)),
        [b'`', b't', ..] => Some((Replacement::Byte(b'\t'), 2)),
        _ => None,
    });
    powershell.or_else(|| from_quoted_lines(bytes))
}

fn from_quoted_lines(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    const OPERATORS: [char; 8] = ['+', '.', '&', ',', ';', '(', ')', '\\'];
    let text = core::str::from_utf8(bytes).ok()?;
    let mut plain = buffer(bytes.len() + 1);
    let mut is_any = false;
    for line in text.lines() {
        let bare = line.trim().trim_matches(OPERATORS).trim();
        // Also after an assignment.
        let string = ['"', '\'', '`'].into_iter().find_map(|quote| {
            let start = bare.find(quote)?;
            let inner = bare[start + 1..].strip_suffix(quote)?;
            (!inner.contains(quote)).then_some(inner)
        });
        is_any |= string.is_some();
        let content = string.unwrap_or(line);
        let content = content.strip_suffix("\\n").unwrap_or(content);
        plain.extend(content.as_bytes());
        plain.push(b'\n');
    }
    is_any.then_some(plain)
}

fn byte_of(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from((digit(high)? << 4) | digit(low)?).ok()
}

/// What an escape is replaced with.
enum Replacement {
    Nothing,
    Byte(u8),
    Letter(char),
}

/// The bytes with each escape replaced that `replace` recognizes at the start of the rest; it also returns the
/// escape's length. None if there is no escape.
fn replaced(
    bytes: &[u8],
    replace: impl Fn(&[u8]) -> Option<(Replacement, usize)>,
) -> Option<Zeroizing<Vec<u8>>> {
    // No escape is shorter than its replacement.
    let mut plain = buffer(bytes.len());
    let mut rest = bytes;
    let mut is_any = false;
    while let [first, tail @ ..] = rest {
        let Some((with, length)) = replace(rest) else {
            plain.push(*first);
            rest = tail;
            continue;
        };
        is_any = true;
        rest = &rest[length..];
        match with {
            Replacement::Nothing => {}
            Replacement::Byte(byte) => plain.push(byte),
            Replacement::Letter(letter) => plain.extend(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    is_any.then_some(plain)
}
