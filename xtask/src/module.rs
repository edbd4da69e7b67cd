//! `cargo xtask module`: the key engine as an ES module, for other people's pages.

use std::{fs, path::PathBuf};

use crate::{
    finish, page,
    paths::Paths,
    run::{self, Failure},
    toolchain::{self, TARGET, WasmToolchain},
    tools,
};

const MEND: &str = "Mend what the compiler says above.";

/// Sees to the tools and builds it.
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

/// Builds it; gives its folder.
///
/// # Errors
/// When a step fails.
pub fn build(paths: &Paths, toolchain: &WasmToolchain) -> Result<PathBuf, Failure> {
    page::build(paths, toolchain)?;
    let mut cargo = run::command("cargo", &paths.root);
    cargo
        .args(["build", "--locked", "--profile", "page", "--target", TARGET])
        .args(["--package", "keyside-page", "--bin", "keyside-module"]);
    page::without_paths(&mut cargo, paths, &[]);
    run::step("Building the ES module", toolchain.apply(&mut cargo), MEND)?;
    let folder = paths.target.join("module");
    let program = toolchain.built().join("page/keyside-module.wasm");
    // What an older version left there is none of this one's.
    let _ = fs::remove_dir_all(&folder);
    page::bind(paths, &program, &["--out-name", "keyside"], &folder)?;
    finish::copy_workers(&paths.plain_page, &folder).map_err(|error| {
        Failure::new(
            "Copying the key workers into target/module",
            error.to_string(),
            "Check that target/ can be written; cargo xtask module",
        )
    })?;
    Ok(folder)
}
