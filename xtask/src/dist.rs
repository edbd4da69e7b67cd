//! `cargo xtask dist`: builds one file to deploy.

use std::{fs, io, path::PathBuf};

use crate::{
    gateway, packages,
    page::{self, Kind},
    paths::Paths,
    run::Failure,
    supply,
    toolchain::{self, WasmToolchain},
    tools,
};

/// Installs the tools, and builds the program and its bills of materials.
///
/// # Errors
/// When a step fails.
pub fn dist(paths: &Paths) -> Result<(), Failure> {
    packages::ensure(&[&packages::C_COMPILER])?;
    let toolchain = toolchain::with_wasm32(paths, false)?;
    tools::install(paths)?;
    let program = build(paths, &toolchain)?;
    let [gateway_bill, page_bill] = supply::bills(paths)?;
    println!(
        "\nThe bills of materials are {} and {}",
        gateway_bill.display(),
        page_bill.display()
    );
    println!("The gateway with the page inside is {}", program.display());
    Ok(())
}

/// Builds the gateway with the page inside; returns the program.
///
/// # Errors
/// When a step fails.
pub fn build(paths: &Paths, toolchain: &WasmToolchain) -> Result<PathBuf, Failure> {
    page::build(paths, toolchain, Kind::Release)?;
    let built = gateway::build_with_page(paths)?;
    let folder = paths.target.join("dist");
    let program = folder.join(built.file_name().unwrap_or_default());
    let copied: io::Result<()> = fs::create_dir_all(&folder).and_then(|()| {
        // A running program can't be overwritten, but it can be replaced.
        let _ = fs::remove_file(&program);
        fs::copy(&built, &program).map(drop)
    });
    copied.map_err(Failure::io("Copying the program into target/dist"))?;
    Ok(program)
}
