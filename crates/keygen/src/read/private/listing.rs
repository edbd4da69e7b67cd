//! Bytes written as numbers: arrays of programs, hexadecimal dumps.

use zeroize::Zeroizing;

/// The header of a private key fits.
const MIN_BYTES: usize = 20;

/// Whether `is_private` returns true for the bytes of an array or a dump. The buffers never grow: that would
/// leave copies in memory.
pub fn any(bytes: &[u8], mut is_private: impl FnMut(&[u8]) -> bool) -> bool {
    let mut enough = |bytes: &[u8]| bytes.len() >= MIN_BYTES && is_private(bytes);
    any_array(bytes, prefixed, &mut enough)
        || any_array(bytes, decimal, &mut enough)
        || any_dump(bytes, &mut enough)
}

/// A number at the start, and the number of characters that it takes.
type Number = fn(&[u8]) -> Option<(u8, usize)>;

/// `0x30` or `\x30`.
fn prefixed(bytes: &[u8]) -> Option<(u8, usize)> {
    let [b'0' | b'\\', b'x' | b'X', high, low, ..] = bytes else {
        return None;
    };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let value = (digit(high)? << 4) | digit(low)?;
    Some((u8::try_from(value).ok()?, 4))
}

/// `48`.
fn decimal(bytes: &[u8]) -> Option<(u8, usize)> {
    // A longer number isn't a byte.
    let start = &bytes[..bytes.len().min(4)];
    let length = start
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let digits = core::str::from_utf8(&bytes[..length]).ok()?;
    Some((digits.parse().ok()?, length))
}

fn any_array(bytes: &[u8], number: Number, enough: &mut impl FnMut(&[u8]) -> bool) -> bool {
    let mut run = Zeroizing::new(Vec::with_capacity(bytes.len() / 2));
    let (mut at, mut is_separate) = (0, true);
    while at < bytes.len() {
        let rest = &bytes[at..];
        match number(rest).filter(|_| is_separate || rest[0] == b'\\') {
            Some((value, length)) => {
                run.push(value);
                at += length;
                is_separate = false;
            }
            None => {
                let byte = rest[0];
                at += 1;
                is_separate = byte.is_ascii_whitespace()
                    || matches!(byte, b',' | b';' | b'{' | b'[' | b'(' | b'"' | b'\'' | b'+');
                if !is_separate {
                    if enough(&run) {
                        return true;
                    }
                    run.clear();
                }
            }
        }
    }
    enough(&run)
}

/// A dump as by xxd, hexdump or od: in each line an offset, bytes in hexadecimal, and perhaps their text.
fn any_dump(bytes: &[u8], enough: &mut impl FnMut(&[u8]) -> bool) -> bool {
    let mut run = Zeroizing::new(Vec::with_capacity(bytes.len() / 2));
    for line in bytes.split(|byte| *byte == b'\n') {
        if let Some(hex) = without_offset(line) {
            let digits = hex.iter().filter_map(|byte| char::from(*byte).to_digit(16));
            let mut high = None;
            for digit in digits {
                match high.take() {
                    None => high = Some(digit << 4),
                    Some(high) => run.push(u8::try_from(high | digit).unwrap_or(0)),
                }
            }
        } else {
            if enough(&run) {
                return true;
            }
            run.clear();
        }
    }
    enough(&run)
}

/// The hexadecimal digits and spaces between the offset and the text of a line.
fn without_offset(line: &[u8]) -> Option<&[u8]> {
    /// Digits of an offset.
    const OFFSET: core::ops::RangeInclusive<usize> = 4..=16;
    let line = line.trim_ascii();
    let digits = line
        .iter()
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    let rest = &line[digits..];
    let rest = rest.strip_prefix(b":").unwrap_or(rest);
    if !OFFSET.contains(&digits) || !rest.starts_with(b" ") {
        return None;
    }
    let rest = rest.trim_ascii_start();
    let end = match rest.iter().position(|byte| *byte == b'|') {
        Some(end) => end,
        // Two spaces separate the text.
        None => rest
            .windows(2)
            .position(|pair| pair == b"  ")
            .unwrap_or(rest.len()),
    };
    let hex = &rest[..end];
    let is_hex = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b' ';
    (!hex.is_empty() && hex.iter().all(is_hex)).then_some(hex)
}
