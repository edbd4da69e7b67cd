//! Builds the page by Trunk, unless nothing has changed.

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

/// What the page is made from.
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

/// Which page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Small and fast: what `trunk build --release` makes in dist/.
    Shipped,
    /// Soon built: `trunk build` and `trunk serve`.
    Development,
}

impl Kind {
    /// The kind that Trunk builds, as it tells its hooks.
    pub fn of_trunk() -> Self {
        if env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == "release") {
            Self::Shipped
        } else {
            Self::Development
        }
    }

    /// Cargo's profile.
    pub fn profile(self) -> &'static str {
        match self {
            Self::Shipped => "page",
            Self::Development => "dev",
        }
    }

    /// Cargo's folder for the profile.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Shipped => "page",
            Self::Development => "debug",
        }
    }

    /// Where the page is.
    pub fn dist(self, paths: &Paths) -> PathBuf {
        match self {
            Self::Shipped => paths.dist.clone(),
            Self::Development => paths.target.join("page"),
        }
    }

    fn stamp(self) -> &'static str {
        match self {
            Self::Shipped => "page",
            Self::Development => "page-for-development",
        }
    }

    fn step(self) -> &'static str {
        match self {
            Self::Shipped => "Building the page that is shipped, in dist/",
            Self::Development => "Building the page for development, in target/page",
        }
    }

    /// How long it takes on two cores when nothing is compiled.
    fn seconds(self) -> u64 {
        match self {
            Self::Shipped => 210,
            Self::Development => 220,
        }
    }
}

/// The folder in which Trunk collects the page, as it tells its hooks; `step` is the hook's.
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
    build(paths, &toolchain, Kind::Shipped)
}

/// Builds the page.
///
/// # Errors
/// When Trunk fails.
pub fn build(paths: &Paths, toolchain: &WasmToolchain, kind: Kind) -> Result<(), Failure> {
    let (is_up_to_date, sources) = is_up_to_date(paths, toolchain, kind)?;
    if is_up_to_date {
        run::note(kind.step(), Duration::ZERO, Work::Cached);
        return Ok(());
    }
    run::step(
        "Fetching the crates of Cargo.lock",
        run::command("cargo", &paths.root).args(["fetch", "--locked"]),
        "Check that crates.io, or your mirror of it, can be reached; then try again.",
    )?;
    // Trunk's hook finds it done. Here it can be seen.
    key_workers::compile_both(paths, toolchain, kind)?;
    let mut trunk = run::command("trunk", &paths.root);
    trunk
        // Offline, so that it downloads no tools of its own.
        .args(["build", "--offline", "true"])
        .env("PATH", tools::path(paths))
        // Hooks call the program that runs already, not another build of it with Trunk's environment.
        .env("KEYSIDE_XTASK", paths.program())
        // Trunk takes no other value than true or false.
        .env("NO_COLOR", "true");
    match kind {
        Kind::Shipped => {
            trunk.arg("--release");
        }
        Kind::Development => {
            trunk.arg("--dist").arg(kind.dist(paths));
        }
    }
    set_flags(&mut trunk, paths, kind, None);
    run::step(
        kind.step(),
        toolchain.apply(&mut trunk),
        "Fix what the compiler says above.",
    )?;
    sources.keep().map_err(Failure::of_files(kind.step()))
}

/// Compiles what needs no tools, unless nothing has changed.
///
/// # Errors
/// When it doesn't compile.
pub fn compile_ahead(paths: &Paths, toolchain: &WasmToolchain, kind: Kind) -> Result<(), Failure> {
    if is_up_to_date(paths, toolchain, kind)?.0 {
        return Ok(());
    }
    key_workers::compile_both(paths, toolchain, kind).map(drop)
}

/// And what the next build is to be compared with.
fn is_up_to_date(
    paths: &Paths,
    toolchain: &WasmToolchain,
    kind: Kind,
) -> Result<(bool, Unchanged), Failure> {
    let sources = Unchanged::new(paths, toolchain, kind.stamp(), &SOURCES)
        .map_err(Failure::of_files(kind.step()))?;
    let is_there = kind.dist(paths).join("index.html").is_file();
    Ok((is_there && sources.is_so(), sources))
}

/// How long [`build`] will take on two cores, in seconds.
pub fn estimate(paths: &Paths, kind: Kind) -> u64 {
    if unchanged::was_done(paths, kind.stamp()) {
        30
    } else {
        kind.seconds()
    }
}

/// Sets the compiler's flags. For a page that is shipped it writes the same names of source files
/// wherever they are, so that builds in different folders are the same.
pub fn set_flags(cargo: &mut Command, paths: &Paths, kind: Kind, further: Option<&str>) {
    let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    // The last that fits wins: target/ is most often in the checkout.
    let remaps = [
        remap(&paths.root, "/keyside"),
        remap(&paths.target, "/keyside/target"),
        remap(&paths::cargo_home(), "/cargo"),
    ];
    let remaps = remaps.iter().filter(|_| kind == Kind::Shipped);
    let flags: Vec<&str> = remaps.map(String::as_str).chain(further).collect();
    if !flags.is_empty() {
        // Paths may have spaces, which RUSTFLAGS would split.
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    }
}
