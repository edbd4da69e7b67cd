//! Builds the wasm32 standard library from Debian's packages, for machines that can't reach rustup's
//! server. Needs root. The result works like a target installed with rustup.

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

/// The rustup name of Debian's compiler.
pub const TOOLCHAIN: &str = "keyside-debian";

const COMPILER: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm"];
const LINTS: [&str; 2] = ["rustfmt-web", "rust-web-clippy"];
const RUSTC: &str = "/usr/bin/rustc";
const LINKER: &str = "/usr/bin/rust-lld";
const REMEDY: &str = "Run this as root on Debian, or install the target with rustup: rustup target add \
    wasm32-unknown-unknown";

/// Whether this system uses Debian's packages.
pub fn is_possible() -> bool {
    Path::new("/usr/bin/apt-get").is_file()
}

/// Installs the compiler, builds the library, and registers both with rustup.
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

/// `rust-lld` is a symlink into a package that is only recommended. The link's target names the package.
fn install_linker() -> Result<(), Failure> {
    if Path::new(LINKER).exists() {
        return Ok(());
    }
    let unknown = || {
        Failure::new(
            "Looking for the linker of Debian's Rust",
            format!("The target of {LINKER} doesn't exist."),
            REMEDY,
        )
    };
    let target = fs::read_link(LINKER).map_err(|_| unknown())?;
    let package = linker_package(&target).ok_or_else(unknown)?;
    packages::install(&["the linker"], &[&package])
}

/// The package has the name of its program: `lld-22`.
fn linker_package(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let version = name.strip_prefix("lld-")?;
    version
        .chars()
        .all(|c| c.is_ascii_digit())
        .then(|| name.to_owned())
}

fn library_folder() -> Option<PathBuf> {
    let sysroot = run::output(Command::new(RUSTC).args(["--print", "sysroot"]))?;
    Some(
        Path::new(sysroot.trim())
            .join("lib/rustlib")
            .join(TARGET)
            .join("lib"),
    )
}

fn version() -> String {
    run::output(Command::new(RUSTC).arg("-vV")).unwrap_or_default()
}

/// Names the compiler that built the library, because no other can use it.
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
        "Building the wasm32 standard library from Debian's sources (one minute, only once)";
    let failed = |error: io::Error| Failure::new(STEP, error.to_string(), REMEDY);
    let folder = paths.tools.join("debian-std");
    // An empty library in its own workspace that depends on all of std.
    fs::create_dir_all(folder.join("src")).map_err(failed)?;
    let manifest =
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest).map_err(failed)?;
    fs::write(folder.join("src/lib.rs"), "").map_err(failed)?;
    // Remove the library of another compiler.
    let _ = fs::remove_dir_all(folder.join("target"));
    run::step(
        STEP,
        run::command("/usr/bin/cargo", &folder)
            .args(["build", "--release", "--target", TARGET])
            .arg("-Zbuild-std=std,panic_abort,panic_unwind,proc_macro,test")
            .env("RUSTC", RUSTC)
            .env("RUSTC_BOOTSTRAP", "1")
            // Link-time optimization needs embedded bitcode.
            .env(
                "RUSTFLAGS",
                "-Cembed-bitcode=yes -Zforce-unstable-if-unmarked",
            )
            .env("CARGO_TARGET_DIR", folder.join("target"))
            .env_remove("RUSTUP_TOOLCHAIN")
            .env_remove("CARGO"),
        REMEDY,
    )?;
    let library = library_folder().ok_or_else(|| {
        Failure::new(STEP, "Debian's compiler doesn't report its folder.", REMEDY)
    })?;
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
        &format!("Registering Debian's Rust with rustup as the toolchain {TOOLCHAIN}"),
        run::command("rustup", &paths.root).args(["toolchain", "link", TOOLCHAIN, "/usr"]),
        REMEDY,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_linker_package_is_the_name_of_the_link_target() {
        assert_eq!(
            linker_package(Path::new("lld-22")).as_deref(),
            Some("lld-22")
        );
        assert_eq!(linker_package(Path::new("/usr/lib/llvm-22/bin/lld")), None);
    }
}
