//! The pages whose first load the benchmark compares, in target/bench-pages.

use std::{fs, path::PathBuf};

use crate::{
    finish,
    key_workers::{self, Variant},
    page::Kind,
    paths::{Paths, copy_all},
    run::{self, Failure},
    toolchain::WasmToolchain,
    wasm32::TARGET,
};

/// Builds the pages beside a copy of dist/; returns their folder.
///
/// # Errors
/// When a step fails.
pub fn pages(paths: &Paths, toolchain: &WasmToolchain) -> Result<PathBuf, Failure> {
    let program = compile(paths, toolchain)?;
    let folder = paths.target.join("bench-pages");
    let sources = paths.root.join("tests/bench/first_load");
    let [own, yew, form] = ["keyside", "yew", "form"].map(|name| folder.join(name));
    let _ = fs::remove_dir_all(&folder);
    [
        (&paths.dist, &own),
        (&sources.join("yew"), &yew),
        (&sources.join("form"), &form),
    ]
    .iter()
    .try_for_each(|(from, to)| copy_all(from, to))
    .map_err(Failure::io("Copying the pages to target/bench-pages"))?;
    // The digits stand for a hash; see index.html.
    let options = ["--target", "web", "--no-typescript"];
    let options = [&options[..], &["--out-name", "empty-page-00000000"]].concat();
    key_workers::bind(paths, &program, &options, &yew)?;
    finish::compress(paths, &yew)?;
    finish::compress(paths, &form)?;
    Ok(folder)
}

fn compile(paths: &Paths, toolchain: &WasmToolchain) -> Result<PathBuf, Failure> {
    const NAME: &str = "empty-page";
    let mut cargo = run::command("cargo", &paths.root);
    cargo.args([
        "build",
        "--locked",
        "--package",
        "keyside-page",
        "--example",
        NAME,
    ]);
    key_workers::set_variant(&mut cargo, paths, Kind::Release, Variant::Portable)?;
    run::step(
        "Compiling a page with one field, made with Yew",
        toolchain.apply(&mut cargo),
        "Fix what the compiler says above.",
    )?;
    let folder = paths.target.join(TARGET).join(Kind::Release.folder());
    Ok(folder.join("examples").join(NAME).with_extension("wasm"))
}
