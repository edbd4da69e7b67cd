//! `cargo xtask fuzz`: fuzzes every parser of untrusted input (cargo-fuzz, libFuzzer).

use std::{fs, io, path::Path, process::Command, sync::Mutex, thread};

use lexopt::prelude::*;

use crate::{
    packages::{self, PYTHON},
    paths::Paths,
    python,
    run::{self, Failure},
    toolchain,
};

/// The targets in `crates/fuzz/targets`.
const TARGETS: [&str; 8] = [
    "connect_json",
    "credentials_file",
    "jwt",
    "key_file",
    "names",
    "pem",
    "private_material",
    "protobuf",
];

/// The command's flags.
pub struct Options {
    /// For each target.
    seconds: u32,
    targets: Vec<String>,
}

impl Options {
    /// The short run in `cargo xtask test`.
    pub const BOUNDED: Self = Self {
        seconds: 15,
        targets: Vec::new(),
    };

    /// Reads `[TARGET]... [--seconds N]`.
    pub fn parse(arguments: &mut lexopt::Parser) -> Result<Self, lexopt::Error> {
        let mut options = Self {
            seconds: 600,
            targets: Vec::new(),
        };
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("seconds") => options.seconds = arguments.value()?.parse()?,
                Value(name) => {
                    let name = name.string()?;
                    if !TARGETS.contains(&&*name) {
                        return Err(format!("there is no target {name:?}").into());
                    }
                    options.targets.push(name);
                }
                other => return Err(other.unexpected()),
            }
        }
        Ok(options)
    }
}

/// Compiles and runs the targets.
///
/// # Errors
/// When a target fails. The message names the log, and the input is kept.
pub fn fuzz(paths: &Paths, options: &Options) -> Result<(), Failure> {
    compile(paths)?;
    run_compiled(paths, options)
}

/// Runs the targets that [`compile`] has built, two at a time, and prints the coverage of each.
fn run_compiled(paths: &Paths, options: &Options) -> Result<(), Failure> {
    let chosen: Vec<_> = TARGETS
        .into_iter()
        .filter(|target| {
            options.targets.is_empty() || options.targets.iter().any(|name| name == target)
        })
        .collect();
    let step = format!(
        "Fuzzing {} targets for {} s each",
        chosen.len(),
        options.seconds
    );
    let fuzzed = run::timed(&step, || run_targets(paths, &chosen, options.seconds))?;
    println!("{}", fuzzed.join("\n"));
    Ok(())
}

/// Compiles all targets.
fn compile(paths: &Paths) -> Result<(), Failure> {
    packages::ensure(&[&packages::C_COMPILER, &packages::CXX_COMPILER, &PYTHON])?;
    let cargo_fuzz = python::environment(paths)?.with_file_name("cargo-fuzz");
    // cargo-fuzz has no --locked, and would change the lock file.
    run::step(
        "Fetching the crates of the fuzz targets",
        run::command("cargo", &paths.root)
            .args(["fetch", "--locked", "--manifest-path"])
            .arg("crates/fuzz/Cargo.toml"),
        "Check that crates.io can be reached, and update crates/fuzz/Cargo.lock with the dependencies.",
    )?;
    let mut build = run::command(&cargo_fuzz, &paths.root);
    build
        .args(["fuzz", "build", "--fuzz-dir", "crates/fuzz"])
        // Safe Rust needs no sanitizer, and without one the stable compiler works.
        .args(["--sanitizer", "none", "--target-dir"])
        .arg(paths.target.join("fuzz/target"));
    run::step(
        "Compiling the fuzz targets",
        &mut build,
        "Fix what the compiler says above.",
    )
}

/// Targets that run in parallel; each uses one core.
const PARALLEL: usize = 2;

fn run_targets(paths: &Paths, targets: &[&str], seconds: u32) -> Result<Vec<String>, Failure> {
    let waiting = Mutex::new(targets.iter());
    let next = || waiting.lock().ok()?.next();
    thread::scope(|scope| {
        let run_some = || -> Result<Vec<String>, Failure> {
            std::iter::from_fn(&next)
                .map(|target| run_target(paths, target, seconds))
                .collect()
        };
        let runners: Vec<_> = (0..PARALLEL).map(|_| scope.spawn(run_some)).collect();
        let mut summaries = Vec::new();
        for runner in runners {
            let some = runner
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            summaries.extend(some?);
        }
        summaries.sort();
        Ok(summaries)
    })
}

fn run_target(paths: &Paths, target: &str, seconds: u32) -> Result<String, Failure> {
    let folder = paths.target.join("fuzz");
    let corpus = folder.join("corpus").join(target);
    let log = folder.join(format!("{target}.log"));
    let failed = |why: String| {
        Failure::new(
            format!("Fuzzing {target}"),
            why,
            format!(
                "See {} for the failure. Run it again with cargo xtask fuzz {target}.",
                log.display()
            ),
        )
    };
    let run = || -> io::Result<_> {
        fs::create_dir_all(&corpus)?;
        seed(&paths.root.join("crates/fuzz/seeds").join(target), &corpus)?;
        let file = fs::File::create(&log)?;
        command(paths, target, &corpus, seconds)
            .stdout(file.try_clone()?)
            .stderr(file)
            .status()
    };
    let status = run().map_err(|error| failed(error.to_string()))?;
    let text = fs::read_to_string(&log).unwrap_or_default();
    if status.success() {
        summary(target, &text).ok_or_else(|| failed("It reports no executions.".to_owned()))
    } else {
        let tail: Vec<_> = text.lines().rev().take(30).collect();
        let tail: String = tail.iter().rev().flat_map(|line| [line, "\n"]).collect();
        Err(failed(format!("It ended with {status}:\n{tail}")))
    }
}

/// Runs the compiled target with the arguments of `cargo fuzz run`.
fn command(paths: &Paths, target: &str, corpus: &Path, seconds: u32) -> Command {
    let folder = paths.target.join("fuzz");
    let programs = folder
        .join("target")
        .join(toolchain::host())
        .join("release");
    let mut command = run::command(programs.join(target), &paths.root);
    command
        .arg(corpus)
        .arg(format!("-max_total_time={seconds}"))
        .args(["-print_final_stats=1", "-timeout=10", "-rss_limit_mb=2048"])
        .arg(format!("-artifact_prefix={}/", folder.display()));
    command
}

/// Copies the seed inputs to the corpus.
fn seed(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Reads executions and coverage from libFuzzer's output.
fn summary(target: &str, text: &str) -> Option<String> {
    let executions: u64 = text
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))?
        .trim()
        .parse()
        .ok()?;
    // "#1234 DONE cov: 567 ft: 890 corp: 12/3456b ..."
    let covered = text.lines().rev().find(|line| line.contains(" cov: "))?;
    let after = |word: &str| covered.split(word).nth(1)?.split_whitespace().next();
    Some(format!(
        "{target}: {executions} executions, {} edges, {} features covered",
        after(" cov: ")?,
        after(" ft: ")?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executions_and_coverage_are_read_from_the_log() {
        let log = "INFO: A corpus is not provided\n#2\tINITED cov: 10 ft: 11 corp: 1/1b\n\
            #98765\tDONE   cov: 567 ft: 890 corp: 12/3456b lim: 4 exec/s: 9 rss: 42Mb\n\
            stat::number_of_executed_units: 98765\n";
        assert_eq!(
            summary("jwt", log).as_deref(),
            Some("jwt: 98765 executions, 567 edges, 890 features covered")
        );
        assert_eq!(summary("jwt", "nothing"), None);
    }
}
