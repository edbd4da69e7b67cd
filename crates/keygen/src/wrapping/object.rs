//! The JSON object of a credentials file inside something else: a text, or another object.

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::buffer;
use crate::inspect::json;

/// The member that identifies a credentials file.
const CREDENTIALS: &str = "subject-credentials";
/// Maximum nesting of values that are searched.
const DEPTH: u32 = 4;

/// The JSON object of a credentials file in another text.
pub fn object_in_text(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = core::str::from_utf8(bytes).ok()?;
    // The text may have braces of its own.
    let start = text[..text.find(CREDENTIALS)?].rfind('{')?;
    let rest = &text[start..];
    let end = match end_of_object(rest) {
        Some(end) => end,
        None => rest.rfind('}')?,
    };
    let object = rest.get(..=end)?;
    if object.len() == text.trim().len() {
        return None;
    }
    let mut plain = buffer(object.len());
    plain.extend(object.as_bytes());
    Some(plain)
}

/// Where the object at the start ends.
fn end_of_object(text: &str) -> Option<usize> {
    let (mut depth, mut inside, mut after_backslash) = (0_u32, false, false);
    for (at, byte) in text.bytes().enumerate() {
        inside ^= byte == b'"' && !after_backslash;
        after_backslash = inside && byte == b'\\' && !after_backslash;
        match byte {
            b'{' if !inside => depth += 1,
            b'}' if !inside => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The JSON object of a credentials file in another JSON object, such as the secrets of several programs.
pub fn object_in_object(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = core::str::from_utf8(bytes).ok()?.trim();
    if !text.contains(CREDENTIALS) {
        return None;
    }
    let value: &RawValue = serde_json::from_str(text).ok()?;
    let object = find(value, DEPTH).filter(|object| object.len() < text.len())?;
    let mut plain = buffer(object.len());
    plain.extend(object.as_bytes());
    Some(plain)
}

fn find(value: &RawValue, depth: u32) -> Option<&str> {
    if let Ok(array) = serde_json::from_str::<Vec<&RawValue>>(value.get()) {
        return array
            .into_iter()
            .find_map(|item| find(item, depth.checked_sub(1)?));
    }
    let json::Object(members) = json::entries(value).ok()?;
    if members.iter().any(|(name, _)| name == CREDENTIALS) {
        return Some(value.get());
    }
    let mut values = members.into_iter().map(|(_, value)| value);
    values.find_map(|value| find(value, depth.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_alone_has_no_text_around_it() {
        let object = r#"{"subject-credentials": {}}"#;
        let found = |text: &str| object_in_text(text.as_bytes());
        assert_eq!(
            *found(&format!("Hello,\n{object}\n")).unwrap(),
            *object.as_bytes()
        );
        for alone in [object.to_owned(), format!("\n {object}\r\n")] {
            assert!(found(&alone).is_none(), "{alone:?}");
        }
    }

    #[test]
    fn an_object_in_another_one_is_found() {
        let object = r#"{"subject-credentials": {}}"#;
        let found = |text: &str| object_in_object(text.as_bytes());
        for outer in [
            format!(r#"{{"db": 1, "nebius": {object}}}"#),
            format!(r#"[{{"a": {{"b": [{object}]}}}}]"#),
        ] {
            assert_eq!(*found(&outer).unwrap(), *object.as_bytes(), "{outer}");
        }
        for other in [object, "{}", "[", r#"{"a": "subject-credentials"}"#] {
            assert!(found(other).is_none(), "{other}");
        }
    }
}
