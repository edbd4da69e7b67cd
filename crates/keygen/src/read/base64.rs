//! Decodes base64 with any line breaks and indentation.

use base64ct::{Base64Unpadded, Encoding};
use zeroize::Zeroizing;

use super::Refusal;

/// Length of the lines in PEM, in characters (RFC 7468 section 2).
const COLUMNS: usize = 64;

/// Decoded bytes, and how their text was laid out.
pub struct Decoded {
    /// Overwritten when dropped: they may be a private key.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Line breaks were written as a backslash and a letter.
    pub is_escaped: bool,
    /// Lines were indented.
    pub is_indented: bool,
    /// Lines other than the last didn't have 64 characters.
    pub is_rewrapped: bool,
    /// There were too few or too many `=` at the end.
    pub has_wrong_padding: bool,
    /// It had the characters of base64url (RFC 4648 section 5).
    pub has_url_alphabet: bool,
}

/// Decodes all of `text`, which may contain whitespace, quotes, and the `>` of quoted mail.
///
/// # Errors
/// [`Refusal::Damaged`] for other characters, [`Refusal::CutShort`] when the last byte is
/// incomplete.
pub fn decode(text: &[u8]) -> Result<Decoded, Refusal> {
    let mut characters = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut lines = Lines::default();
    let mut rest = text;
    let mut is_escaped = false;
    let mut padding = 0;
    let mut has_url_alphabet = false;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'\n', _) => lines.end(),
            (b'\\', [b'n' | b'r', after @ ..]) => {
                if tail[0] == b'n' {
                    lines.end();
                }
                is_escaped = true;
                rest = after;
            }
            // JSON escapes quotes and backslashes, and some programs also escape slashes.
            (b'\\', [b'/' | b'"' | b'\\', ..]) => {}
            (b'\\', [b't', after @ ..]) => rest = after,
            (b' ' | b'\t', _) => lines.blank(),
            (b'\r' | b'"' | b'\'' | b',' | b'>', _) => {}
            // Spaces copied from web pages: U+00A0, U+200B, U+FEFF.
            (0xc2, [0xa0, after @ ..])
            | (0xe2, [0x80, 0x8b, after @ ..])
            | (0xef, [0xbb, 0xbf, after @ ..]) => {
                lines.blank();
                rest = after;
            }
            (b'=', _) => padding += 1,
            (b'-' | b'_', _) if padding == 0 => {
                characters.push(if *first == b'-' { b'+' } else { b'/' });
                has_url_alphabet = true;
                lines.character();
            }
            (b'+' | b'/' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z', _) if padding == 0 => {
                characters.push(*first);
                lines.character();
            }
            _ => return Err(Refusal::Damaged),
        }
        if *first == b'=' {
            lines.character();
        }
    }
    let text = core::str::from_utf8(&characters).map_err(|_| Refusal::Damaged)?;
    let bytes = Base64Unpadded::decode_vec(text).map_err(|_| Refusal::CutShort)?;
    Ok(Decoded {
        bytes: Zeroizing::new(bytes),
        is_escaped,
        is_indented: lines.are_indented,
        is_rewrapped: lines.are_irregular(),
        has_url_alphabet,
        has_wrong_padding: (characters.len() + padding) % 4 != 0 || padding > 2,
    })
}

/// The layout of the lines, without their content.
#[derive(Default)]
struct Lines {
    has_ended: bool,
    columns: usize,
    blanks: usize,
    are_indented: bool,
    saw_short: bool,
    saw_irregular: bool,
}

impl Lines {
    fn character(&mut self) {
        // In PEM, lines start after a line break and have no gaps.
        self.saw_irregular |= !self.has_ended || (self.columns > 0 && self.blanks > 0);
        // Only the last line may be short.
        self.saw_irregular |= self.saw_short;
        self.are_indented |= self.has_ended && self.columns == 0 && self.blanks > 0;
        self.blanks = 0;
        self.columns += 1;
    }

    fn blank(&mut self) {
        self.blanks += 1;
    }

    fn end(&mut self) {
        self.saw_irregular |= self.columns > COLUMNS;
        self.saw_short |= self.columns > 0 && self.columns < COLUMNS;
        // An empty line inside.
        self.saw_irregular |= self.has_ended && self.columns == 0;
        self.has_ended = true;
        self.columns = 0;
        self.blanks = 0;
    }

    fn are_irregular(&self) -> bool {
        // The END line must start a new line.
        self.saw_irregular || self.columns > 0
    }
}

/// Decodes base64url (RFC 7515 section 2) or plain base64, with or without padding.
pub fn decode_url(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    plain.extend(text.trim_end_matches('=').chars().map(|c| match c {
        '-' => '+',
        '_' => '/',
        other => other,
    }));
    Base64Unpadded::decode_vec(&plain).ok().map(Zeroizing::new)
}
