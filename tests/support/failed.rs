//! What a failed flow leaves, so that nobody need run it again to understand it: the page's picture,
//! the browser's console, the gateway's log. `KEYSIDE_FAILED` names the folder.

use std::{env, fs, path::PathBuf, thread};

/// Whether this flow is failing.
#[must_use]
pub fn is_failing() -> bool {
    thread::panicking()
}

/// Keeps a file of the failing flow, and prints where.
pub fn keep(what: &str, ending: &str, content: &[u8]) {
    let folder = env::var_os("KEYSIDE_FAILED").map_or_else(env::temp_dir, PathBuf::from);
    let flow = thread::current()
        .name()
        .unwrap_or("flow")
        .replace("::", "-");
    let path = folder.join(format!("{flow}.{ending}"));
    // In a failing flow nothing more may panic.
    match fs::create_dir_all(&folder).and_then(|()| fs::write(&path, content)) {
        Ok(()) => println!("{what}: {}", path.display()),
        Err(error) => println!("{what}: {} can't be written: {error}", path.display()),
    }
}

/// Prints the last lines of a log.
pub fn print_tail<'a>(what: &str, lines: impl DoubleEndedIterator<Item = &'a str>) {
    const TAIL: usize = 30;
    let mut tail: Vec<_> = lines.rev().take(TAIL).collect();
    tail.reverse();
    println!("{what}, the last lines:");
    for line in tail {
        println!("  {line}");
    }
}
