//! Builds the wasm32 standard library from Debian's packages, for where rustup's server cannot be
//! reached. Needs root; the result serves like a target that rustup installed.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    packages,
    paths::Paths,
    run::{self, Failure},
    wasm32::{TARGET, has_std},
};

/// The name that rustup knows Debian's compiler by.
pub const TOOLCHAIN: &str = "keyside-debian";

const COMPILER: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm"];
const LINTS: [&str; 2] = ["rustfmt-web", "rust-web-clippy"];
const RUSTC: &str = "/usr/bin/rustc";
const LINKER: &str = "/usr/bin/rust-lld";
const REMEDY: &str = "Run this as root on Debian, or get the target by rustup: rustup target add \
    wasm32-unknown-unknown";

/// Whether this system has the packages.
pub fn is_possible() -> bool {
    Path::new("/usr/bin/apt-get").is_file()
}

/// Installs the compiler, builds the library, and makes both known to rustup.
///
/// # Errors
/// When a step fails.
pub fn install(paths: &Paths, lints: bool) -> Result<(), Failure> {
    let wanted: Vec<&str> = COMPILER
        .into_iter()
        .chain(lints.then_some(LINTS).into_iter().flatten())
        .collect();
    let absent: Vec<&str> = wanted
        .into_iter()
        .filter(|package| !is_installed(package))
        .collect();
    if !absent.is_empty() {
        packages::install(&["Debian's Rust with its sources"], &absent)?;
    }
    install_linker()?;
    if !is_built() {
        build(paths)?;
    }
    link(paths)
}

fn is_installed(package: &str) -> bool {
    run::output(Command::new("dpkg-query").args(["-W", "-f=${Status}", package]))
        .is_some_and(|status| status.contains("install ok installed"))
}

/// `rust-lld` is a link into a package that is only recommended: ask the link which.
fn install_linker() -> Result<(), Failure> {
    if Path::new(LINKER).exists() {
        return Ok(());
    }
    let unknown = || {
        Failure::new(
            "Looking for the linker of Debian's Rust",
            format!("{LINKER} leads nowhere."),
            REMEDY,
        )
    };
    let leads_to = fs::read_link(LINKER).map_err(|_| unknown())?;
    let package = linker_package(&leads_to).ok_or_else(unknown)?;
    packages::install(&["the linker"], &[&package])
}

/// The package is named as its program: `lld-22`.
fn linker_package(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let version = name.strip_prefix("lld-")?;
    version
        .chars()
        .all(|c| c.is_ascii_digit())
        .then(|| name.to_owned())
}

fn library_folder() -> Option<PathBuf> {
    let asked = run::output(Command::new(RUSTC).args(["--print", "sysroot"]))?;
    Some(
        Path::new(asked.trim())
            .join("lib/rustlib")
            .join(TARGET)
            .join("lib"),
    )
}

fn version() -> String {
    run::output(Command::new(RUSTC).arg("-vV")).unwrap_or_default()
}

/// Kept beside the library: it is good only for the compiler that built it.
fn version_file(library: &Path) -> PathBuf {
    library.join("built-by")
}

fn is_built() -> bool {
    library_folder().is_some_and(|library| {
        has_std(&library)
            && fs::read_to_string(version_file(&library)).is_ok_and(|text| text == version())
    })
}

fn build(paths: &Paths) -> Result<(), Failure> {
    const STEP: &str =
        "Building the wasm32 standard library from Debian's sources (a minute, once)";
    let failed = |error: io::Error| Failure::new(STEP, error.to_string(), REMEDY);
    let folder = paths.tools.join("debian-std");
    // An empty library that depends on all of std; its own workspace.
    fs::create_dir_all(folder.join("src")).map_err(failed)?;
    let manifest =
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest).map_err(failed)?;
    fs::write(folder.join("src/lib.rs"), "").map_err(failed)?;
    // A library of another compiler's must not be in the way.
    let _ = fs::remove_dir_all(folder.join("target"));
    run::step(
        STEP,
        run::command("/usr/bin/cargo", &folder)
            .args(["build", "--release", "--target", TARGET])
            .arg("-Zbuild-std=std,panic_abort,panic_unwind,proc_macro,test")
            .env("RUSTC", RUSTC)
            .env("RUSTC_BOOTSTRAP", "1")
            // Embedded bitcode: link-time optimisation needs it.
            .env(
                "RUSTFLAGS",
                "-Cembed-bitcode=yes -Zforce-unstable-if-unmarked",
            )
            .env("CARGO_TARGET_DIR", folder.join("target"))
            .env_remove("RUSTUP_TOOLCHAIN")
            .env_remove("CARGO"),
        REMEDY,
    )?;
    let library = library_folder()
        .ok_or_else(|| Failure::new(STEP, "Debian's compiler does not tell its folder.", REMEDY))?;
    fs::create_dir_all(&library).map_err(failed)?;
    for old in fs::read_dir(&library).map_err(failed)?.flatten() {
        fs::remove_file(old.path()).map_err(failed)?;
    }
    let built = folder.join("target").join(TARGET).join("release/deps");
    for file in fs::read_dir(built).map_err(failed)?.flatten() {
        let name = file.file_name();
        let is_part = Path::new(&name)
            .extension()
            .is_some_and(|end| end == "rlib")
            && !name.to_string_lossy().starts_with("libempty");
        if is_part {
            fs::copy(file.path(), library.join(name)).map_err(failed)?;
        }
    }
    fs::write(version_file(&library), version()).map_err(failed)
}

fn link(paths: &Paths) -> Result<(), Failure> {
    let known = run::output(run::command("rustup", &paths.root).args(["toolchain", "list"]))
        .is_some_and(|list| list.lines().any(|line| line.starts_with(TOOLCHAIN)));
    if known {
        return Ok(());
    }
    run::step(
        &format!("Making Debian's Rust known to rustup as the toolchain {TOOLCHAIN}"),
        run::command("rustup", &paths.root).args(["toolchain", "link", TOOLCHAIN, "/usr"]),
        REMEDY,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_linker_package_is_read_off_the_link() {
        assert_eq!(
            linker_package(Path::new("lld-22")).as_deref(),
            Some("lld-22")
        );
        assert_eq!(linker_package(Path::new("/usr/lib/llvm-22/bin/lld")), None);
    }
}
