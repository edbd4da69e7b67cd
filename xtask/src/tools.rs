//! Trunk, the wasm-bindgen CLI and other programs from crates.io. A program on the PATH is used if it has
//! the right version; otherwise it's installed in target/tools.

use std::{env, ffi::OsString, fs, path::PathBuf, process::Command};

use crate::{
    paths::{Paths, find_program},
    run::{self, Failure, Work},
};

/// Settings under which tools compile fastest. A tool that panics has failed, so it needn't unwind.
const QUICK_TO_COMPILE: [&str; 5] = [
    "profile.dev.debug=false",
    "profile.dev.debug-assertions=false",
    "profile.dev.incremental=false",
    "profile.dev.overflow-checks=false",
    "profile.dev.panic='abort'",
];

/// A program from crates.io.
pub struct Tool {
    /// Its file name.
    program: &'static str,
    package: &'static str,
    version: String,
    /// Extra arguments for `cargo install`.
    options: &'static [&'static str],
    /// Compile time on two cores.
    seconds: u64,
}

/// Bundles the page. Newer versions need a newer compiler than this project does. The default features are
/// off so that it can't download tools.
fn trunk() -> Tool {
    Tool {
        program: "trunk",
        package: "trunk",
        version: "0.21.14".to_owned(),
        options: &["--no-default-features"],
        seconds: 240,
    }
}

/// Generates the JavaScript for WebAssembly programs.
fn wasm_bindgen(paths: &Paths) -> Result<Tool, Failure> {
    Ok(Tool {
        program: "wasm-bindgen",
        package: "wasm-bindgen-cli",
        version: wasm_bindgen_version(paths)?,
        // TLS is for browser drivers on other machines.
        options: &["--no-default-features"],
        seconds: 80,
    })
}

/// Drives the current and earlier versions of Firefox.
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

/// Installs the tools that build the page.
///
/// # Errors
/// When a tool can't be installed.
pub fn install(paths: &Paths) -> Result<(), Failure> {
    wasm_bindgen(paths)?.install(paths)?;
    trunk().install(paths).map(drop)
}

/// Estimated time for [`install`] on two cores, in seconds.
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

/// Estimated time for the tools that only tests need, on two cores, in seconds.
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

/// The path of wasm-bindgen's test runner, which comes with its CLI.
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
    /// Finds the program in exactly this version.
    fn find(&self, paths: &Paths) -> Option<PathBuf> {
        let has_version = |path: &PathBuf| {
            // Cargo passes the name of the subcommand first.
            let subcommand = self.program.strip_prefix("cargo-");
            run::output(Command::new(path).args(subcommand).arg("--version"))
                .is_some_and(|text| text.split_whitespace().any(|word| word == self.version))
        };
        let own = paths.bin().join(self.program);
        let found = [Some(own), find_program(&[self.program])];
        found.into_iter().flatten().find(has_version)
    }

    /// Installs the tool if necessary; returns its path.
    fn install(&self, paths: &Paths) -> Result<PathBuf, Failure> {
        let Self {
            package, version, ..
        } = self;
        let step = format!("Installing {package} {version} into target/tools");
        if let Some(path) = self.find(paths) {
            run::record(&step, std::time::Duration::ZERO, Work::Cached);
            return Ok(path);
        }
        // If cargo-binstall is installed, prefer a prebuilt program.
        if find_program(&["cargo-binstall"]).is_some() {
            let prebuilt = format!("{step}, prebuilt (cargo binstall)");
            if run::attempt(&prebuilt, &mut self.binstall(paths)).is_ok()
                && let Some(path) = self.find(paths)
            {
                return Ok(path);
            }
            println!("    No prebuilt program is available. Compiling it.");
        }
        // First with the dependency versions that its authors tested.
        let tested = run::attempt(&step, &mut self.cargo_install(paths, &["--locked"]));
        if tested.is_err() {
            println!(
                "    Its locked dependencies can't be installed. Trying again with newer ones."
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
            // Only releases of the package's own authors; compiling is a separate step.
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
            // It runs for seconds, so a fast build matters more than a fast program.
            .arg("--debug")
            .args(QUICK_TO_COMPILE.iter().flat_map(|line| ["--config", line]))
            .arg("--root")
            .arg(&paths.tools)
            // Shared, because the tools have many dependencies in common.
            .arg("--target-dir")
            .arg(paths.tools.join("build"));
        command
    }
}

/// Deletes the tools' build files, which take gigabytes and aren't needed again.
pub fn remove_build_files(paths: &Paths) {
    let _ = fs::remove_dir_all(paths.tools.join("build"));
}

/// The version in Cargo.lock: the CLI and the library must have the same one.
fn wasm_bindgen_version(paths: &Paths) -> Result<String, Failure> {
    let lock = fs::read_to_string(paths.root.join("Cargo.lock")).unwrap_or_default();
    locked_version(&lock, "wasm-bindgen").ok_or_else(|| {
        Failure::new(
            "Reading the version of wasm-bindgen",
            "Cargo.lock doesn't list it.",
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
    fn the_lock_file_is_searched_for_the_whole_package_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-cli\"\nversion = \"9.9.9\"\n\n\
            [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(
            locked_version(lock, "wasm-bindgen").as_deref(),
            Some("0.2.130")
        );
        assert_eq!(locked_version(lock, "trunk"), None);
    }
}
