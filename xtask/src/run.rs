//! Runs commands: says what a step does, and when it fails, why and what to do.

use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, Stdio},
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
}

/// Says what comes next.
pub fn announce(step: &str) {
    println!("\n==> {step}");
}

/// A command in a folder.
pub fn command(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    command
}

/// Announces and runs a step, its output on the terminal.
///
/// # Errors
/// When the command cannot be started or fails; `remedy` is what to do then.
pub fn step(name: &str, command: &mut Command, remedy: &str) -> Result<(), Failure> {
    announce(name);
    let program = command.get_program().to_string_lossy().into_owned();
    let fail = |why: String| Err(Failure::new(name, why, remedy));
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => fail(format!(
            "{program} ended with {status}; its own words are above."
        )),
        Err(error) => fail(format!("{program} cannot be started: {error}.")),
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
