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

/// The text if it's JSON, or else with everything repaired that is unambiguous: line breaks and tabs inside
/// strings, comments, commas, typographic and single quotation marks.
pub fn well_formed(
    mut text: Zeroizing<String>,
    findings: &mut Vec<Finding>,
) -> Result<Zeroizing<String>, Finding> {
    type Step = fn(&str) -> Zeroizing<String>;
    const STEPS: [(Finding, Step); 6] = [
        (Finding::CurlyQuotes, straight_quotes),
        (Finding::SingleQuotes, double_quotes),
        (Finding::RawLineBreaks, escape_line_breaks),
        (Finding::Comments, without_comments),
        (Finding::TrailingCommas, without_trailing_commas),
        (Finding::Commas, single_commas),
    ];
    let Err(error) = serde_json::from_str::<&RawValue>(&text) else {
        return Ok(text);
    };
    let mut found = Vec::new();
    for (finding, step) in STEPS {
        let repaired = step(&text);
        if *repaired != *text {
            found.push(finding);
            text = repaired;
        }
        if serde_json::from_str::<&RawValue>(&text).is_ok() {
            findings.append(&mut found);
            return Ok(text);
        }
    }
    Err(not_json(&error))
}

/// Calls `f` with each character that isn't inside a string, and what follows it; `f` returns how many bytes
/// to drop, or none to keep the character.
fn outside_strings(text: &str, f: impl Fn(&str) -> Option<usize>) -> Zeroizing<String> {
    let mut kept = Zeroizing::new(String::with_capacity(text.len()));
    let (mut inside, mut after_backslash) = (false, false);
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if !inside && let Some(length) = f(rest) {
            rest = rest.get(length..).unwrap_or_default();
            continue;
        }
        inside ^= letter == '"' && !after_backslash;
        after_backslash = inside && letter == '\\' && !after_backslash;
        kept.push(letter);
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    }
    kept
}

fn without_comments(text: &str) -> Zeroizing<String> {
    outside_strings(text, |rest| {
        if rest.starts_with("//") || rest.starts_with('#') {
            return Some(rest.find('\n').unwrap_or(rest.len()));
        }
        let inner = rest.strip_prefix("/*")?;
        Some(inner.find("*/").map_or(rest.len(), |end| end + 4))
    })
}

fn without_trailing_commas(text: &str) -> Zeroizing<String> {
    outside_strings(text, |rest| {
        let next = rest.strip_prefix(',')?.trim_start();
        next.starts_with(['}', ']']).then_some(1)
    })
}

fn straight_quotes(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    plain.extend(text.chars().map(|letter| match letter {
        '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => '"',
        other => other,
    }));
    plain
}

/// Replaces single quotation marks around strings.
fn double_quotes(text: &str) -> Zeroizing<String> {
    // A double quotation mark inside is escaped.
    let mut doubled = Zeroizing::new(String::with_capacity(2 * text.len()));
    let (mut around, mut after_backslash) = (None, false);
    for letter in text.chars() {
        let is_mark = matches!(letter, '"' | '\'') && !after_backslash;
        after_backslash = around.is_some() && letter == '\\' && !after_backslash;
        match around {
            None if is_mark => around = Some(letter),
            Some(mark) if is_mark && mark == letter => around = None,
            Some(_) if is_mark && letter == '"' => {
                doubled.push_str("\\\"");
                continue;
            }
            _ => {
                doubled.push(letter);
                continue;
            }
        }
        doubled.push('"');
    }
    doubled
}

/// Adds commas between members, and drops those that follow another or an opening bracket.
fn single_commas(text: &str) -> Zeroizing<String> {
    let mut kept = Zeroizing::new(String::with_capacity(2 * text.len()));
    let (mut inside, mut after_backslash, mut last) = (false, false, ' ');
    for letter in text.chars() {
        if !inside {
            if letter == ',' && matches!(last, ',' | '{' | '[') {
                continue;
            }
            if letter == '"' && matches!(last, '"' | '}' | ']') {
                kept.push(',');
            }
            if !letter.is_whitespace() {
                last = letter;
            }
        }
        inside ^= letter == '"' && !after_backslash;
        after_backslash = inside && letter == '\\' && !after_backslash;
        kept.push(letter);
    }
    kept
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
