//! Trunk, the wasm-bindgen CLI and other programs from crates.io: one on the PATH in the right version
//! is used, else it is installed under target/tools.

use std::{env, ffi::OsString, fs, path::PathBuf, process::Command};

use crate::{
    paths::{Paths, find_program},
    run::{self, Failure, Work},
};

/// A program that crates.io has.
pub struct Tool {
    /// What it is called on the PATH.
    program: &'static str,
    package: &'static str,
    version: String,
    /// Further arguments of `cargo install`.
    options: &'static [&'static str],
    /// How long it takes to compile on two cores.
    seconds: u64,
}

/// Bundles the page. Newer versions need a newer compiler than this project does. Without its default
/// features it can't download tools of its own, which it shall not do.
fn trunk() -> Tool {
    Tool {
        program: "trunk",
        package: "trunk",
        version: "0.21.14".to_owned(),
        options: &["--no-default-features"],
        seconds: 240,
    }
}

/// Writes the JavaScript of WebAssembly programs.
fn wasm_bindgen(paths: &Paths) -> Result<Tool, Failure> {
    Ok(Tool {
        program: "wasm-bindgen",
        package: "wasm-bindgen-cli",
        version: wasm_bindgen_version(paths)?,
        options: &[],
        seconds: 80,
    })
}

/// Drives the current Firefox and those before it.
fn geckodriver() -> Tool {
    Tool {
        program: "geckodriver",
        package: "geckodriver",
        version: "0.37.0".to_owned(),
        options: &[],
        seconds: 60,
    }
}

/// Writes bills of materials.
fn cargo_cyclonedx() -> Tool {
    Tool {
        program: "cargo-cyclonedx",
        package: "cargo-cyclonedx",
        version: "0.5.9".to_owned(),
        options: &[],
        seconds: 50,
    }
}

/// Installs what builds the page.
///
/// # Errors
/// When a tool can't be installed.
pub fn install(paths: &Paths) -> Result<(), Failure> {
    wasm_bindgen(paths)?.install(paths)?;
    trunk().install(paths).map(drop)
}

/// How long [`install`] will take on two cores, in seconds.
pub fn estimate(paths: &Paths) -> u64 {
    let tools = [wasm_bindgen(paths).ok(), Some(trunk())];
    let absent = tools
        .iter()
        .flatten()
        .filter(|tool| tool.find(paths).is_none());
    absent.map(|tool| tool.seconds).sum()
}

/// Installs Firefox's driver; returns its path.
///
/// # Errors
/// When it can't be installed.
pub fn install_geckodriver(paths: &Paths) -> Result<PathBuf, Failure> {
    geckodriver().install(paths)
}

/// Installs `cargo cyclonedx`.
///
/// # Errors
/// When it can't be installed.
pub fn install_cyclonedx(paths: &Paths) -> Result<(), Failure> {
    cargo_cyclonedx().install(paths).map(drop)
}

/// How long the tools that only tests need will take on two cores, in seconds.
pub fn estimate_for_tests(paths: &Paths) -> u64 {
    let tools = [geckodriver(), cargo_cyclonedx()];
    let absent = tools.iter().filter(|tool| tool.find(paths).is_none());
    absent.map(|tool| tool.seconds).sum()
}

/// The PATH with the installed tools first.
pub fn path(paths: &Paths) -> OsString {
    let old = env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(paths.bin()).chain(env::split_paths(&old));
    env::join_paths(all).unwrap_or(old)
}

/// Where wasm-bindgen's test runner is, which comes with its CLI.
pub fn wasm_test_runner(paths: &Paths) -> PathBuf {
    const NAME: &str = "wasm-bindgen-test-runner";
    let own = paths.bin().join(NAME);
    if own.is_file() {
        own
    } else {
        find_program(&[NAME]).unwrap_or(own)
    }
}

