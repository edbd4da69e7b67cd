//! Saves the page's picture, the browser's console and the gateway's log of a failed flow, so that it
//! can be understood without another run. `KEYSIDE_FAILED` names the folder.

use std::{env, fs, path::PathBuf, thread};

/// Whether this flow is failing.
#[must_use]
pub fn is_failing() -> bool {
    thread::panicking()
}

/// Saves a file of the failing flow and prints its path.
pub fn keep(what: &str, ending: &str, content: &[u8]) {
    let folder = env::var_os("KEYSIDE_FAILED").map_or_else(env::temp_dir, PathBuf::from);
    let flow = thread::current()
        .name()
        .unwrap_or("flow")
        .replace("::", "-");
    let path = folder.join(format!("{flow}.{ending}"));
    // A second panic would abort the failing flow.
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
