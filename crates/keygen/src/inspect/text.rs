//! Decodes bytes like Python's `json`, which detects the encoding by a byte order mark or by the
//! positions of zero bytes.

use zeroize::Zeroizing;

use super::{Finding, MAX_CREDENTIALS_BYTES};

/// Decodes the file to text.
pub fn decode(bytes: &[u8], findings: &mut Vec<Finding>) -> Result<Zeroizing<String>, Finding> {
    if bytes.len() > MAX_CREDENTIALS_BYTES {
        return Err(Finding::TooLarge);
    }
    if let Some((name, text)) = wide(bytes) {
        let text = text.ok_or(Finding::NotText)?;
        findings.push(Finding::Encoding { name });
        return checked(text);
    }
    let text = core::str::from_utf8(bytes).map_err(|_| Finding::NotText)?;
    let unmarked = text.strip_prefix('\u{feff}');
    if unmarked.is_some() {
        findings.push(Finding::ByteOrderMark);
    }
    checked(Zeroizing::new(unmarked.unwrap_or(text).to_owned()))
}

fn checked(text: Zeroizing<String>) -> Result<Zeroizing<String>, Finding> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        Err(Finding::Empty)
    } else if trimmed.starts_with("-----BEGIN") {
        Err(Finding::PemFile)
    } else {
        Ok(text)
    }
}

/// The name of the encoding and the text, if it is UTF-16 or UTF-32; no text if it is damaged.
fn wide(bytes: &[u8]) -> Option<(&'static str, Option<Zeroizing<String>>)> {
    let (name, skip, unit, big) = match bytes {
        [0xff, 0xfe, 0, 0, ..] => ("UTF-32", 4, 4, false),
        [0, 0, 0xfe, 0xff, ..] => ("UTF-32", 4, 4, true),
        [0xff, 0xfe, ..] => ("UTF-16", 2, 2, false),
        [0xfe, 0xff, ..] => ("UTF-16", 2, 2, true),
        [0, 0, _, _, ..] => ("UTF-32", 0, 4, true),
        [0, _, _, _, ..] => ("UTF-16", 0, 2, true),
        [_, 0, 0, 0, ..] => ("UTF-32", 0, 4, false),
        [_, 0, _, _, ..] => ("UTF-16", 0, 2, false),
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
