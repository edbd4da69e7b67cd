//! Builds the gateway.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    paths::Paths,
    run::{self, Failure},
};

/// Builds it for development, which is faster; returns the program. The page isn't included.
///
/// # Errors
/// When cargo fails.
pub fn build_for_development(paths: &Paths) -> Result<PathBuf, Failure> {
    run::step("Building the gateway", &mut cargo(paths), REMEDY)?;
    Ok(program(&paths.target.join("debug")))
}

/// Compiles the release gateway without a page, unless there is one. [`build_with_page`] then compiles only
/// the binary's own crate.
///
/// # Errors
/// When cargo fails.
pub fn compile_release(paths: &Paths) -> Result<(), Failure> {
    if program(&paths.target.join("release")).is_file() {
        return Ok(());
    }
    run::step(
        "Compiling the release gateway, without the page",
        cargo(paths).arg("--release"),
        REMEDY,
    )
}

/// Builds the release gateway with the page from dist/ inside; returns the program.
///
/// # Errors
/// When cargo fails.
pub fn build_with_page(paths: &Paths) -> Result<PathBuf, Failure> {
    run::step(
        "Building the release gateway with the page inside",
        cargo(paths)
            .arg("--release")
            .env("KEYSIDE_EMBED", &paths.dist),
        REMEDY,
    )?;
    Ok(program(&paths.target.join("release")))
}

/// Builds the release gateway with the page inside, without shared libraries and symbols; returns the program.
///
/// # Errors
/// When cargo fails.
pub fn build_static(paths: &Paths) -> Result<PathBuf, Failure> {
    let mut command = run::command("cargo", &paths.root);
    command
        .args(["rustc", "--locked", "--release", "--package", "keyside"])
        .args(["--bin", "keyside", "--"])
        // For the program alone: everything that it's linked from is compiled already.
        .args(["-Ctarget-feature=+crt-static", "-Cstrip=symbols"])
        .env("KEYSIDE_EMBED", &paths.dist);
    run::step(
        "Linking the release gateway without shared libraries",
        &mut command,
        "If the linker can't find -lc, install your C library for static linking (Debian: libc6-dev).",
    )?;
    Ok(program(&paths.target.join("release")))
}

/// Estimated build time on two cores, in seconds.
pub fn estimate(paths: &Paths, profile: &str) -> u64 {
    match (program(&paths.target.join(profile)).is_file(), profile) {
        (true, _) => 10,
        (false, "release") => 220,
        (false, _) => 120,
    }
}

const REMEDY: &str = "Fix what the compiler says above.";

fn cargo(paths: &Paths) -> Command {
    let mut command = run::command("cargo", &paths.root);
    command.args(["build", "--locked", "--package", "keyside"]);
    command
}

fn program(folder: &Path) -> PathBuf {
    folder.join(format!("keyside{}", std::env::consts::EXE_SUFFIX))
}
