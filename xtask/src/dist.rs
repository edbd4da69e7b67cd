//! `cargo xtask dist`: one file to deploy.

use std::{fs, io, path::PathBuf};

use crate::{
    gateway, packages, page,
    paths::Paths,
    run::Failure,
    supply,
    toolchain::{self, WasmToolchain},
    tools,
};

/// Sees to the tools and builds it.
///
/// # Errors
/// When a step fails.
pub fn dist(paths: &Paths) -> Result<(), Failure> {
    packages::need(&[&packages::C_COMPILER])?;
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

/// Builds it; gives the program.
///
/// # Errors
/// When a step fails.
pub fn build(paths: &Paths, toolchain: &WasmToolchain) -> Result<PathBuf, Failure> {
    page::build(paths, toolchain)?;
    let built = gateway::build_with_page(paths)?;
    let folder = paths.target.join("dist");
    let program = folder.join(built.file_name().unwrap_or_default());
    let copied: io::Result<()> =
        fs::create_dir_all(&folder).and_then(|()| fs::copy(&built, &program).map(drop));
    copied.map_err(|error| {
        Failure::new(
            "Copying the program into target/dist",
            error.to_string(),
            "Check that target/ can be written.",
        )
    })?;
    Ok(program)
}
