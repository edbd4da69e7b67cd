//! Trunk, the wasm-bindgen CLI and Firefox's driver: those on the PATH when they are of the right
//! version, else installed under target/.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    paths::{Paths, find_program},
    run::{self, Failure},
};

/// Newer ones want a newer compiler than this project does.
const TRUNK: &str = "0.21.14";
/// Drives the Firefox of the day and those before it.
const GECKODRIVER: &str = "0.37.0";

/// Sees to what builds the page.
///
/// # Errors
/// When one cannot be installed.
pub fn install(paths: &Paths) -> Result<(), Failure> {
    let bindgen = wasm_bindgen_version(paths)?;
    install_one(paths, "wasm-bindgen", "wasm-bindgen-cli", &bindgen)?;
    install_one(paths, "trunk", "trunk", TRUNK)?;
    tidy(paths);
    Ok(())
}

/// Sees to Firefox's driver; gives where it is.
///
/// # Errors
/// When it cannot be installed.
pub fn geckodriver(paths: &Paths) -> Result<PathBuf, Failure> {
    let program = install_one(paths, "geckodriver", "geckodriver", GECKODRIVER)?;
    tidy(paths);
    Ok(program)
}

/// Away with gigabytes that are of no more use.
fn tidy(paths: &Paths) {
    let _ = fs::remove_dir_all(build_folder(paths));
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

/// Sees to one program that crates.io has, in this very version; gives where it is.
///
/// # Errors
/// When it cannot be installed.
pub fn install_one(
    paths: &Paths,
    program: &str,
    package: &str,
    version: &str,
) -> Result<PathBuf, Failure> {
    let has_version = |path: &Path| {
        // Cargo calls its own subcommands so.
        let subcommand = program.strip_prefix("cargo-");
        run::output(Command::new(path).args(subcommand).arg("--version"))
            .is_some_and(|text| text.split_whitespace().any(|word| word == version))
    };
    let own = paths.bin().join(program);
    let found = [Some(own.clone()), find_program(&[program])];
    if let Some(path) = found.into_iter().flatten().find(|path| has_version(path)) {
        return Ok(path);
    }
    let name = format!("Installing {package} {version} into target/tools (some minutes, once)");
    let install = |locked: &[&str]| {
        let mut command = run::command("cargo", &paths.root);
        command
            .args(["install", package, "--version", version, "--force"])
            .args(locked)
            .arg("--root")
            .arg(&paths.tools)
            .arg("--target-dir")
            .arg(build_folder(paths));
        command
    };
    let remedy = format!("cargo install {package} --version {version} --locked");
    // The versions that its makers tested; where one of them is not to be had, newer ones do.
    run::step(&name, &mut install(&["--locked"]), &remedy).or_else(|_| {
        run::step(
            &format!("{name}: once more, with newer dependencies"),
            &mut install(&[]),
            &remedy,
        )
    })?;
    Ok(own)
}

fn build_folder(paths: &Paths) -> PathBuf {
    paths.tools.join("build")
}

/// The CLI must be of the very version of the library in Cargo.lock.
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
