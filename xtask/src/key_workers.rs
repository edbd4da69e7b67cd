//! `cargo xtask key-workers`, which Trunk calls before it builds the page. It builds the key worker with and
//! without relaxed SIMD, and writes the names and integrity hashes of its files.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use base64::prelude::{BASE64_STANDARD, Engine};
use sha2::{Digest, Sha256, Sha384};

use crate::{
    page::{self, Kind},
    paths::{self, Paths},
    run::{self, Failure},
    toolchain::WasmToolchain,
    tools,
    wasm32::TARGET,
};

const STEP: &str = "Building the key workers";
/// Number of hex digits of a hash in a file name.
const HASH_DIGITS: usize = 16;

/// Builds the workers and copies their files to Trunk's staging folder.
///
/// # Errors
/// When they don't compile, or Trunk isn't the caller.
pub fn key_workers(paths: &Paths) -> Result<(), Failure> {
    let failed = Failure::io(STEP);
    let staging = page::staging_of_trunk(STEP)?;
    let kind = Kind::of_trunk();
    // Trunk's environment names the toolchain.
    let built = build(paths, &WasmToolchain::OWN, kind)?;
    let hashed = |file: &Path| {
        let content = fs::read(file)?;
        let name = hashed_name(file, &content);
        fs::write(staging.join(&name), content)?;
        Ok(name)
    };
    let files = manifest(&built, hashed).map_err(&failed)?;
    let path = paths.root.join("target/key-workers/files.json");
    fs::write(path, files).map_err(failed)
}

/// The files of one variant of the key worker.
pub struct Worker {
    variant: Variant,
    script: PathBuf,
    program: PathBuf,
}

/// Builds both variants.
///
/// # Errors
/// When they don't compile.
pub fn build(paths: &Paths, toolchain: &WasmToolchain, kind: Kind) -> Result<[Worker; 2], Failure> {
    let folder = paths.root.join("target/key-workers").join(kind.profile());
    let [fast, portable] = compile_both(paths, toolchain, kind)?;
    Ok([
        join(paths, &fast, Variant::Fast, "key-worker-simd", &folder)?,
        join(paths, &portable, Variant::Portable, "key-worker", &folder)?,
    ])
}

/// Compiles both variants; returns the programs, the one with relaxed SIMD first.
///
/// # Errors
/// When they don't compile.
pub fn compile_both(
    paths: &Paths,
    toolchain: &WasmToolchain,
    kind: Kind,
) -> Result<[PathBuf; 2], Failure> {
    let one = |variant| {
        let program = ["keyside-engine", "key-worker"];
        let built = compile(paths, toolchain, kind, program, variant)?;
        // The next variant may be written to the same path.
        let kept = built.with_file_name(format!("key-worker-{}.wasm", variant.name()));
        fs::copy(built, &kept).map_err(Failure::io(STEP))?;
        Ok(kept)
    };
    Ok([one(Variant::Fast)?, one(Variant::Portable)?])
}

/// Joins wasm-bindgen's script and the line that starts it.
fn join(
    paths: &Paths,
    wasm: &Path,
    variant: Variant,
    stem: &str,
    folder: &Path,
) -> Result<Worker, Failure> {
    // With a global instead of exports, so that the start line can be appended.
    let options = [
        "--target",
        "no-modules",
        "--no-typescript",
        "--out-name",
        stem,
    ];
    bind(paths, wasm, &options, folder)?;
    let worker = Worker {
        variant,
        script: folder.join(stem).with_extension("js"),
        program: folder.join(format!("{stem}_bg.wasm")),
    };
    let join = || {
        let bindings = fs::read_to_string(&worker.script)?;
        let start = fs::read_to_string(paths.root.join("www/key-worker-start.js"))?;
        fs::write(&worker.script, format!("{bindings}\n{start}"))
    };
    join().map_err(Failure::io(STEP))?;
    Ok(worker)
}

/// With relaxed SIMD or without.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// For browsers with relaxed SIMD.
    Fast,
    /// For all browsers.
    Portable,
}

impl Variant {
    /// Its name in www/worker-loader.js.
    fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Portable => "portable",
        }
    }
}

/// Makes cargo compile for wasm32 with a page's settings, and our own crates as a variant needs them.
/// Dependencies hold no SIMD code, so both variants share them.
///
/// # Errors
/// When the compiler's wrapper can't be written.
pub fn set_variant(
    cargo: &mut Command,
    paths: &Paths,
    kind: Kind,
    variant: Variant,
) -> Result<(), Failure> {
    /// Cargo distinguishes output by the wrapper's name. A path would make programs differ between folders.
    const WRAPPER: &str = "rustc-with-relaxed-simd";
    cargo.args(["--target", TARGET, "--profile", kind.profile()]);
    page::set_flags(cargo, paths, kind);
    if variant == Variant::Fast {
        let line = r#"exec "$@" -Ctarget-feature=+simd128,+relaxed-simd"#;
        fs::create_dir_all(paths.bin())
            .and_then(|()| paths::write_script(&paths.bin().join(WRAPPER), line))
            .map_err(Failure::io(STEP))?;
        cargo
            .env("RUSTC_WORKSPACE_WRAPPER", WRAPPER)
            .env("PATH", tools::path(paths));
    }
    Ok(())
}

