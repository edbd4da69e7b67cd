//! `X-ResetMask`: the fields that an update resets. Other fields that an update leaves empty keep their
//! values.

use crate::error::IamError;

/// In characters. Parsed, a mask needs up to a hundred times as much memory.
const MAX_LENGTH: usize = 1024;

/// Parsed field paths, such as `metadata.labels`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ResetMask(Vec<String>);

impl ResetMask {
    /// Parses comma-separated paths, with groups in parentheses: `spec.description,metadata.(name,labels)`.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for anything else.
    pub fn parse(text: &str) -> Result<Self, IamError> {
        let mut paths = Vec::new();
        let rest = match text.len() {
            0..=MAX_LENGTH => list(text, "", &mut paths),
            _ => None,
        };
        match rest.map(str::trim) {
            Some("") => Ok(Self(paths)),
            _ => Err(IamError::invalid(
                "x-resetmask",
                "must have comma-separated field paths, such as spec.description,metadata.(name,labels), and at most \
                 1,024 characters",
            )),
        }
    }

    /// The paths, comma-separated; none if there are none.
    pub fn paths(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.join(","))
    }

    /// The value of a field after an update: `given`, unless it's empty and the mask doesn't name the field
    /// or a message that contains it.
    pub fn merge<'a, T: Default + PartialEq>(
        &self,
        path: &str,
        given: &'a T,
        stored: &'a T,
    ) -> &'a T {
        let is_named = self.0.iter().any(|named| {
            path.strip_prefix(named.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        if *given == T::default() && !is_named {
            stored
        } else {
            given
        }
    }
}

/// Parses paths below `prefix`, and returns what follows them.
fn list<'a>(mut text: &'a str, prefix: &str, paths: &mut Vec<String>) -> Option<&'a str> {
    loop {
        text = path(text.trim_start(), prefix, paths)?.trim_start();
        match text.strip_prefix(',') {
            Some(more) => text = more,
            None => return Some(text),
        }
    }
}

/// Parses one path or a group, and returns what follows it.
fn path<'a>(text: &'a str, prefix: &str, paths: &mut Vec<String>) -> Option<&'a str> {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return None;
    }
    let path_so_far = format!("{prefix}{name}");
    let Some(rest) = rest.strip_prefix('.') else {
        paths.push(path_so_far);
        return Some(rest);
    };
    let prefix = format!("{path_so_far}.");
    // Deeper than any message of the API.
    if prefix.matches('.').count() > 16 {
        return None;
    }
    match rest.strip_prefix('(') {
        Some(group) => list(group, &prefix, paths)?.strip_prefix(')'),
        None => path(rest, &prefix, paths),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn paths(text: &str) -> Option<Vec<String>> {
        ResetMask::parse(text).ok().map(|mask| mask.0)
    }

    #[test]
    fn paths_and_groups_are_parsed() {
        for (text, expected) in [
            ("spec.description", &["spec.description"][..]),
            ("metadata.labels, spec", &["metadata.labels", "spec"]),
            ("a.(b,c.d),e", &["a.b", "a.c.d", "e"]),
            ("a.(b,c.(d,e))", &["a.b", "a.c.d", "a.c.e"]),
        ] {
            assert_eq!(paths(text).unwrap(), expected, "{text}");
        }
        for text in ["", ",", "a,", "a..b", "a.(b", "a.b)", "(a)", "a b", "a.()"] {
            assert_eq!(paths(text), None, "{text}");
        }
        let names = |length| vec!["a"; length].join(",");
        assert!(paths(&names(512)).is_some());
        assert_eq!(paths(&names(513)), None);
    }

    #[test]
    fn an_empty_field_is_kept_unless_it_is_named() {
        let mask = ResetMask::parse("spec.description,metadata").unwrap();
        let merge = |path: &str, given: &'static str| *mask.merge(path, &given, &"stored");
        assert_eq!(merge("spec.description", ""), "");
        assert_eq!(merge("metadata.labels", ""), "");
        assert_eq!(merge("spec.descriptions", ""), "stored");
        assert_eq!(merge("spec.other", ""), "stored");
        assert_eq!(merge("spec.other", "given"), "given");
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_rejected(text in "[a-c.,() ]{0,64}") {
            let _ = ResetMask::parse(&text);
        }
    }
}
