//! A step's log file, and the progress that its lines report.

use std::{
    fmt, fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// Lines of the log that are printed when its step fails.
const TAIL: usize = 60;

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// Sets the folder for logs. Only the first call has an effect.
pub fn set_log_folder(folder: &Path) {
    let _ = FOLDER.set(folder.to_owned());
}

/// The output of a step.
pub fn log_of(step: &str) -> String {
    let path = FOLDER
        .get()
        .map(|folder| folder.join(format!("{}.log", file_name(step))));
    path.and_then(|path| fs::read_to_string(path).ok())
        .unwrap_or_default()
}

/// The log file of a command.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: fs::File,
    /// Number of crates that cargo compiled or checked, and packages that it fetched.
    built: usize,
    /// Whether cargo finished a build.
    finished: bool,
}

/// The kind of a line.
pub enum Line {
    /// Says what the command is doing.
    Progress(String),
    /// Anything else.
    Text,
}

impl Log {
    /// Creates a file named after the step.
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

    /// Logs a line, unless it's only a progress bar, and returns its kind.
    pub fn add(&mut self, line: &str) -> io::Result<Line> {
        let text = line.trim_start();
        // With --quiet, cargo leaves out the verb.
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

    /// Prints its last lines.
    pub fn print_tail(&self) {
        let text = fs::read(&self.path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().collect();
        let from = lines.len().saturating_sub(TAIL);
        if from > 0 {
            println!("[last {TAIL} of {} lines in {self}]", lines.len());
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

/// The name of a step's files: its first words, in lower case.
pub fn file_name(step: &str) -> String {
    let words = step
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words.take(8).collect::<Vec<_>>().join("-").to_lowercase()
}

/// Calls `each` with every line. A carriage return also ends a line, as in progress bars.
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
    fn progress_bars_are_shown_but_not_logged() {
        set_log_folder(&std::env::temp_dir().join("keyside-logs"));
        let mut log = Log::create("A test's log, with (symbols)").unwrap();
        assert!(log.path.ends_with("a-test-s-log-with-symbols.log"));
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
    fn lines_end_at_either_character() {
        let mut lines = Vec::new();
        read_lines(&b"one\r\ntwo\rthree\nfour"[..], |line| lines.push(line));
        assert_eq!(lines, ["one", "", "two", "three", "four"]);
    }
}
