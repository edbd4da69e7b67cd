//! The files that a browser writes: downloads, and its profile.

use std::{fs, path::PathBuf};

use super::Browser;
use crate::waiting::Waiting;

impl Browser {
    /// Waits for a complete download; returns its content.
    pub async fn download(&self, name: &str) -> Vec<u8> {
        let path = self.download_path(name);
        let mut waiting = Waiting::begin();
        // Firefox creates an empty file first.
        while fs::metadata(&path).map_or(0, |file| file.len()) == 0 {
            waiting.again(|| format!("{name} was not downloaded")).await;
        }
        fs::read(path).unwrap()
    }

    /// Waits for a complete download that isn't in `known`, and adds it there. For file names that
    /// aren't known in advance.
    pub async fn new_download(&self, known: &mut Vec<PathBuf>) -> PathBuf {
        let folder = self.process().folder().join("downloads");
        let mut waiting = Waiting::begin();
        loop {
            let entries = fs::read_dir(&folder).unwrap();
            let paths = entries.map(|entry| entry.unwrap().path());
            let new: Vec<_> = paths.filter(|path| !known.contains(path)).collect();
            // Chromium writes hidden and `.crdownload` files first.
            let is_part = |path: &PathBuf| {
                let name = path.file_name().unwrap().to_string_lossy();
                name.starts_with('.')
                    || name.ends_with(".crdownload")
                    || fs::metadata(path).map_or(0, |file| file.len()) == 0
            };
            if !new.is_empty() && !new.iter().any(is_part) {
                assert_eq!(new.len(), 1, "{new:?}");
                known.extend(new.iter().cloned());
                return new.into_iter().next().unwrap();
            }
            waiting.again(|| "nothing was downloaded".to_owned()).await;
        }
    }

    /// What the browser has written to its profile so far. Downloads are not in it.
    #[must_use]
    pub fn profile_files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut folders = vec![self.process().folder().to_owned()];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    if path != self.process().folder().join("downloads") {
                        folders.push(path);
                    }
                } else if let Ok(content) = fs::read(&path) {
                    // Some files disappear at once, and a lock isn't a file.
                    files.push((path, content));
                }
            }
        }
        files
    }

    /// Where a downloaded file is or will be.
    #[must_use]
    pub fn download_path(&self, name: &str) -> PathBuf {
        self.process().folder().join("downloads").join(name)
    }
}
