//! Builds the gateway.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    paths::Paths,
    run::{self, Failure},
};

/// Builds it in release mode; gives the program.
///
/// # Errors
/// When cargo fails.
pub fn build(paths: &Paths) -> Result<PathBuf, Failure> {
    const STEP: &str = "Building the gateway (release mode, some minutes the first time)";
    run::step(STEP, &mut cargo(paths), MEND)?;
    Ok(program(&paths.target))
}

/// Builds it with the page inside; gives the program.
///
/// # Errors
/// When cargo fails.
pub fn build_with_page(paths: &Paths) -> Result<PathBuf, Failure> {
    // Apart from the other one, so that neither has to be compiled anew for the other.
    let target = paths.target.join("with-page");
    run::step(
        "Building the gateway with the page inside (release mode, some minutes the first time)",
        cargo(paths)
            .env("KEYSIDE_EMBED", &paths.dist)
            .env("CARGO_TARGET_DIR", &target),
        MEND,
    )?;
    Ok(program(&target))
}

const MEND: &str = "Mend what the compiler says above.";

fn cargo(paths: &Paths) -> Command {
    let mut command = run::command("cargo", &paths.root);
    command.args(["build", "--release", "--locked"]);
    command.args(["--package", "keyside-gateway"]);
    command
}

fn program(target: &Path) -> PathBuf {
    let name = format!("keyside{}", std::env::consts::EXE_SUFFIX);
    target.join("release").join(name)
}
