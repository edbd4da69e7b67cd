//! Lints while compiling: clippy replaces the compiler for our own crates, so that linting needs no extra
//! build.

use std::{fs, io, path::PathBuf, process::Command};

use crate::{paths::Paths, run::Failure, toolchain::WasmToolchain};

/// Makes cargo compile with clippy and treat warnings as errors.
///
/// # Errors
/// When the toolchain has no clippy.
pub fn lint(
    command: &mut Command,
    paths: &Paths,
    toolchain: &WasmToolchain,
) -> Result<(), Failure> {
    const STEP: &str = "Looking for clippy";
    let sysroot = toolchain.sysroot(&paths.root);
    let driver = sysroot
        .join("bin")
        .join(format!("clippy-driver{}", std::env::consts::EXE_SUFFIX));
    if !driver.is_file() {
        return Err(Failure::new(
            STEP,
            "This Rust installation doesn't have it.",
            "rustup component add clippy",
        ));
    }
    let wrapper =
        wrapper(paths, toolchain, &driver.display().to_string()).map_err(Failure::io(STEP))?;
    command
        .env("RUSTC_WORKSPACE_WRAPPER", wrapper)
        // A single build is faster without incremental compilation.
        .env("CARGO_INCREMENTAL", "0");
    Ok(())
}

/// A script that adds `-Dwarnings`: cargo's wrapper can't have arguments, and `RUSTFLAGS` would apply to
/// all crates.
fn wrapper(paths: &Paths, toolchain: &WasmToolchain, driver: &str) -> io::Result<PathBuf> {
    let folder = paths.tools.join("clippy");
    fs::create_dir_all(&folder)?;
    let script = folder.join(toolchain.name());
    crate::paths::write_script(&script, &format!("exec '{driver}' \"$@\" -Dwarnings"))?;
    Ok(script)
}
