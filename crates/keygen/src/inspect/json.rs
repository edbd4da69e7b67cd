//! Reads JSON without copies: values are slices of the text, and strings are unescaped into buffers
//! that overwrite themselves. Duplicate names are kept, unlike in serde's maps.

use core::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::{Finding, Kind};

/// The names and values of an object, in the order of the file.
pub struct Object<'a>(pub Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Object(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// The text if it's JSON, or else with the line breaks and tabs inside strings escaped.
pub fn well_formed(
    text: Zeroizing<String>,
    findings: &mut Vec<Finding>,
) -> Result<Zeroizing<String>, Finding> {
    let Err(error) = serde_json::from_str::<&RawValue>(&text) else {
        return Ok(text);
    };
    let escaped = escape_line_breaks(&text);
    if serde_json::from_str::<&RawValue>(&escaped).is_ok() {
        findings.push(Finding::RawLineBreaks);
        return Ok(escaped);
    }
    Err(not_json(&error))
}

/// Only the position: serde's message may quote the file.
fn not_json(error: &serde_json::Error) -> Finding {
    Finding::NotJson {
        line: error.line(),
        column: error.column(),
        cut: error.is_eof(),
    }
}

fn escape_line_breaks(text: &str) -> Zeroizing<String> {
    let mut escaped = Zeroizing::new(String::with_capacity(2 * text.len()));
    let (mut inside, mut after_backslash) = (false, false);
    for letter in text.chars() {
        inside ^= letter == '"' && !after_backslash;
        after_backslash = letter == '\\' && !after_backslash;
        match letter {
            '\n' if inside => escaped.push_str("\\n"),
            '\r' if inside => escaped.push_str("\\r"),
            '\t' if inside => escaped.push_str("\\t"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Reads `text`, an object.
pub fn object(text: &str) -> Result<Object<'_>, Finding> {
    let value: &RawValue = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    match kind(value) {
        Kind::Object => entries(value),
        kind => Err(Finding::NotAnObject { kind }),
    }
}

/// Reads a value that is an object.
pub fn entries(value: &RawValue) -> Result<Object<'_>, Finding> {
    serde_json::from_str(value.get()).map_err(|error| not_json(&error))
}

/// The kind of a value.
pub fn kind(value: &RawValue) -> Kind {
    match value.get().as_bytes().first() {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::Array,
        Some(b'"') => Kind::String,
        Some(b't' | b'f') => Kind::Bool,
        Some(b'n') => Kind::Null,
        _ => Kind::Number,
    }
}

/// Reads a string (RFC 8259 section 7). Halves of surrogate pairs become U+FFFD.
pub fn string(value: &RawValue) -> Result<Zeroizing<String>, Kind> {
    let kind = kind(value);
    let quoted = value.get().trim();
    let inner = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .ok_or(kind)?;
    // Unescaping never makes a text longer.
    let mut text = Zeroizing::new(String::with_capacity(inner.len()));
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        text.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        rest = unescape(rest, &mut text);
    }
    text.push_str(rest);
    Ok(text)
}

/// Appends the character of the escape at the start of `rest` to `text`; returns what follows.
fn unescape<'a>(rest: &'a str, text: &mut String) -> &'a str {
    let mut letters = rest.chars();
    let letter = match letters.next() {
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('u') => return unescape_unicode(rest, text),
        Some(other) => other,
        None => return "",
    };
    text.push(letter);
    letters.as_str()
}

fn unescape_unicode<'a>(rest: &'a str, text: &mut String) -> &'a str {
    let unit = |text: &str| {
        let digits = text.strip_prefix('u')?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(rest) else {
        return rest;
    };
    let rest = rest.get(5..).unwrap_or_default();
    let after = rest.strip_prefix('\\').unwrap_or_default();
    if let Some(second) = unit(after) {
        let mut pair = char::decode_utf16([first, second]);
        if let (Some(Ok(letter)), None) = (pair.next(), pair.next()) {
            text.push(letter);
            return after.get(5..).unwrap_or_default();
        }
    }
    let letter = char::from_u32(first.into()).unwrap_or(char::REPLACEMENT_CHARACTER);
    text.push(letter);
    rest
}
