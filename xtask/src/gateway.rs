//! Builds the gateway.

use std::path::PathBuf;

use crate::{
    paths::Paths,
    run::{self, Failure},
};

/// Builds it in release mode; gives the program.
///
/// # Errors
/// When cargo fails.
pub fn build(paths: &Paths) -> Result<PathBuf, Failure> {
    run::step(
        "Building the gateway (release mode, some minutes the first time)",
        run::command("cargo", &paths.root).args([
            "build",
            "--release",
            "--locked",
            "--package",
            "keyside-gateway",
        ]),
        "Mend what the compiler says above.",
    )?;
    Ok(paths
        .target
        .join("release")
        .join(format!("keyside{}", std::env::consts::EXE_SUFFIX)))
}
