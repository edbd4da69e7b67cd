//! UTF-16, UTF-32, and characters that can't be seen.

use zeroize::Zeroizing;

use super::buffer;

/// Decodes UTF-16 or UTF-32 to UTF-8.
pub fn from_wide(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (_, text) = wide(bytes)?;
    let text = text?;
    let mut plain = buffer(text.len());
    plain.extend(text.as_bytes());
    // Control characters mean binary data with zero bytes, not text.
    let is_text = |c: char| !c.is_control() || c.is_whitespace() || c == '\0';
    text.chars().all(is_text).then_some(plain)
}

/// The name of the encoding and the text, if it's UTF-16 or UTF-32; no text if it's damaged. Without a byte
/// order mark, the positions of zero bytes decide, as in Python's `json`.
pub fn wide(bytes: &[u8]) -> Option<(&'static str, Option<Zeroizing<String>>)> {
    let (name, skip, unit, big) = match bytes {
        [0xff, 0xfe, 0, 0, ..] => ("UTF-32", 4, 4, false),
        [0, 0, 0xfe, 0xff, ..] => ("UTF-32", 4, 4, true),
        [0xff, 0xfe, ..] => ("UTF-16", 2, 2, false),
        [0xfe, 0xff, ..] => ("UTF-16", 2, 2, true),
        [0, 0, 0, 1..=255, ..] => ("UTF-32", 0, 4, true),
        [0, 1..=255, _, _, ..] => ("UTF-16", 0, 2, true),
        [1..=255, 0, 0, 0, ..] => ("UTF-32", 0, 4, false),
        [1..=255, 0, _, _, ..] => ("UTF-16", 0, 2, false),
        _ => return None,
    };
    let bytes = bytes.get(skip..).unwrap_or_default();
    Some((name, from_units(bytes, unit, big)))
}

fn from_units(bytes: &[u8], unit: usize, big: bool) -> Option<Zeroizing<String>> {
    if !bytes.len().is_multiple_of(unit) {
        return None;
    }
    let join = |sum: u32, byte: &u8| (sum << 8) | u32::from(*byte);
    let units = bytes.chunks(unit).map(|bytes| {
        if big {
            bytes.iter().fold(0, join)
        } else {
            bytes.iter().rev().fold(0, join)
        }
    });
    // UTF-8 is at most one and a half times as long. A growing buffer would leave copies in memory.
    let mut text = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    if unit == 4 {
        for unit in units {
            text.push(char::from_u32(unit)?);
        }
    } else {
        let units = units.map(|unit| u16::try_from(unit).unwrap_or_default());
        for letter in char::decode_utf16(units) {
            text.push(letter.ok()?);
        }
    }
    Some(text)
}

/// Removes characters without width and the colours of terminals (ECMA-48), and makes unusual spaces plain.
pub fn visible(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = core::str::from_utf8(bytes).ok()?;
    let mut plain = buffer(bytes.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' if letters.as_str().starts_with('[') => {
                // Up to the letter that ends the control sequence.
                letters.next();
                let _ = letters.find(|letter| matches!(letter, '@'..='~'));
            }
            '\u{ad}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => {}
            '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}' => {
                plain.push(b' ');
            }
            '\u{85}' | '\u{2028}' | '\u{2029}' => plain.push(b'\n'),
            other => plain.extend(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Some(plain)
}
