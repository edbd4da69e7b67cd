//! The wasm32 target: by rustup, else from Debian's packages.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    debian_std,
    paths::{Paths, find_program},
    run::{self, Failure},
};

pub const TARGET: &str = "wasm32-unknown-unknown";
/// Chooses the way: `rustup`, `debian`, or not set for the first that works.
const CHOICE: &str = "KEYSIDE_WASM_STD";

/// A toolchain that compiles for wasm32.
pub struct WasmToolchain {
    /// Its name, when it is not the one that runs this program.
    name: Option<&'static str>,
    /// Its own folder for what it compiles: two compilers' files must not mix.
    target: PathBuf,
}

impl WasmToolchain {
    /// Lets a command compile by this toolchain.
    pub fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        if let Some(name) = self.name {
            command
                .env("RUSTUP_TOOLCHAIN", name)
                .env_remove("CARGO")
                .env_remove("RUSTC");
        }
        command.env("CARGO_TARGET_DIR", &self.target)
    }

    /// Where what it compiles for wasm32 is, by profile.
    pub fn built(&self) -> PathBuf {
        self.target.join(TARGET)
    }

    /// Tells compilers apart: built files are good only for the one that made them.
    pub fn version(&self, folder: &Path) -> String {
        run::output(self.apply(run::command("rustc", folder).arg("-vV"))).unwrap_or_default()
    }

    fn own(paths: &Paths) -> Self {
        Self {
            name: None,
            target: paths.target.clone(),
        }
    }

    fn debian(paths: &Paths) -> Self {
        Self {
            name: Some(debian_std::TOOLCHAIN),
            target: paths.target.join("debian"),
        }
    }
}

/// Sees to a toolchain with the wasm32 target. `lints`: clippy is needed, too.
///
/// # Errors
/// When neither way works.
pub fn with_wasm32(paths: &Paths, lints: bool) -> Result<WasmToolchain, Failure> {
    let choice = env::var(CHOICE).unwrap_or_default();
    match choice.as_str() {
        "debian" => {
            debian_std::install(paths, lints)?;
            return Ok(WasmToolchain::debian(paths));
        }
        "" | "rustup" => {}
        other => {
            return Err(Failure::new(
                "Choosing how to get the wasm32 target",
                format!("{CHOICE} is {other:?}."),
                format!("Set {CHOICE} to rustup or debian, or leave it out."),
            ));
        }
    }
    if has_target(&paths.root) {
        return Ok(WasmToolchain::own(paths));
    }
    let remedy = format!("rustup target add {TARGET}");
    let by_rustup = match find_program(&["rustup"]) {
        Some(rustup) => run::step(
            &format!("Adding the target {TARGET} to the toolchain (rustup, some seconds)"),
            run::command(rustup, &paths.root).args(["target", "add", TARGET]),
            &remedy,
        ),
        None => Err(Failure::new(
            "Adding the wasm32 target",
            "rustup is not installed, and this Rust has no wasm32 target.",
            "Install Rust by rustup, from https://rustup.rs.",
        )),
    };
    match by_rustup {
        Ok(()) => Ok(WasmToolchain::own(paths)),
        Err(failure) if choice == "rustup" || !debian_std::is_possible() => Err(failure),
        Err(failure) => {
            println!("{failure}\nIt can be built from Debian's packages instead.");
            debian_std::install(paths, lints)?;
            Ok(WasmToolchain::debian(paths))
        }
    }
}

/// Whether the present toolchain has the target's standard library.
fn has_target(folder: &Path) -> bool {
    run::output(run::command("rustc", folder).args([
        "--print",
        "target-libdir",
        "--target",
        TARGET,
    ]))
    .is_some_and(|path| has_std(Path::new(path.trim())))
}

/// Whether a folder holds a standard library.
pub fn has_std(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|files| {
        files
            .flatten()
            .any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
    })
}
