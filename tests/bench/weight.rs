//! How many bytes the browser loads, by files of `dist/`.

use std::{fmt::Write, fs, io, path::Path};

/// A group of files that are loaded together.
struct Group {
    name: &'static str,
    is_member: fn(&str) -> bool,
}

const GROUPS: [Group; 3] = [
    Group {
        name: "first screen: page, scripts, program, styles",
        is_member: |name| !name.starts_with("key-worker"),
    },
    Group {
        name: "key worker with relaxed SIMD",
        is_member: |name| name.starts_with("key-worker-simd"),
    },
    Group {
        name: "portable key worker, in its place",
        is_member: |name| name.starts_with("key-worker") && !name.starts_with("key-worker-simd"),
    },
];

/// A table of bytes with one line per group.
///
/// # Errors
/// If the folder can't be read.
pub fn table(dist: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dist)? {
        let entry = entry?;
        files.push((
            entry.file_name().to_string_lossy().into_owned(),
            entry.metadata()?.len(),
        ));
    }
    let mut text = "| loaded | brotli | gzip | uncompressed |\n|---|--:|--:|--:|\n".to_owned();
    for group in &GROUPS {
        let members = files.iter().filter(|(name, _)| (group.is_member)(name));
        let [mut brotli, mut gzip, mut plain] = [0; 3];
        for (name, length) in members {
            match Path::new(name).extension().and_then(|end| end.to_str()) {
                Some("br") => brotli += length,
                Some("gz") => gzip += length,
                _ => plain += length,
            }
        }
        let _ = writeln!(text, "| {} | {brotli} | {gzip} | {plain} |", group.name);
    }
    Ok(text)
}
