//! npm packages for benchmarks and tests, in target/. TypeScript checks the module's definitions, axe-core
//! checks accessibility, and the benchmark compares the engine with node-forge.

use std::{fs, path::PathBuf};

use crate::{
    packages::NPM,
    paths::Paths,
    run::{self, Failure},
};

/// Installs the packages of xtask/package.json; returns their folder.
///
/// # Errors
/// When they can't be installed.
pub fn packages(paths: &Paths) -> Result<PathBuf, Failure> {
    const STEP: &str = "Installing npm packages into target/tools/node";
    let failed = Failure::io(STEP);
    let folder = paths.tools.join("node");
    let wanted = fs::read_to_string(paths.root.join("xtask/package.json")).map_err(&failed)?;
    // Written last, so that an interrupted installation doesn't count.
    let stamp = folder.join("installed.json");
    let packages = folder.join("node_modules");
    if fs::read_to_string(&stamp).is_ok_and(|text| text == wanted) {
        return Ok(packages);
    }
    fs::create_dir_all(&folder).map_err(&failed)?;
    fs::write(folder.join("package.json"), &wanted).map_err(&failed)?;
    run::step(
        STEP,
        run::command(NPM.path()?, &folder).args([
            "install",
            "--no-package-lock",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
        ]),
        "Check that the npm registry, or your mirror of it, can be reached; then try again.",
    )?;
    fs::write(stamp, wanted).map_err(&failed)?;
    Ok(packages)
}
