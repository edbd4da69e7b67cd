//! Joins scripts into one that loads no other: its integrity hash covers all of it then, and a
//! worker that may reach nothing can run it.

use std::io;

/// A module's text without its exports.
pub fn without_exports(text: &str) -> String {
    lines(text, |line| match line.strip_prefix("export ") {
        Some(rest) if rest.starts_with('{') => None,
        Some(rest) => Some(rest),
        None => Some(line),
    })
}

/// A module's text without its imports, which are joined to it.
pub fn without_imports(text: &str) -> String {
    lines(text, |line| (!line.starts_with("import ")).then_some(line))
}

/// The script, if it loads no other.
///
/// # Errors
/// When it does.
pub fn self_contained(text: String) -> io::Result<Vec<u8>> {
    const LOADS: [&str; 3] = ["import(", "importScripts", "export "];
    let loads = |line: &str| {
        line.starts_with("import ") || LOADS.into_iter().any(|word| line.contains(word))
    };
    let is_comment = |line: &&str| line.trim_start().starts_with("//") || line.starts_with(" *");
    match text
        .lines()
        .filter(|line| !is_comment(line))
        .find(|line| loads(line))
    {
        Some(line) => Err(io::Error::other(format!(
            "a script that must load no other has {line:?}"
        ))),
        None => Ok(text.into_bytes()),
    }
}

/// A script without the lines that are comments only: browsers do not need them.
pub fn without_comments(text: &str) -> String {
    let mut is_inside = false;
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        let start = line.trim_start();
        let was_inside = is_inside;
        if !is_inside && start.starts_with("/*") {
            is_inside = true;
        }
        if is_inside && start.contains("*/") {
            is_inside = false;
        }
        if was_inside
            || is_inside
            || start.is_empty()
            || start.starts_with("//")
            || start.starts_with("/*")
        {
            continue;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

fn lines<'a>(text: &'a str, keep: impl Fn(&'a str) -> Option<&'a str>) -> String {
    let kept = text.lines().filter_map(keep);
    kept.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_code_stays() {
        let text = "// one\n/**\n * two\n */\nlet a = 1; // three\n\n  /* four */\n  f(`//`);\n";
        assert_eq!(without_comments(text), "let a = 1; // three\n  f(`//`);\n");
    }
}
