//! Decodes base64 from a text in which it may lie in any order of lines.

use base64ct::{Base64Unpadded, Encoding};
use zeroize::Zeroizing;

use super::Refusal;

/// Of the lines that are written, in characters (RFC 7468 section 2).
const COLUMNS: usize = 64;

/// Bytes, and how the text looked that they were in.
pub struct Decoded {
    /// Overwritten when dropped: it may be a private key.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Line breaks were a backslash and a letter.
    pub is_escaped: bool,
    /// Blanks stood before lines.
    pub is_indented: bool,
    /// The lines were not of 64 characters, but for the last.
    pub is_rewrapped: bool,
    /// There were fewer or more `=` at its end than belong there.
    pub is_padded_wrong: bool,
}

/// Decodes all of `text`; blanks, quotes and marks of quoted mail may be between its characters.
///
/// # Errors
/// [`Refusal::Damaged`] for other characters, [`Refusal::CutShort`] when the last ones are no whole
/// byte.
pub fn decode(text: &[u8]) -> Result<Decoded, Refusal> {
    let mut characters = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut lines = Lines::default();
    let mut rest = text;
    let mut is_escaped = false;
    let mut padding = 0;
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
            // JSON has a backslash before quotes and other backslashes, of some programs also before
            // slashes.
            (b'\\', [b'/' | b'"' | b'\\', ..]) => {}
            (b'\\', [b't', after @ ..]) => rest = after,
            (b' ' | b'\t', _) => lines.blank(),
            (b'\r' | b'"' | b'\'' | b',' | b'>', _) => {}
            // What web pages put between words: U+00A0, U+200B, U+FEFF.
            (0xc2, [0xa0, after @ ..])
            | (0xe2, [0x80, 0x8b, after @ ..])
            | (0xef, [0xbb, 0xbf, after @ ..]) => {
                lines.blank();
                rest = after;
            }
            (b'=', _) => padding += 1,
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
        is_rewrapped: lines.are_odd(),
        is_padded_wrong: (characters.len() + padding) % 4 != 0 || padding > 2,
    })
}

/// What is to be known of the lines, without keeping them.
#[derive(Default)]
struct Lines {
    has_ended: bool,
    columns: usize,
    blanks: usize,
    are_indented: bool,
    saw_short: bool,
    saw_odd: bool,
}

impl Lines {
    fn character(&mut self) {
        // A key's lines begin after a line break, and have no gaps.
        self.saw_odd |= !self.has_ended || (self.columns > 0 && self.blanks > 0);
        // Only the last line may be short.
        self.saw_odd |= self.saw_short;
        self.are_indented |= self.has_ended && self.columns == 0 && self.blanks > 0;
        self.blanks = 0;
        self.columns += 1;
    }

    fn blank(&mut self) {
        self.blanks += 1;
    }

    fn end(&mut self) {
        self.saw_odd |= self.columns > COLUMNS;
        self.saw_short |= self.columns > 0 && self.columns < COLUMNS;
        // An empty line between lines.
        self.saw_odd |= self.has_ended && self.columns == 0;
        self.has_ended = true;
        self.columns = 0;
        self.blanks = 0;
    }

    fn are_odd(&self) -> bool {
        // The END line begins a line.
        self.saw_odd || self.columns > 0
    }
}

/// Decodes base64 of either alphabet as JSON Web Keys have it (RFC 7515 section 2); padding may
/// be there.
pub fn decode_url(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    plain.extend(text.trim_end_matches('=').chars().map(|c| match c {
        '-' => '+',
        '_' => '/',
        other => other,
    }));
    Base64Unpadded::decode_vec(&plain).ok().map(Zeroizing::new)
}
