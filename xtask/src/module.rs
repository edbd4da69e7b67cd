//! `cargo xtask module`: builds the key engine as an ES module for other pages.

use std::{fs, io, path::PathBuf};

use crate::{
    key_workers::{self, Variant},
    page::Kind,
    paths::Paths,
    run::Failure,
    toolchain::{self, WasmToolchain},
    tools,
};

/// Installs the tools and builds the module.
///
/// # Errors
/// When a step fails.
pub fn module(paths: &Paths) -> Result<(), Failure> {
    let toolchain = toolchain::with_wasm32(paths, false)?;
    tools::install(paths)?;
    let folder = build(paths, &toolchain)?;
    println!("\nThe module is {}", folder.join("keyside.js").display());
    Ok(())
}

/// Builds the module; returns its folder.
///
/// # Errors
/// When a step fails.
pub fn build(paths: &Paths, toolchain: &WasmToolchain) -> Result<PathBuf, Failure> {
    let folder = paths.target.join("module");
    // Remove the files of an older version.
    let _ = fs::remove_dir_all(&folder);
    let workers = key_workers::build(paths, toolchain, Kind::Release)?;
    let program = ["keyside-module"; 2];
    let program =
        key_workers::compile(paths, toolchain, Kind::Release, program, Variant::Portable)?;
    let options = ["--target", "web", "--out-name", "keyside"];
    key_workers::bind(paths, &program, &options, &folder)?;
    let place = |file: &std::path::Path| {
        let name = file.file_name().unwrap_or_default();
        fs::copy(file, folder.join(name))?;
        Ok(name.to_string_lossy().into_owned())
    };
    let copy = || -> io::Result<()> {
        let files = key_workers::manifest(&workers, place)?;
        fs::write(
            folder.join("key-worker-files.js"),
            format!("export default {files};\n"),
        )?;
        place(&paths.root.join("www/worker-loader.js"))?;
        place(&paths.root.join("crates/module/start-key-worker.js"))?;
        Ok(())
    };
    copy().map_err(Failure::io("Copying the key workers into target/module"))?;
    Ok(folder)
}
