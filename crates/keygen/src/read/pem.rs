//! Finds PEM blocks (RFC 7468) in any text, even if line breaks or dashes were lost.

/// Maximum length of a label in bytes.
const MAX_LABEL_LENGTH: usize = 40;

/// A PEM block.
pub struct Block<'a> {
    /// Label of the BEGIN line.
    pub label: &'a str,
    /// Label of the END line; none if that line is missing.
    pub end: Option<&'a str>,
    /// The text between the two lines.
    pub body: &'a [u8],
    /// The block's place in the text, including both lines.
    pub span: core::ops::Range<usize>,
    /// Whether both lines have exactly the dashes of the format.
    pub has_standard_dashes: bool,
}

/// A BEGIN or END line.
struct Marker<'a> {
    is_begin: bool,
    label: &'a str,
    span: core::ops::Range<usize>,
    has_standard_dashes: bool,
}

/// The first `max` blocks of `text`, and whether there is an END line without a BEGIN line.
pub fn blocks(text: &[u8], max: usize) -> (Vec<Block<'_>>, bool) {
    let mut blocks = Vec::new();
    let mut stray_end = false;
    let mut next = marker(text, 0);
    while let Some(begin) = next {
        if blocks.len() == max {
            break;
        }
        let following = marker(text, begin.span.end);
        if !begin.is_begin {
            stray_end = true;
            next = following;
            continue;
        }
        let end = following.as_ref().filter(|marker| !marker.is_begin);
        let stop = following.as_ref().map_or(text.len(), |m| m.span.start);
        blocks.push(Block {
            label: begin.label,
            end: end.map(|marker| marker.label),
            body: &text[begin.span.end..stop],
            span: begin.span.start..end.map_or(stop, |marker| marker.span.end),
            has_standard_dashes: begin.has_standard_dashes
                && end.is_none_or(|m| m.has_standard_dashes),
        });
        next = if end.is_some() {
            let after = blocks.last().map_or(text.len(), |block| block.span.end);
            marker(text, after)
        } else {
            following
        };
    }
    (blocks, stray_end)
}

fn marker(text: &[u8], from: usize) -> Option<Marker<'_>> {
    let mut at = from;
    while at < text.len() {
        let rest = &text[at..];
        let word = match rest {
            [b'B', b'E', b'G', b'I', b'N', b' ', ..] => 6,
            [b'E', b'N', b'D', b' ', ..] => 4,
            _ => {
                at += 1;
                continue;
            }
        };
        let label = rest[word..]
            .iter()
            .take(MAX_LABEL_LENGTH + 1)
            .take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b' ')
            .count();
        let after = at + word + label;
        let (before, behind) = (dashes_before(text, from, at), dashes_after(text, after));
        let label = core::str::from_utf8(&rest[word..word + label]).unwrap_or("");
        if before < at && behind > after && !label.trim().is_empty() {
            let label = label.trim();
            let usual: [&[u8]; 2] = if label.starts_with("SSH2") {
                [b"---- ", b"----"]
            } else {
                [b"-----", b"-----"]
            };
            return Some(Marker {
                is_begin: word == 6,
                label,
                has_standard_dashes: [&text[before..at], &text[after..behind]] == usual,
                span: before..behind,
            });
        }
        at = after;
    }
    None
}

/// The start of the dashes before `at`, which one space may follow; not before `from`.
fn dashes_before(text: &[u8], from: usize, at: usize) -> usize {
    let mut start = at;
    if let [.., b' '] = &text[from..start] {
        start -= 1;
    }
    let end = start;
    loop {
        match &text[from..start] {
            [.., b'-'] => start -= 1,
            // Dashes from word processors (U+2010 to U+2015).
            [.., 0xe2, 0x80, 0x90..=0x95] => start -= 3,
            _ if start == end => return at,
            _ => return start,
        }
    }
}

fn dashes_after(text: &[u8], at: usize) -> usize {
    let mut end = at;
    loop {
        match &text[end..] {
            [b'-', ..] => end += 1,
            [0xe2, 0x80, 0x90..=0x95, ..] => end += 3,
            _ => return end,
        }
    }
}
