//! Compiles the page in if `KEYSIDE_EMBED` is set to its folder, as `cargo xtask dist` does.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=KEYSIDE_EMBED");
    let mut files = Vec::new();
    if let Some(folder) = env::var_os("KEYSIDE_EMBED").map(PathBuf::from) {
        println!("cargo::rerun-if-changed={}", folder.display());
        collect(&folder, &folder, &mut files)?;
    }
    files.sort();
    let rows: String = files
        .iter()
        .map(|(name, path)| format!("    ({name:?}, include_bytes!({path:?})),\n"))
        .collect();
    let table = format!(
        "/// The page, or nothing.\nstatic EMBEDDED_PAGE: keyside_gateway::PageFiles = &[\n{rows}];\n"
    );
    fs::write(
        PathBuf::from(env::var("OUT_DIR")?).join("embedded_page.rs"),
        table,
    )?;
    Ok(())
}

/// Collects file names, relative to `root` and with slashes, and absolute paths.
fn collect(
    root: &Path,
    folder: &Path,
    files: &mut Vec<(String, PathBuf)>,
) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            let parts: Vec<_> = path
                .strip_prefix(root)?
                .components()
                .map(|part| part.as_os_str().to_string_lossy().into_owned())
                .collect();
            files.push((parts.join("/"), path.canonicalize()?));
        }
    }
    Ok(())
}
