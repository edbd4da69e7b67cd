//! Builds the page into dist/ by Trunk, unless nothing has changed.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    finish,
    paths::{self, Paths},
    run::{self, Failure},
    toolchain::{self, TARGET, WasmToolchain},
    tools,
};

/// What the page is made from.
const SOURCES: [&str; 12] = [
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "crates/iam",
    "crates/keygen",
    "index.html",
    "src",
    "www",
    "xtask/src/finish.rs",
    "xtask/src/page.rs",
    "xtask/src/script.rs",
];
const STEP: &str = "Building the page into dist/ (release mode, a few minutes)";

const MEND: &str = "Mend what the compiler says above.";

/// `cargo xtask page`: sees to the tools, then builds the page.
///
/// # Errors
/// When a step fails.
pub fn page(paths: &Paths) -> Result<(), Failure> {
    let toolchain = toolchain::with_wasm32(paths, false)?;
    tools::install(paths)?;
    build(paths, &toolchain)
}

/// Builds the page.
///
/// # Errors
/// When Trunk fails.
pub fn build(paths: &Paths, toolchain: &WasmToolchain) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        Failure::new(
            STEP,
            error.to_string(),
            "Check that the checkout can be read and written.",
        )
    };
    let mut hasher = DefaultHasher::new();
    toolchain.version(&paths.root).hash(&mut hasher);
    for source in SOURCES {
        hash(&paths.root.join(source), &mut hasher).map_err(failed)?;
    }
    let now = hasher.finish().to_string();
    let stamp = paths.target.join("page.stamp");
    if paths.dist.join("index.html").is_file()
        && fs::read_to_string(&stamp).is_ok_and(|built| built == now)
    {
        println!("The page in dist/ is up to date.");
        return Ok(());
    }
    let mut trunk = run::command("trunk", &paths.root);
    trunk
        .args(["build", "--release", "--locked", "--offline", "true"])
        .args(["--cargo-profile", "page"])
        .arg("--dist")
        .arg(&paths.plain_page)
        .env("PATH", tools::path(paths))
        // Trunk takes no other value than true or false.
        .env("NO_COLOR", "true");
    fetch(paths)?;
    without_paths(&mut trunk, paths, &[]);
    run::step(STEP, toolchain.apply(&mut trunk), MEND)?;
    build_fast_worker(paths, toolchain)?;
    println!("\n== Finishing the page: names with hashes, compressed files");
    finish::finish(&paths.plain_page, &paths.dist).map_err(failed)?;
    fs::write(stamp, now).map_err(failed)
}

/// The key worker once more, with relaxed SIMD: a browser without it refuses the whole module, so
/// both are on offer, and www/key-workers.js chooses.
fn build_fast_worker(paths: &Paths, toolchain: &WasmToolchain) -> Result<(), Failure> {
    let program = build_fast(paths, toolchain, "key-worker")?;
    let options = ["--no-typescript", "--out-name", "key-worker-simd"];
    bind(paths, &program, &options, &paths.plain_page)
}

/// Builds a program of the page's package with relaxed SIMD; gives its WebAssembly.
///
/// # Errors
/// When it does not compile.
pub fn build_fast(
    paths: &Paths,
    toolchain: &WasmToolchain,
    program: &str,
) -> Result<PathBuf, Failure> {
    let mut cargo = run::command("cargo", &paths.root);
    cargo
        .args(["build", "--locked", "--profile", "page", "--target", TARGET])
        .args(["--package", "keyside-page", "--bin", program]);
    toolchain.apply(&mut cargo);
    let step = format!("Building {program} with relaxed SIMD");
    run::step(&step, with_relaxed_simd(&mut cargo, paths), MEND)?;
    Ok(simd_target(paths)
        .join(TARGET)
        .join("page")
        .join(program)
        .with_extension("wasm"))
}

/// Has cargo compile for browsers with relaxed SIMD.
pub fn with_relaxed_simd<'a>(cargo: &'a mut Command, paths: &Paths) -> &'a mut Command {
    without_paths(cargo, paths, &["-Ctarget-feature=+simd128,+relaxed-simd"])
        .env("CARGO_TARGET_DIR", simd_target(paths))
}

/// Has the compiler write the same names of source files wherever they are, so that builds in
/// different folders are the same; with further flags.
pub fn without_paths<'a>(
    cargo: &'a mut Command,
    paths: &Paths,
    further: &[&str],
) -> &'a mut Command {
    let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    // The last that fits wins: target/ is most often in the checkout.
    let flags = [
        remap(&paths.root, "/keyside"),
        remap(&paths.target, "/keyside/target"),
        remap(&paths::cargo_home(), "/cargo"),
    ];
    let flags: Vec<&str> = flags
        .iter()
        .map(String::as_str)
        .chain(further.iter().copied())
        .collect();
    // Paths may have spaces, which RUSTFLAGS would split.
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
}

/// Apart from the other build: its flags would make cargo begin anew each time.
fn simd_target(paths: &Paths) -> PathBuf {
    paths.target.join("simd")
}

/// Has wasm-bindgen write the JavaScript of a program into a folder.
///
/// # Errors
/// When it fails.
pub fn bind(paths: &Paths, wasm: &Path, options: &[&str], folder: &Path) -> Result<(), Failure> {
    let mut bindgen = run::command("wasm-bindgen", &paths.root);
    bindgen
        .args(["--target", "web"])
        .args(options)
        .arg("--out-dir")
        .args([folder, wasm])
        .env("PATH", tools::path(paths));
    run::step("Writing the JavaScript of the program", &mut bindgen, MEND)
}

/// Trunk is told to stay offline, so that it downloads no tools of its own; the crates must be
/// there then.
fn fetch(paths: &Paths) -> Result<(), Failure> {
    run::step(
        "Fetching the crates of Cargo.lock",
        run::command("cargo", &paths.root).args(["fetch", "--locked"]),
        "Check that crates.io, or your mirror of it, can be reached; then try again.",
    )
}

/// Mixes in the names and contents of a file, or of all files of a folder.
fn hash(path: &Path, hasher: &mut impl Hasher) -> io::Result<()> {
    path.hash(hasher);
    if path.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path)?.collect::<io::Result<_>>()?;
        entries.sort_by_key(fs::DirEntry::path);
        entries
            .iter()
            .try_for_each(|entry| hash(&entry.path(), hasher))
    } else {
        fs::read(path)?.hash(hasher);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(path: &Path) -> u64 {
        let mut hasher = DefaultHasher::new();
        hash(path, &mut hasher).unwrap();
        hasher.finish()
    }

    #[test]
    fn the_stamp_changes_with_any_file_below() {
        let folder = std::env::temp_dir().join(format!("keyside-stamp-{}", std::process::id()));
        fs::create_dir_all(folder.join("a")).unwrap();
        fs::write(folder.join("a/one"), "1").unwrap();
        let before = hash_of(&folder);
        assert_eq!(before, hash_of(&folder));
        fs::write(folder.join("a/one"), "2").unwrap();
        let changed = hash_of(&folder);
        fs::write(folder.join("a/two"), "").unwrap();
        let added = hash_of(&folder);
        fs::remove_dir_all(&folder).unwrap();
        assert!(before != changed && changed != added);
    }
}
