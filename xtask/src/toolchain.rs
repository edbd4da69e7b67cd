//! The wasm32 target: installed with rustup, or built from Debian's packages.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    debian_std,
    paths::{Paths, find_program},
    run::{self, Failure},
    wasm32::{TARGET, has_std},
};

/// Selects `rustup` or `debian`. If it isn't set, the first that works is used.
const CHOICE: &str = "KEYSIDE_WASM_STD";

/// A toolchain that compiles for wasm32.
pub struct WasmToolchain {
    /// Its rustup name, or none for the toolchain that runs this program. Cargo separates the output of
    /// different compilers.
    name: Option<&'static str>,
}

impl WasmToolchain {
    /// Makes a command use this toolchain.
    pub fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        if let Some(name) = self.name {
            command
                .env("RUSTUP_TOOLCHAIN", name)
                .env_remove("CARGO")
                .env_remove("RUSTC");
        }
        command
    }

    /// Identifies the compiler: compiled files only work with the one that built them.
    pub fn version(&self, folder: &Path) -> String {
        run::output(self.apply(run::command("rustc", folder).arg("-vV"))).unwrap_or_default()
    }

    /// A name that identifies it.
    pub fn name(&self) -> &'static str {
        self.name.unwrap_or("own")
    }

    /// The folder with its programs and libraries.
    pub fn sysroot(&self, folder: &Path) -> PathBuf {
        let mut rustc = run::command("rustc", folder);
        let printed = run::output(self.apply(rustc.args(["--print", "sysroot"])));
        PathBuf::from(printed.unwrap_or_default().trim())
    }

    /// The toolchain that runs this program.
    pub const OWN: Self = Self { name: None };
    const DEBIAN: Self = Self {
        name: Some(debian_std::TOOLCHAIN),
    };
}

/// Prepares a toolchain with the wasm32 target, and with clippy if `lints` is set.
///
/// # Errors
/// When neither way works.
pub fn with_wasm32(paths: &Paths, lints: bool) -> Result<WasmToolchain, Failure> {
    let choice = env::var(CHOICE).unwrap_or_default();
    match choice.as_str() {
        "debian" => {
            debian_std::install(paths, lints)?;
            return Ok(WasmToolchain::DEBIAN);
        }
        "" | "rustup" => {}
        other => {
            return Err(Failure::new(
                "Choosing how to get the wasm32 target",
                format!("{CHOICE} is {other:?}."),
                format!("Set {CHOICE} to rustup or debian, or unset it."),
            ));
        }
    }
    if has_target(&paths.root) {
        return Ok(WasmToolchain::OWN);
    }
    let remedy = format!("rustup target add {TARGET}");
    let added = match find_program(&["rustup"]) {
        Some(rustup) => run::step(
            &format!("Adding the target {TARGET} with rustup (several seconds)"),
            run::command(rustup, &paths.root).args(["target", "add", TARGET]),
            &remedy,
        ),
        None => Err(Failure::new(
            "Adding the wasm32 target",
            "rustup isn't installed, and this Rust has no wasm32 target.",
            "Install Rust with rustup, from https://rustup.rs.",
        )),
    };
    match added {
        Ok(()) => Ok(WasmToolchain::OWN),
        Err(failure) if choice == "rustup" || !debian_std::is_possible() => Err(failure),
        Err(failure) => {
            println!("{failure}\nBuilding the target from Debian's packages instead.");
            debian_std::install(paths, lints)?;
            Ok(WasmToolchain::DEBIAN)
        }
    }
}

/// The target triple of the current toolchain's host.
pub fn host() -> String {
    let version = run::output(Command::new("rustc").arg("-vV")).unwrap_or_default();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap_or_default().to_owned()
}

/// Whether the current toolchain has the target's standard library.
fn has_target(folder: &Path) -> bool {
    run::output(run::command("rustc", folder).args([
        "--print",
        "target-libdir",
        "--target",
        TARGET,
    ]))
    .is_some_and(|path| has_std(Path::new(path.trim())))
}
