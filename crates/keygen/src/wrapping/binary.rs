//! Zero bytes at the end, base64 and hexadecimal digits.

use base64ct::{Base64Unpadded, Encoding};
use zeroize::Zeroizing;

use super::buffer;

/// Minimum length of base64 or hexadecimal digits, in characters. The shortest key is far longer.
const MIN_LENGTH: usize = 100;

/// Removes zero bytes at the end of a text, which a crash of the system leaves.
pub fn without_zeros(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let zeros = bytes.iter().rev().take_while(|byte| **byte == 0).count();
    let text = &bytes[..bytes.len() - zeros];
    if zeros == 0 || text.is_empty() || text.contains(&0) {
        return None;
    }
    let mut plain = buffer(text.len());
    plain.extend(text);
    Some(plain)
}

/// Decodes the first base64 of a text that contains another text: alone, or as a value in YAML or JSON.
pub fn from_base64(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let is_alone = |byte: &u8| is_base64(*byte) || *byte == b'=' || byte.is_ascii_whitespace();
    if bytes.iter().all(is_alone) {
        return decode(bytes).filter(|plain| is_text(plain));
    }
    bytes
        .split(|byte| !is_base64(*byte))
        .filter(|word| word.len() >= MIN_LENGTH)
        .filter_map(decode)
        .find(|plain| is_text(plain))
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Decodes base64 or base64url, with or without line breaks and padding.
fn decode(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut digits = buffer(text.len());
    digits.extend(text.iter().filter_map(|byte| match byte {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        _ if is_base64(*byte) => Some(*byte),
        _ => None,
    }));
    if digits.len() < MIN_LENGTH {
        return None;
    }
    let digits = core::str::from_utf8(&digits).ok()?;
    let mut plain = Zeroizing::new(vec![0; digits.len() / 4 * 3 + 2]);
    let length = Base64Unpadded::decode(digits, &mut plain).ok()?.len();
    plain.truncate(length);
    Some(plain)
}

/// Whether the bytes are a text that may contain a key. The parsers decode base64 of DER themselves.
fn is_text(bytes: &[u8]) -> bool {
    if super::wide(bytes).is_some_and(|(_, text)| text.is_some()) {
        return true;
    }
    core::str::from_utf8(bytes)
        .is_ok_and(|text| text.chars().all(|c| !c.is_control() || c.is_whitespace()))
}

/// Decodes a text of hexadecimal digits, with or without separators.
pub fn from_hex(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut digits = buffer(bytes.len());
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'0' if matches!(tail, [b'x' | b'X', ..]) => rest = &tail[1..],
            b'\\' if matches!(tail, [b'x' | b'X', ..]) => rest = &tail[1..],
            b':' | b',' | b'{' | b'}' | b'[' | b']' | b'"' | b'\'' | b';' => {}
            _ if first.is_ascii_whitespace() => {}
            _ => digits.push(u8::try_from(char::from(*first).to_digit(16)?).ok()?),
        }
    }
    if digits.len() < MIN_LENGTH || !digits.len().is_multiple_of(2) {
        return None;
    }
    let mut plain = buffer(digits.len() / 2);
    plain.extend(digits.chunks_exact(2).map(|pair| (pair[0] << 4) | pair[1]));
    Some(plain)
}
