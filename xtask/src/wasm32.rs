//! The page's compile target.

use std::path::Path;

/// The target triple.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Whether a folder contains its standard library.
pub fn has_std(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|files| {
        files
            .flatten()
            .any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
    })
}
