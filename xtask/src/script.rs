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

fn lines<'a>(text: &'a str, keep: impl Fn(&'a str) -> Option<&'a str>) -> String {
    let kept = text.lines().filter_map(keep);
    kept.flat_map(|line| [line, "\n"]).collect()
}
