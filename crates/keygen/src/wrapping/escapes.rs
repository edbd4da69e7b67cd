//! Escapes: JSON within JSON, quoted-printable, XML and HTML, percent-encoding, string syntax of programs.

use serde_json::Value;
use zeroize::{Zeroize, Zeroizing};

use super::buffer;

/// A string in JSON that is itself a text of several lines or JSON.
pub fn from_json_string(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = bytes.trim_ascii();
    if !matches!(text.first(), Some(b'"' | b'{' | b'[')) {
        return None;
    }
    let mut value: Value = serde_json::from_slice(text).ok()?;
    let mut plain = buffer(bytes.len());
    let is_found = inner_text(&value).is_some_and(|text| {
        plain.extend(text.as_bytes());
        true
    });
    wipe(&mut value);
    is_found.then_some(plain)
}

/// The whole value if it's a string, or else the first string that is a JSON object.
fn inner_text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(items) => items.iter().find_map(inner_object),
        Value::Object(members) => members.values().find_map(inner_object),
        _ => None,
    }
}

fn inner_object(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => text.trim_start().starts_with('{').then_some(text),
        other => inner_text(other),
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
        [b'=', b'\r', b'\n', ..] => Some((With::Nothing, 3)),
        [b'=', b'\n', ..] => Some((With::Nothing, 2)),
        [b'=', high, low, ..] => Some((With::Byte(byte_of(*high, *low)?), 3)),
        _ => None,
    })
}

/// Decodes percent-encoding (RFC 3986 section 2.1).
pub fn from_percent_encoding(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    replaced(bytes, |rest| match rest {
        [b'%', high, low, ..] => Some((With::Byte(byte_of(*high, *low)?), 3)),
        _ => None,
    })
}

/// Decodes character references of XML and HTML, and line breaks of HTML.
pub fn from_entities(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    const NAMED: [(&[u8], char); 10] = [
        (b"&amp;", '&'),
        (b"&lt;", '<'),
        (b"&gt;", '>'),
        (b"&quot;", '"'),
        (b"&apos;", '\''),
        (b"&nbsp;", ' '),
        (b"&NewLine;", '\n'),
        (b"<br>", '\n'),
        (b"<br/>", '\n'),
        (b"<br />", '\n'),
    ];
    /// "&#1114111;"
    const LONGEST: usize = 10;
    replaced(bytes, |rest| {
        if let Some((name, letter)) = NAMED.iter().find(|(name, _)| rest.starts_with(name)) {
            return Some((With::Letter(*letter), name.len()));
        }
        let number = rest.strip_prefix(b"&#")?;
        let end = number.iter().take(LONGEST).position(|byte| *byte == b';')?;
        let digits = core::str::from_utf8(&number[..end]).ok()?;
        let code = match digits.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => digits.parse().ok()?,
        };
        Some((With::Letter(char::from_u32(code)?), 2 + end + 1))
    })
}

/// Undoes the syntax of strings in PowerShell (a backquote and n), and of lines that are strings of their own
/// in any language, maybe joined by an operator.
pub fn from_string_syntax(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let powershell = replaced(bytes, |rest| match rest {
        [b'`', b'n', ..] => Some((With::Byte(b'\n'), 2)),
        [b'`', b'r', ..] => Some((With::Nothing, 2)),
        [b'`', b't', ..] => Some((With::Byte(b'\t'), 2)),
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
enum With {
    Nothing,
    Byte(u8),
    Letter(char),
}

/// The bytes with each escape replaced that `replace` recognizes at the start of the rest; it also returns the
/// escape's length. None if there is no escape.
fn replaced(
    bytes: &[u8],
    replace: impl Fn(&[u8]) -> Option<(With, usize)>,
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
            With::Nothing => {}
            With::Byte(byte) => plain.push(byte),
            With::Letter(letter) => plain.extend(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    is_any.then_some(plain)
}
