//! Decodes bytes like Python's `json`, which detects the encoding by a byte order mark or by the
//! positions of zero bytes.

use zeroize::Zeroizing;

use super::{Finding, MAX_CREDENTIALS_BYTES};
use crate::wrapping::wide;

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

/// Whether the bytes are a text that starts like a JSON object, after optional comments.
pub fn starts_with_object(bytes: &[u8]) -> bool {
    let wide = wide(bytes).and_then(|(_, text)| text);
    let text = match &wide {
        Some(text) => text.as_str(),
        None => core::str::from_utf8(bytes).unwrap_or_default(),
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\0') {
        return false;
    }
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|line| {
        !line.is_empty()
            && !["//", "#", "/*", "*"]
                .iter()
                .any(|mark| line.starts_with(mark))
    });
    first.is_some_and(|line| line.starts_with('{'))
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
