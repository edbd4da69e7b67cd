//! Copies of the page with a changed file, as a transfer fault or an attacker on the server would make.

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64::prelude::{BASE64_STANDARD, Engine};
use tempfile::TempDir;

use crate::{module::copy_all, setting, tools};

/// A page without its compressed files, so that each change is in one file only.
pub struct AlteredPage(TempDir);

impl AlteredPage {
    /// A copy of the page as built.
    #[must_use]
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy_all(&setting("KEYSIDE_DIST"), folder.path());
        for path in files(folder.path()) {
            if ["br", "gz"].map(Some).contains(&extension(&path)) {
                fs::remove_file(path).unwrap();
            }
        }
        Self(folder)
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    /// The file with this name plus a hash, such as `start.js`.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        hashed(self.folder(), name)
    }

    /// Flips a bit in the middle of a file, and nothing else.
    pub fn flip_a_bit(&self, name: &str) {
        let path = self.file(name);
        let mut content = fs::read(&path).unwrap();
        let middle = content.len() / 2;
        content[middle] ^= 1;
        fs::write(path, content).unwrap();
    }

    /// Replaces the key worker of browsers with relaxed SIMD, and its integrity hash, as anyone who
    /// controls the whole server can. The new file's name has no hash, so that no browser caches it.
    /// Returns its path.
    #[must_use]
    pub fn replace_worker(&self, script: &str) -> PathBuf {
        const NAME: &str = "key-worker-replaced.js";
        let old = self.file("key-worker-simd.js");
        let new = self.folder().join(NAME);
        fs::write(&new, script).unwrap();
        let old_name = old.file_name().unwrap().to_str().unwrap();
        replace(
            &self.folder().join("index.html"),
            &[(old_name, NAME), (&integrity(&old), &integrity(&new))],
        );
        new
    }
}

impl Default for AlteredPage {
    fn default() -> Self {
        Self::new()
    }
}

/// The file of a built page with this name plus a hash.
#[must_use]
pub fn hashed(folder: &Path, name: &str) -> PathBuf {
    let is_it = |path: &PathBuf| without_hash(&path.file_name().unwrap().to_string_lossy()) == name;
    let found = files(folder).into_iter().find(is_it);
    found.unwrap_or_else(|| panic!("the page has no {name}"))
}

/// `key-worker_bg-0123456789abcdef.wasm` is key-worker_bg.wasm; Trunk names the page's program
/// `keyside-page-0123456789abcdef_bg.wasm`.
fn without_hash(name: &str) -> String {
    let is_hash = |part: &str| part.len() >= 8 && part.bytes().all(|b| b.is_ascii_hexdigit());
    let Some((before, after)) = name.rsplit_once('-') else {
        return name.to_owned();
    };
    let end = after.find(['_', '.']).unwrap_or(after.len());
    let (hash, rest) = after.split_at(end);
    if is_hash(hash) {
        format!("{before}{rest}")
    } else {
        name.to_owned()
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn extension(path: &Path) -> Option<&str> {
    path.extension().and_then(|extension| extension.to_str())
}

fn replace(path: &Path, changes: &[(&str, &str)]) {
    let mut text = fs::read_to_string(path).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{} has no {from}", path.display());
        text = text.replace(from, to);
    }
    fs::write(path, text).unwrap();
}

/// The file's integrity hash, computed by openssl.
fn integrity(path: &Path) -> String {
    let content = fs::read(path).unwrap();
    let digest = tools::openssl(&["dgst", "-sha384", "-binary"], &content);
    format!("sha384-{}", BASE64_STANDARD.encode(digest))
}
