//! Prefixes of lines: diffs, quoted mail, tables, logs, line numbers.

use zeroize::Zeroizing;

use super::buffer;

/// The new version in a unified diff: its added and context lines. If nothing was added, the old version.
pub fn from_diff(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = core::str::from_utf8(bytes).ok()?;
    let start = text.starts_with("@@ ").then_some(0);
    let start = start.or_else(|| text.find("\n@@ ").map(|at| at + 1))?;
    let content = |sign: char| {
        let mut plain = buffer(bytes.len());
        let lines = text[start..].lines().skip(1);
        for line in lines.filter_map(|line| line.strip_prefix([sign, ' '])) {
            plain.extend(line.as_bytes());
            plain.push(b'\n');
        }
        plain
    };
    let has_added = text[start..].lines().any(|line| line.starts_with('+'));
    Some(content(if has_added { '+' } else { '-' }))
}

/// Removes what stands before and after each line: what the BEGIN line of a key has there, or the `>` of a
/// quotation.
pub fn without_prefixes(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = core::str::from_utf8(bytes).ok()?;
    let frame = Frame::of_quotation(text)
        .or_else(|| text.lines().find_map(Frame::of_first_brace))
        .or_else(|| text.lines().find_map(Frame::of_begin_line))?;
    let mut plain = buffer(bytes.len() + 1);
    for line in text.lines() {
        plain.extend(frame.content(line).unwrap_or(line).as_bytes());
        plain.push(b'\n');
    }
    Some(plain)
}

/// What stands around each line.
struct Frame<'a> {
    before: Vec<Part>,
    after: &'a str,
}

/// A part of a prefix.
#[derive(PartialEq, Eq)]
enum Part {
    /// Digits, which differ from line to line.
    Number,
    /// Blanks, which may be missing before an empty line.
    Blanks,
    Letter(char),
}

impl<'a> Frame<'a> {
    /// The frame of a text in which each line is quoted.
    fn of_quotation(text: &str) -> Option<Self> {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let is_quoted = lines.next()?.starts_with('>') && lines.all(|line| line.starts_with('>'));
        is_quoted.then(|| Frame {
            before: pattern("> "),
            after: "",
        })
    }

    /// The frame of the line with the first brace of a JSON text, which is alone in its line.
    fn of_first_brace(line: &'a str) -> Option<Self> {
        let (before, after) = line.split_once('{')?;
        let is_plain = |text: &str| !text.contains(['"', '{', '}', '\'']);
        let is_framed = !before.trim().is_empty() && is_plain(before) && is_plain(after);
        let is_alone = after.trim().chars().all(|c| !c.is_alphanumeric());
        (is_framed && is_alone).then(|| Self {
            before: pattern(before),
            after: after.trim(),
        })
    }

    /// The frame of a BEGIN line; none if there is nothing around it but blanks.
    fn of_begin_line(line: &'a str) -> Option<Self> {
        const DASHES: &str = "-----";
        let at = line
            .find("-----BEGIN ")
            .or_else(|| line.find("---- BEGIN "))?;
        // A removed line of a diff starts with another dash.
        let before = &line[..at];
        let label = line[at..].trim_start_matches('-');
        let after = label
            .find(DASHES)
            .map_or("", |end| &label[end + DASHES.len()..]);
        let frame = Self {
            before: pattern(before),
            after: after.trim(),
        };
        let is_bare = before.trim().is_empty() && frame.after.is_empty();
        (!is_bare).then_some(frame)
    }

    /// The line without its frame; none if it has another one.
    fn content<'l>(&self, line: &'l str) -> Option<&'l str> {
        let mut rest = line;
        for part in &self.before {
            rest = match part {
                Part::Number => {
                    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
                    (digits.len() < rest.len()).then_some(digits)?
                }
                Part::Blanks => rest.trim_start_matches([' ', '\t']),
                Part::Letter(letter) => rest.strip_prefix(*letter)?,
            };
        }
        let rest = rest.trim_end();
        Some(rest.strip_suffix(self.after).unwrap_or(rest).trim_end())
    }
}

fn pattern(prefix: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for letter in prefix.chars() {
        let part = match letter {
            _ if letter.is_ascii_digit() => Part::Number,
            ' ' | '\t' => Part::Blanks,
            other => Part::Letter(other),
        };
        let repeats = matches!(part, Part::Number | Part::Blanks) && parts.last() == Some(&part);
        if !repeats {
            parts.push(part);
        }
    }
    parts
}