/// Compiles a program, given as package and name, for wasm32; returns its path.
///
/// # Errors
/// When it doesn't compile.
pub fn compile(
    paths: &Paths,
    toolchain: &WasmToolchain,
    kind: Kind,
    [package, program]: [&str; 2],
    variant: Variant,
) -> Result<PathBuf, Failure> {
    let mut cargo = run::command("cargo", &paths.root);
    cargo
        .args(["build", "--locked"])
        .args(["--package", package, "--bin", program])
        // Together with the page, so that dependencies have the same features and are compiled once.
        .args(["--package", "keyside-page"]);
    set_variant(&mut cargo, paths, kind, variant)?;
    let name = match variant {
        Variant::Fast => format!("Compiling {program} with relaxed SIMD"),
        Variant::Portable => format!("Compiling {program}"),
    };
    run::step(
        &name,
        toolchain.apply(&mut cargo),
        "Fix what the compiler says above.",
    )?;
    let folder = paths.target.join(TARGET).join(kind.folder());
    Ok(folder.join(program).with_extension("wasm"))
}

/// Runs wasm-bindgen to generate the JavaScript for a program in a folder.
///
/// # Errors
/// When it fails.
pub fn bind(paths: &Paths, wasm: &Path, options: &[&str], folder: &Path) -> Result<(), Failure> {
    let mut bindgen = run::command("wasm-bindgen", &paths.root);
    bindgen
        .args(options)
        .arg("--out-dir")
        .args([folder, wasm])
        .env("PATH", tools::path(paths));
    let name = wasm.file_stem().unwrap_or_default().to_string_lossy();
    run::step(
        &format!("Generating the JavaScript for {name}"),
        &mut bindgen,
        "Run cargo xtask page, which installs wasm-bindgen in the version from Cargo.lock.",
    )
}

/// The JSON for www/worker-loader.js. `place` copies a file to the page's folder and returns its name there.
///
/// # Errors
/// When a file can't be read or placed.
pub fn manifest(
    workers: &[Worker],
    place: impl Fn(&Path) -> io::Result<String>,
) -> io::Result<String> {
    let entry = |worker: &Worker| {
        // Neither names nor base64 contain characters that JSON escapes.
        Ok(format!(
            r#""{}":{{"script":"{}","scriptIntegrity":"{}","program":"{}","programIntegrity":"{}"}}"#,
            worker.variant.name(),
            place(&worker.script)?,
            integrity(&fs::read(&worker.script)?),
            place(&worker.program)?,
            integrity(&fs::read(&worker.program)?),
        ))
    };
    let entries = workers.iter().map(entry).collect::<io::Result<Vec<_>>>()?;
    Ok(format!("{{{}}}", entries.join(",")))
}

/// The value of an `integrity` attribute (Subresource Integrity, 3.2).
fn integrity(content: &[u8]) -> String {
    format!("sha384-{}", BASE64_STANDARD.encode(Sha384::digest(content)))
}

fn hashed_name(file: &Path, content: &[u8]) -> String {
    let part =
        |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let digest = Sha256::digest(content);
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{}-{}.{}",
        part(file.file_stem()),
        &hash[..HASH_DIGITS],
        part(file.extension())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answer for an empty file, from `openssl dgst -sha384 -binary | base64`.
    #[test]
    fn integrity_is_sha384_in_base64() {
        assert_eq!(
            integrity(b""),
            "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb"
        );
    }

    #[test]
    fn the_manifest_contains_the_names_of_the_placed_files() {
        let folder = std::env::temp_dir().join(format!("keyside-workers-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let worker = Worker {
            variant: Variant::Fast,
            script: folder.join("key-worker.js"),
            program: folder.join("key-worker_bg.wasm"),
        };
        fs::write(&worker.script, "").unwrap();
        fs::write(&worker.program, "\0asm").unwrap();
        let name = |file: &Path| Ok(hashed_name(file, &fs::read(file)?));
        let json = manifest(&[worker], name).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        // The SHA-256 of an empty file starts with e3b0c442.
        assert!(
            json.starts_with(r#"{"fast":{"script":"key-worker-e3b0c44298fc1c14.js","#),
            "{json}"
        );
        assert!(json.contains(&format!(r#""scriptIntegrity":"{}""#, integrity(b""))));
    }
}
