//! Finds PEM blocks (RFC 7468) in any text, also where line breaks and dashes were lost.

/// Of a label, in bytes.
const LONGEST_LABEL: usize = 40;

/// One block.
pub struct Block<'a> {
    /// Of its BEGIN line.
    pub label: &'a str,
    /// Of its END line; none where that is missing.
    pub end: Option<&'a str>,
    /// What is between the two.
    pub body: &'a [u8],
    /// Where it begins and ends in the text, with both lines.
    pub span: core::ops::Range<usize>,
    /// Whether the dashes are those of the format.
    pub has_its_dashes: bool,
}

/// A BEGIN or an END line.
struct Marker<'a> {
    is_begin: bool,
    label: &'a str,
    span: core::ops::Range<usize>,
    has_its_dashes: bool,
}

/// The first `most` blocks of `text`, and whether an END line stands alone.
pub fn blocks(text: &[u8], most: usize) -> (Vec<Block<'_>>, bool) {
    let mut blocks = Vec::new();
    let mut stray_end = false;
    let mut next = marker(text, 0);
    while let Some(begin) = next {
        if blocks.len() == most {
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
            has_its_dashes: begin.has_its_dashes && end.is_none_or(|m| m.has_its_dashes),
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
            .take(LONGEST_LABEL + 1)
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
                has_its_dashes: [&text[before..at], &text[after..behind]] == usual,
                span: before..behind,
            });
        }
        at = after;
    }
    None
}

/// Where the dashes before `at` begin, maybe with one blank after them; not before `from`.
fn dashes_before(text: &[u8], from: usize, at: usize) -> usize {
    let mut start = at;
    if let [.., b' '] = &text[from..start] {
        start -= 1;
    }
    let blank = start;
    loop {
        match &text[from..start] {
            [.., b'-'] => start -= 1,
            // Dashes of text processors (U+2010 to U+2015).
            [.., 0xe2, 0x80, 0x90..=0x95] => start -= 3,
            _ if start == blank => return at,
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