impl Tool {
    /// The program in this very version, if there is one.
    fn find(&self, paths: &Paths) -> Option<PathBuf> {
        let has_version = |path: &PathBuf| {
            // Cargo calls its own subcommands so.
            let subcommand = self.program.strip_prefix("cargo-");
            run::output(Command::new(path).args(subcommand).arg("--version"))
                .is_some_and(|text| text.split_whitespace().any(|word| word == self.version))
        };
        let own = paths.bin().join(self.program);
        let found = [Some(own), find_program(&[self.program])];
        found.into_iter().flatten().find(has_version)
    }

    /// Installs it unless it is there; returns its path.
    fn install(&self, paths: &Paths) -> Result<PathBuf, Failure> {
        let Self {
            package, version, ..
        } = self;
        let step = format!("Installing {package} {version} into target/tools");
        if let Some(path) = self.find(paths) {
            run::note(&step, std::time::Duration::ZERO, Work::Cached);
            return Ok(path);
        }
        // A prebuilt program, where the reader has chosen to install such.
        if find_program(&["cargo-binstall"]).is_some() {
            let prebuilt = format!("{step}, prebuilt (cargo binstall)");
            if run::attempt(&prebuilt, &mut self.binstall(paths)).is_ok()
                && let Some(path) = self.find(paths)
            {
                return Ok(path);
            }
            println!("    It isn't available prebuilt, so it is compiled.");
        }
        // First in the versions of its dependencies that its makers tested.
        let tested = run::attempt(&step, &mut self.cargo_install(paths, &["--locked"]));
        if tested.is_err() {
            println!(
                "    Not all the dependencies that its makers tested are on this registry, so newer \
                 ones are used."
            );
            run::step(
                &format!("{step}, with newer dependencies"),
                &mut self.cargo_install(paths, &[]),
                &format!("cargo install {package} --version {version} --locked"),
            )?;
        }
        Ok(paths.bin().join(self.program))
    }

    fn binstall(&self, paths: &Paths) -> Command {
        let mut command = run::command("cargo", &paths.root);
        command
            .args(["binstall", "--no-confirm", "--disable-telemetry"])
            // Only what the package's own makers released; compiling is done below.
            .args(["--disable-strategies", "quick-install,compile"])
            .arg("--root")
            .arg(&paths.tools)
            .arg(format!("{}@{}", self.package, self.version));
        command
    }

    fn cargo_install(&self, paths: &Paths, locked: &[&str]) -> Command {
        let mut command = run::command("cargo", &paths.root);
        command
            .args([
                "install",
                self.package,
                "--version",
                &self.version,
                "--force",
            ])
            .args(self.options)
            .args(locked)
            // It runs for seconds: a faster build is worth more than a faster program.
            .args(["--debug", "--config", "profile.dev.debug=false"])
            .arg("--root")
            .arg(&paths.tools)
            // One folder for all tools, which share many dependencies.
            .arg("--target-dir")
            .arg(paths.tools.join("build"));
        command
    }
}

/// Deletes what is left of compiling the tools: gigabytes that are of no more use.
pub fn tidy(paths: &Paths) {
    let _ = fs::remove_dir_all(paths.tools.join("build"));
}

/// The CLI must have the very version that the library has in Cargo.lock.
fn wasm_bindgen_version(paths: &Paths) -> Result<String, Failure> {
    let lock = fs::read_to_string(paths.root.join("Cargo.lock")).unwrap_or_default();
    locked_version(&lock, "wasm-bindgen").ok_or_else(|| {
        Failure::new(
            "Reading the version of wasm-bindgen",
            "Cargo.lock does not name it.",
            "git checkout Cargo.lock",
        )
    })
}

fn locked_version(lock: &str, package: &str) -> Option<String> {
    let (_, rest) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    rest.split('"').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::locked_version;

    #[test]
    fn a_version_is_read_off_the_lock_file_by_its_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-cli\"\nversion = \"9.9.9\"\n\n\
            [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(
            locked_version(lock, "wasm-bindgen").as_deref(),
            Some("0.2.130")
        );
        assert_eq!(locked_version(lock, "trunk"), None);
    }
}
