//! Reads PEM like the official Python SDK (which uses `cryptography`), and more leniently.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

/// A PEM block.
pub struct Block {
    /// Label of the BEGIN line; empty if there is no such line.
    pub label: String,
    pub der: Zeroizing<Vec<u8>>,
    /// Whether it has the header `Proc-Type: 4,ENCRYPTED` (RFC 1421 section 4.6.1.1).
    pub has_legacy_encryption: bool,
}

/// The labels that `cryptography` treats as private keys.
const PRIVATE: [&str; 5] = [
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "DSA PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
];

impl Block {
    pub fn is_private(&self) -> bool {
        PRIVATE.contains(&self.label.as_str())
    }
}

/// All blocks that the SDK finds: with any text around them, and any whitespace in them except
/// empty lines. `None` if the SDK rejects the text because of one of them.
pub fn strict(text: &str) -> Option<Vec<Block>> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((label, body, end, after)) = next_block(rest) {
        if label != end {
            return None;
        }
        let (headers, data) = body
            .split_once("\n\n")
            .or_else(|| body.split_once("\r\n\r\n"))
            .unwrap_or(("", body));
        let mut lines = headers.lines().filter(|line| !line.trim().is_empty());
        if !lines.all(|line| line.contains(':')) {
            return None;
        }
        blocks.push(Block {
            label: label.to_owned(),
            der: decode(data)?,
            has_legacy_encryption: headers.contains("Proc-Type") && headers.contains("ENCRYPTED"),
        });
        rest = after;
    }
    Some(blocks)
}

/// The first block's label, body and END label, and the text after it.
fn next_block(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (_, after) = text.split_once("-----BEGIN ")?;
    let (label, after) = after.split_once("-----")?;
    let (body, after) = after.trim_start().split_once("-----END ")?;
    let (end, after) = after.split_once("-----")?;
    Some((label, body, end, after))
}

/// A block whose BEGIN and END lines may have too few hyphens, be in lower case, or be missing.
pub fn loose(text: &str) -> Option<Block> {
    // ASCII upper case keeps all positions.
    let capitals = Zeroizing::new(text.to_ascii_uppercase());
    let begin = capitals.find("BEGIN ").map(|at| at + "BEGIN ".len());
    let label_and_rest = begin.unwrap_or(0);
    let end = capitals
        .rfind("END ")
        .filter(|end| *end >= label_and_rest)
        .unwrap_or(text.len());
    let label_of = |from: usize| {
        let label = capitals.get(from..).unwrap_or_default();
        let label = label.split(['-', '\n', '\r']).next().unwrap_or_default();
        label.trim().to_owned()
    };
    let label = match begin {
        Some(begin) => label_of(begin),
        None => label_of((end + "END ".len()).min(text.len())),
    };
    let body = text.get(label_and_rest..end).unwrap_or_default();
    let body = if begin.is_some() {
        body.get(label.len()..).unwrap_or_default()
    } else {
        body
    };
    let edge = |c: char| c == '-' || c.is_whitespace();
    Some(Block {
        label,
        der: decode(body.trim_matches(edge)).filter(|der| !der.is_empty())?,
        has_legacy_encryption: false,
    })
}

/// Decodes base64 (RFC 4648 section 4) with any whitespace in it.
fn decode(data: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut plain = Zeroizing::new(String::with_capacity(data.len()));
    plain.extend(data.chars().filter(|c| !c.is_whitespace()));
    let mut der = Zeroizing::new(vec![0; plain.len() / 4 * 3]);
    let length = Base64::decode(plain.as_str(), &mut der).ok()?.len();
    der.truncate(length);
    Some(der)
}
