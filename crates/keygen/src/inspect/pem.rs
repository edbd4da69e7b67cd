//! PEM as the official Python SDK reads it (by the package `cryptography`), and more leniently.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

/// One block of PEM.
pub struct Block {
    /// What its first line names; empty when there is no such line.
    pub label: String,
    pub der: Zeroizing<Vec<u8>>,
    /// It has the header `Proc-Type: 4,ENCRYPTED` (RFC 1421 section 4.6.1.1).
    pub encrypted_old_way: bool,
}

/// The labels that `cryptography` takes for a private key's.
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

/// All blocks, as the SDK finds them: any text around them, and any white space in them but empty
/// lines. `None` where it refuses the whole for the sake of one.
pub fn strict(text: &str) -> Option<Vec<Block>> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((label, body, end, after)) = framed(rest) {
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
            encrypted_old_way: headers.contains("Proc-Type") && headers.contains("ENCRYPTED"),
        });
        rest = after;
    }
    Some(blocks)
}

/// The first block's label, body and last label, and what follows it.
fn framed(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (_, after) = text.split_once("-----BEGIN ")?;
    let (label, after) = after.split_once("-----")?;
    let (body, after) = after.trim_start().split_once("-----END ")?;
    let (end, after) = after.split_once("-----")?;
    Some((label, body, end, after))
}

/// What is between the first line and the last one, as far as they are there: with too few
/// hyphens, in small letters, or missing.
pub fn loose(text: &str) -> Option<Block> {
    // The same letters at the same places, for these are ASCII alone.
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
        encrypted_old_way: false,
    })
}

/// Base64 (RFC 4648 section 4) with any white space in it.
fn decode(data: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut plain = Zeroizing::new(String::with_capacity(data.len()));
    plain.extend(data.chars().filter(|c| !c.is_whitespace()));
    let mut der = Zeroizing::new(vec![0; plain.len() / 4 * 3]);
    let length = Base64::decode(plain.as_str(), &mut der).ok()?.len();
    der.truncate(length);
    Some(der)
}
