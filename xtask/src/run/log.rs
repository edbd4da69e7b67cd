//! A step's log file, and what its lines say about how far the step is.

use std::{
    fmt, fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// Lines of a log that are shown when its step fails.
const TAIL: usize = 60;

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// Says where the logs go; the first call counts.
pub fn keep_logs_in(folder: &Path) {
    let _ = FOLDER.set(folder.to_owned());
}

/// What a step printed.
pub fn log_of(step: &str) -> String {
    let path = FOLDER
        .get()
        .map(|folder| folder.join(format!("{}.log", file_name(step))));
    path.and_then(|path| fs::read_to_string(path).ok())
        .unwrap_or_default()
}

/// All that a command printed.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: fs::File,
    /// Crates that cargo compiled or checked, packages that were fetched.
    built: usize,
    /// Whether cargo finished a build.
    finished: bool,
}

/// What a line is.
pub enum Line {
    /// Says what the command is at.
    Progress(String),
    /// Anything else.
    Text,
}

impl Log {
    /// A new file, named after the step.
    pub fn create(step: &str) -> io::Result<Self> {
        let folder = FOLDER.get().cloned().unwrap_or_else(std::env::temp_dir);
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{}.log", file_name(step)));
        Ok(Self {
            file: fs::File::create(&path)?,
            path,
            built: 0,
            finished: false,
        })
    }

    /// Keeps a line, unless it is only a progress bar; says what it is.
    pub fn add(&mut self, line: &str) -> io::Result<Line> {
        let text = line.trim_start();
        // Cargo's word for it is missing when cargo is to be quiet.
        let bar = text.strip_prefix("Building ").unwrap_or(text);
        if let Some((bar, counted)) = bar.split_once("] ")
            && bar.starts_with("[=")
        {
            return Ok(Line::Progress(counted.trim().to_owned()));
        }
        writeln!(self.file, "{line}")?;
        const WORK: [&str; 5] = [
            "Compiling ",
            "Checking ",
            "Installing ",
            "Updating ",
            "Downloading ",
        ];
        if WORK.iter().any(|word| text.starts_with(word)) {
            self.built += 1;
            return Ok(Line::Progress(text.to_owned()));
        }
        self.finished |= text.starts_with("Finished ");
        Ok(Line::Text)
    }

    /// Whether cargo found nothing to do.
    pub fn is_up_to_date(&self) -> bool {
        self.finished && self.built == 0
    }

    /// Shows its last lines.
    pub fn print_tail(&self) {
        let text = fs::read(&self.path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().collect();
        let from = lines.len().saturating_sub(TAIL);
        if from > 0 {
            println!("[the last {TAIL} of {} lines of {self}]", lines.len());
        }
        for line in &lines[from..] {
            println!("{line}");
        }
    }
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}

pub fn file_name(step: &str) -> String {
    let words = step
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words.take(8).collect::<Vec<_>>().join("-").to_lowercase()
}

/// Hands over each line; a carriage return ends one too, as progress bars have it.
pub fn read_lines(mut from: impl Read, mut each: impl FnMut(String)) {
    let mut chunk = [0; 8192];
    let mut line = Vec::new();
    while let Ok(length @ 1..) = from.read(&mut chunk) {
        for &byte in &chunk[..length] {
            if !matches!(byte, b'\n' | b'\r') {
                line.push(byte);
            } else if !(byte == b'\r' && line.is_empty()) {
                each(String::from_utf8_lossy(&line).into_owned());
                line.clear();
            }
        }
    }
    if !line.is_empty() {
        each(String::from_utf8_lossy(&line).into_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_bars_are_shown_and_not_kept() {
        keep_logs_in(&std::env::temp_dir().join("keyside-logs"));
        let mut log = Log::create("A test's log, with (signs)").unwrap();
        assert!(log.path.ends_with("a-test-s-log-with-signs.log"));
        assert!(matches!(
            log.add("    Building [====>   ] 12/210: ring, syn").unwrap(),
            Line::Progress(text) if text == "12/210: ring, syn"
        ));
        assert!(matches!(log.add("warning: odd").unwrap(), Line::Text));
        assert_eq!(fs::read_to_string(&log.path).unwrap(), "warning: odd\n");
    }

    #[test]
    fn a_build_that_compiled_nothing_is_up_to_date() {
        let mut log = Log::create("up to date").unwrap();
        log.add("    Finished `dev` profile in 0.1s").unwrap();
        assert!(log.is_up_to_date());
        log.add("   Compiling a v1.0.0").unwrap();
        assert!(!log.is_up_to_date());
    }

    #[test]
    fn lines_end_at_either_sign() {
        let mut lines = Vec::new();
        read_lines(&b"one\r\ntwo\rthree\nfour"[..], |line| lines.push(line));
        assert_eq!(lines, ["one", "", "two", "three", "four"]);
    }
}
