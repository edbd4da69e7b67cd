//! The target that the page is compiled for.

use std::path::Path;

/// Its name.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Whether a folder holds a standard library for it.
pub fn has_std(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|files| {
        files
            .flatten()
            .any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
    })
}
