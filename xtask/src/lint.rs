//! Lints while compiling: clippy stands in for the compiler of our own crates, so that nothing has to be
//! compiled for lints alone.

use std::{fs, io, path::PathBuf, process::Command};

use crate::{paths::Paths, run::Failure, toolchain::WasmToolchain};

/// Lets cargo compile by clippy; a warning is an error.
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
            "This Rust has none.",
            "rustup component add clippy",
        ));
    }
    let wrapper = wrapper(paths, toolchain, &driver.display().to_string())
        .map_err(Failure::of_files(STEP))?;
    command
        .env("RUSTC_WORKSPACE_WRAPPER", wrapper)
        // What is compiled once is compiled sooner without preparing for the next change.
        .env("CARGO_INCREMENTAL", "0");
    Ok(())
}

/// Cargo's wrapper takes no arguments of its own, and `RUSTFLAGS` would go to all crates.
fn wrapper(paths: &Paths, toolchain: &WasmToolchain, driver: &str) -> io::Result<PathBuf> {
    let folder = paths.tools.join("clippy");
    fs::create_dir_all(&folder)?;
    let script = folder.join(toolchain.name());
    crate::paths::write_script(&script, &format!("exec '{driver}' \"$@\" -Dwarnings"))?;
    Ok(script)
}
