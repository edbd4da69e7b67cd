//! Runs the steps of a command. Each step is announced, logs its output to a file, shows its progress,
//! and gets a row in the final table. A failed step says why it failed and what to do.

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
    log::{file_name, log_of, set_log_folder},
    table::{Work, print_table, record},
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

    /// Converts the error of a step that couldn't read or write its files.
    pub fn io(step: impl Into<String>) -> impl Fn(io::Error) -> Self {
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

/// Which output of a running command is printed. The log has all of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Show {
    /// Only progress, for compilers and installers.
    Progress,
    /// Standard output too, for tests.
    Output,
}

/// Prints the name of a step that starts.
pub fn announce(step: &str) {
    println!("\n==> {step}");
}

/// A command that runs in `folder`.
pub fn command(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    command
}

/// Runs a step whose output matters only when it fails.
///
/// # Errors
/// When the command can't be started or fails; `remedy` says what to do then.
pub fn step(name: &str, command: &mut Command, remedy: &str) -> Result<(), Failure> {
    run_or_fail(name, command, Show::Progress, remedy)
}

/// Runs a step whose output is its result, such as tests.
///
/// # Errors
/// Like [`step`].
pub fn test_step(name: &str, command: &mut Command, remedy: &str) -> Result<(), Failure> {
    run_or_fail(name, command, Show::Output, remedy)
}

fn run_or_fail(name: &str, command: &mut Command, show: Show, remedy: &str) -> Result<(), Failure> {
    let started = Instant::now();
    run(name, command, show).map_err(|why| {
        record(name, started.elapsed(), Work::Failed);
        if let Some(log) = &why.log {
            log.print_tail();
        }
        Failure::new(name, why.to_string(), remedy)
    })
}

/// Runs a step that isn't a single command.
///
/// # Errors
/// When it fails.
pub fn timed<T>(name: &str, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    announce(name);
    let started = Instant::now();
    let outcome = work();
    let work = outcome.as_ref().map_or(Work::Failed, |_| Work::Done);
    record(name, started.elapsed(), work);
    outcome
}

/// Runs both in parallel, because most builds end with one crate that leaves the other cores idle.
/// Failures are printed immediately.
///
/// # Errors
/// When one of them fails, after both have ended.
pub fn in_parallel<A, B: Send>(
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

/// Why a command failed, and the log with its output.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct CommandError {
    why: String,
    log: Option<Log>,
}

/// Runs a command that may fail: its output isn't printed, and the table has no row for a failure.
///
/// # Errors
/// When it can't be started or fails.
pub fn attempt(name: &str, command: &mut Command) -> Result<(), CommandError> {
    run(name, command, Show::Progress)
}

fn run(name: &str, command: &mut Command, show: Show) -> Result<(), CommandError> {
    announce(name);
    let started = Instant::now();
    let program = command.get_program().to_string_lossy().into_owned();
    let mut log = Log::create(name).map_err(|error| CommandError {
        why: format!("Its log can't be written: {error}."),
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
            record(name, started.elapsed(), work);
            return Ok(());
        }
        Ok(status) => format!("{program} ended with {status}. Its output is in {log}."),
        Err(error) => format!("{program} can't be started: {error}."),
    };
    Err(CommandError {
        why,
        log: Some(log),
    })
}

/// How often a terminal and a CI log report that a step is still running.
const HEARTBEAT: Duration = Duration::from_secs(1);
const HEARTBEAT_WITHOUT_TERMINAL: Duration = Duration::from_secs(60);
/// Maximum length of the text that shows what a step is doing.
const MAX_ACTIVITY_CHARS: usize = 100;

/// Number of running steps.
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
        // Otherwise cargo shows its progress only on a terminal.
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
    let interval = if is_terminal {
        HEARTBEAT
    } else {
        HEARTBEAT_WITHOUT_TERMINAL
    };
    let mut activity = String::new();
    let mut last_heartbeat = started;
    loop {
        match lines.recv_timeout(interval.saturating_sub(last_heartbeat.elapsed())) {
            Ok((is_output, text)) => match log.add(&text)? {
                Line::Progress(now) => activity = now,
                Line::Text if is_output && show == Show::Output => {
                    clear(is_terminal);
                    println!("{text}");
                }
                Line::Text if text.trim().is_empty() => {}
                Line::Text => activity = text.trim().chars().take(MAX_ACTIVITY_CHARS).collect(),
            },
            Err(RecvTimeoutError::Timeout) => {
                last_heartbeat = Instant::now();
                let elapsed = table::duration(started.elapsed());
                let mut line = format!("    {elapsed} {activity}");
                if RUNNING.load(Ordering::Relaxed) > 1 {
                    line += &format!(" ({name})");
                }
                if is_terminal {
                    clear(true);
                    print!("{line}");
                    io::stdout().flush()?;
                } else {
                    println!("{line}");
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

/// Removes the progress line from the terminal.
fn clear(is_terminal: bool) {
    if is_terminal {
        print!("\r\x1b[K");
    }
}

/// Whether the command succeeds. Prints nothing.
pub fn succeeds(command: &mut Command) -> bool {
    output(command).is_some()
}

/// The command's standard output if it succeeds. Prints nothing.
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
