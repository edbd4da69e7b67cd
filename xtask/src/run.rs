//! Runs the steps of a recipe. Each is announced, keeps its output in a log file, shows that it lives,
//! and has a row in the table at the end. When it fails, it says why and what to do.

mod log;
mod table;

use std::{
    ffi::OsStr,
    io::{self, IsTerminal, Write},
    panic::resume_unwind,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use self::log::{Line, Log};
pub use self::{
    log::{file_name, keep_logs_in, log_of},
    table::{Work, note, print_table},
};

/// A failed step.
#[derive(Debug, thiserror::Error)]
#[error("Failed: {step}\n   Why: {why}\nTo do: {remedy}")]
pub struct Failure {
    step: String,
    why: String,
    remedy: String,
}

impl Failure {
    pub fn new(step: impl Into<String>, why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            step: step.into(),
            why: why.into(),
            remedy: remedy.into(),
        }
    }

    /// For a step that couldn't read or write its files.
    pub fn of_files(step: impl Into<String>) -> impl Fn(io::Error) -> Self {
        let step = step.into();
        move |error| {
            Self::new(
                &step,
                format!("{error}."),
                "Check that you can write to the checkout and its target folder.",
            )
        }
    }
}

/// Which lines of a command a person sees while it runs. All are in the log.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Show {
    /// None: a compiler's or an installer's.
    Progress,
    /// Those on its standard output: a test's.
    Output,
}

/// Prints the name of the step that begins.
pub fn announce(step: &str) {
    println!("\n==> {step}");
}

/// A command in a folder.
pub fn command(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    command
}

/// Runs a step whose output matters only when it fails.
///
/// # Errors
/// When the command can't be started or fails; `remedy` is what to do then.
pub fn step(name: &str, command: &mut Command, remedy: &str) -> Result<(), Failure> {
    must(name, command, Show::Progress, remedy)
}

/// Runs a step whose output is its result: tests.
///
/// # Errors
/// As [`step`].
pub fn test_step(name: &str, command: &mut Command, remedy: &str) -> Result<(), Failure> {
    must(name, command, Show::Output, remedy)
}

fn must(name: &str, command: &mut Command, show: Show, remedy: &str) -> Result<(), Failure> {
    run(name, command, show).map_err(|why| {
        if let Some(log) = &why.log {
            log.print_tail();
        }
        Failure::new(name, why.to_string(), remedy)
    })
}

/// Runs a step that is no single command.
///
/// # Errors
/// When it fails.
pub fn timed<T>(name: &str, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    announce(name);
    let started = Instant::now();
    let outcome = work();
    let work = outcome.as_ref().map_or(Work::Failed, |_| Work::Done);
    note(name, started.elapsed(), work);
    outcome
}

/// Does both at once: most compiling ends with one crate that leaves the other cores idle. What fails is
/// shown at once.
///
/// # Errors
/// When one fails, once both have ended.
pub fn side_by_side<A, B: Send>(
    one: impl FnOnce() -> Result<A, Failure>,
    other: impl FnOnce() -> Result<B, Failure> + Send,
) -> Result<(A, B), Failure> {
    thread::scope(|scope| {
        let other = scope.spawn(other);
        let one = one();
        let other = other.join().unwrap_or_else(|panic| resume_unwind(panic));
        Ok((one?, other?))
    })
}

/// Why a command failed, and where its output is.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct Unsuccessful {
    why: String,
    log: Option<Log>,
}

/// Runs a command as a step that may fail without harm: nothing of its output is shown.
///
/// # Errors
/// When it can't be started or fails.
pub fn attempt(name: &str, command: &mut Command) -> Result<(), Unsuccessful> {
    run(name, command, Show::Progress)
}

fn run(name: &str, command: &mut Command, show: Show) -> Result<(), Unsuccessful> {
    announce(name);
    let started = Instant::now();
    let program = command.get_program().to_string_lossy().into_owned();
    let mut log = Log::create(name).map_err(|error| Unsuccessful {
        why: format!("its log can't be written: {error}."),
        log: None,
    })?;
    let outcome = watch(name, command, show, &mut log);
    let why = match outcome {
        Ok(status) if status.success() => {
            let work = if show == Show::Progress && log.is_up_to_date() {
                Work::Cached
            } else {
                Work::Done
            };
            note(name, started.elapsed(), work);
            return Ok(());
        }
        Ok(status) => format!("{program} ended with {status}; all it printed is in {log}."),
        Err(error) => format!("{program} can't be started: {error}."),
    };
    note(name, started.elapsed(), Work::Failed);
    Err(Unsuccessful {
        why,
        log: Some(log),
    })
}

/// How often a terminal and a CI log hear that a step still runs.
const BEAT: Duration = Duration::from_secs(1);
const BEAT_WITHOUT_TERMINAL: Duration = Duration::from_secs(60);
/// Letters of a line that says what a step is at.
const MOST_SHOWN: usize = 100;

/// Steps that run now.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

fn watch(name: &str, command: &mut Command, show: Show, log: &mut Log) -> io::Result<ExitStatus> {
    RUNNING.fetch_add(1, Ordering::Relaxed);
    let outcome = watch_alone(name, command, show, log);
    RUNNING.fetch_sub(1, Ordering::Relaxed);
    outcome
}

fn watch_alone(
    name: &str,
    command: &mut Command,
    show: Show,
    log: &mut Log,
) -> io::Result<ExitStatus> {
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Cargo counts its crates for a terminal only, unless asked.
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "100")
        .spawn()?;
    let (sender, lines) = mpsc::channel();
    let errors = sender.clone();
    let readers = [
        child.stdout.take().map(|out| {
            thread::spawn(move || log::read_lines(out, |text| drop(sender.send((true, text)))))
        }),
        child.stderr.take().map(|err| {
            thread::spawn(move || log::read_lines(err, |text| drop(errors.send((false, text)))))
        }),
    ];
    let is_terminal = io::stdout().is_terminal();
    let beat = if is_terminal {
        BEAT
    } else {
        BEAT_WITHOUT_TERMINAL
    };
    let mut activity = String::new();
    let mut last_beat = started;
    loop {
        match lines.recv_timeout(beat.saturating_sub(last_beat.elapsed())) {
            Ok((is_output, text)) => match log.add(&text)? {
                Line::Progress(now) => activity = now,
                Line::Text if is_output && show == Show::Output => {
                    clear(is_terminal);
                    println!("{text}");
                }
                Line::Text if text.trim().is_empty() => {}
                Line::Text => activity = text.trim().chars().take(MOST_SHOWN).collect(),
            },
            Err(RecvTimeoutError::Timeout) => {
                last_beat = Instant::now();
                let elapsed = table::words(started.elapsed());
                let mut life = format!("    {elapsed} {activity}");
                if RUNNING.load(Ordering::Relaxed) > 1 {
                    life += &format!(" ({name})");
                }
                if is_terminal {
                    clear(true);
                    print!("{life}");
                    io::stdout().flush()?;
                } else {
                    println!("{life}");
                }
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    clear(is_terminal);
    for reader in readers.into_iter().flatten() {
        let _ = reader.join();
    }
    child.wait()
}

/// Takes the line that shows life off the terminal.
fn clear(is_terminal: bool) {
    if is_terminal {
        print!("\r\x1b[K");
    }
}

/// Whether the command succeeds; nothing is shown.
pub fn succeeds(command: &mut Command) -> bool {
    output(command).is_some()
}

/// What the command prints, when it succeeds; nothing is shown.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
