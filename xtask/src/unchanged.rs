//! Detects unchanged inputs: a stamp file stores the fingerprint of the files that a step used.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
};

use crate::{paths::Paths, toolchain::WasmToolchain};

/// A stamp file and the current fingerprint.
pub struct Unchanged {
    stamp: PathBuf,
    now: String,
}

impl Unchanged {
    /// Computes the fingerprint of a toolchain and of these files and folders in the checkout. `name` is the
    /// stamp's.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn new(
        paths: &Paths,
        toolchain: &WasmToolchain,
        name: &str,
        inputs: &[&str],
    ) -> io::Result<Self> {
        let mut hasher = DefaultHasher::new();
        toolchain.version(&paths.root).hash(&mut hasher);
        for input in inputs {
            hash(&paths.root.join(input), &mut hasher)?;
        }
        Ok(Self {
            stamp: stamp(paths, name),
            now: hasher.finish().to_string(),
        })
    }

    /// Whether nothing has changed since [`Unchanged::save`].
    pub fn is_current(&self) -> bool {
        fs::read_to_string(&self.stamp).is_ok_and(|saved| saved == self.now)
    }

    /// Records that the step is done.
    ///
    /// # Errors
    /// When the stamp can't be written.
    pub fn save(&self) -> io::Result<()> {
        if let Some(folder) = self.stamp.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.stamp, &self.now)
    }
}

/// Whether the step was ever done.
pub fn was_done(paths: &Paths, name: &str) -> bool {
    stamp(paths, name).is_file()
}

fn stamp(paths: &Paths, name: &str) -> PathBuf {
    paths.target.join("unchanged").join(name)
}

/// Hashes the names and contents of a file, or of all files in a folder.
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
    fn the_fingerprint_changes_with_any_file_in_the_folder() {
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
