//! Builds the page with Trunk if anything has changed.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    key_workers,
    paths::{self, Paths},
    run::{self, Failure, Work},
    toolchain::{self, WasmToolchain},
    tools,
    unchanged::{self, Unchanged},
};

/// The page's source files.
const SOURCES: [&str; 14] = [
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "crates/compress",
    "crates/engine",
    "crates/iam",
    "crates/keygen",
    "index.html",
    "src",
    "www",
    "xtask/src/finish.rs",
    "xtask/src/key_workers.rs",
    "xtask/src/page.rs",
];

/// Which page to build.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Small and fast: `trunk build --release`, in dist/.
    Release,
    /// Quick to build: `trunk build` and `trunk serve`.
    Development,
}

impl Kind {
    /// The kind that Trunk builds, from the environment of its hooks.
    pub fn of_trunk() -> Self {
        if env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == "release") {
            Self::Release
        } else {
            Self::Development
        }
    }

    /// The cargo profile.
    pub fn profile(self) -> &'static str {
        match self {
            Self::Release => "page",
            Self::Development => "dev",
        }
    }

    /// The profile's folder in cargo's target folder.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Release => "page",
            Self::Development => "debug",
        }
    }

    /// The page's folder.
    pub fn dist(self, paths: &Paths) -> PathBuf {
        match self {
            Self::Release => paths.dist.clone(),
            Self::Development => paths.target.join("page"),
        }
    }

    fn stamp(self) -> &'static str {
        match self {
            Self::Release => "page",
            Self::Development => "page-for-development",
        }
    }

    fn step(self) -> &'static str {
        match self {
            Self::Release => "Building the release page in dist/",
            Self::Development => "Building the development page in target/page",
        }
    }

    /// Time for a clean build on two cores.
    fn seconds(self) -> u64 {
        match self {
            Self::Release => 210,
            Self::Development => 220,
        }
    }
}

/// Trunk's staging folder, from the environment of its hooks; `step` names the hook.
///
/// # Errors
/// When Trunk isn't the caller.
pub fn staging_of_trunk(step: &str) -> Result<PathBuf, Failure> {
    env::var_os("TRUNK_STAGING_DIR")
        .map(PathBuf::from)
        .ok_or_else(|| {
            Failure::new(
                step,
                "Trunk didn't call this.",
                "trunk build --release, or cargo xtask page",
            )
        })
}

/// `cargo xtask page`: installs the tools, then builds the page.
///
/// # Errors
/// When a step fails.
pub fn page(paths: &Paths) -> Result<(), Failure> {
    let toolchain = toolchain::with_wasm32(paths, false)?;
    tools::install(paths)?;
    build(paths, &toolchain, Kind::Release)
}

/// Builds the page.
///
/// # Errors
/// When Trunk fails.
pub fn build(paths: &Paths, toolchain: &WasmToolchain, kind: Kind) -> Result<(), Failure> {
    let (is_up_to_date, sources) = is_up_to_date(paths, toolchain, kind)?;
    if is_up_to_date {
        run::record(kind.step(), Duration::ZERO, Work::Cached);
        return Ok(());
    }
    run::step(
        "Fetching the crates of Cargo.lock",
        run::command("cargo", &paths.root).args(["fetch", "--locked"]),
        "Check that crates.io, or your mirror of it, can be reached; then try again.",
    )?;
    // Trunk's hook would do this, but here the progress is visible.
    key_workers::compile_both(paths, toolchain, kind)?;
    let mut trunk = run::command("trunk", &paths.root);
    trunk
        // Offline, so that it doesn't download tools.
        .args(["build", "--offline", "true"])
        .env("PATH", tools::path(paths))
        // Hooks run this program instead of building another one with Trunk's environment.
        .env("KEYSIDE_XTASK", paths.program())
        // Trunk accepts only true or false.
        .env("NO_COLOR", "true");
    match kind {
        Kind::Release => {
            trunk.arg("--release");
        }
        Kind::Development => {
            trunk.arg("--dist").arg(kind.dist(paths));
        }
    }
    set_flags(&mut trunk, paths, kind);
    run::step(
        kind.step(),
        toolchain.apply(&mut trunk),
        "Fix what the compiler says above.",
    )?;
    sources.save().map_err(Failure::io(kind.step()))
}

/// Compiles the key workers, which need no tools, if anything has changed.
///
/// # Errors
/// When it doesn't compile.
pub fn compile_ahead(paths: &Paths, toolchain: &WasmToolchain, kind: Kind) -> Result<(), Failure> {
    if is_up_to_date(paths, toolchain, kind)?.0 {
        return Ok(());
    }
    key_workers::compile_both(paths, toolchain, kind).map(drop)
}

/// Also returns the fingerprint to save after the build.
fn is_up_to_date(
    paths: &Paths,
    toolchain: &WasmToolchain,
    kind: Kind,
) -> Result<(bool, Unchanged), Failure> {
    let sources = Unchanged::new(paths, toolchain, kind.stamp(), &SOURCES)
        .map_err(Failure::io(kind.step()))?;
    let exists = kind.dist(paths).join("index.html").is_file();
    Ok((exists && sources.is_current(), sources))
}

/// Estimated time for [`build`] on two cores, in seconds.
pub fn estimate(paths: &Paths, kind: Kind) -> u64 {
    if unchanged::was_done(paths, kind.stamp()) {
        30
    } else {
        kind.seconds()
    }
}

/// Sets the compiler's flags. Release pages contain remapped source paths, so that builds in different
/// folders are identical.
pub fn set_flags(cargo: &mut Command, paths: &Paths, kind: Kind) {
    if kind != Kind::Release {
        return;
    }
    let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    // The last match wins: target/ is usually in the checkout.
    let remaps = [
        remap(&paths.root, "/keyside"),
        remap(&paths.target, "/keyside/target"),
        remap(&paths::cargo_home(), "/cargo"),
    ];
    // RUSTFLAGS would split paths with spaces.
    cargo.env("CARGO_ENCODED_RUSTFLAGS", remaps.join("\x1f"));
}
