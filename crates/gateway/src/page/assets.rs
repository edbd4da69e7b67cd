//! The page's files: those of a folder, or those that were compiled in.

use std::{
    io,
    path::{Component, Path, PathBuf},
};

use bytes::Bytes;

include!(concat!(env!("OUT_DIR"), "/embedded_page.rs"));

/// Where the files come from.
#[derive(Clone)]
pub enum Assets {
    /// A folder, read anew each time.
    Folder(PathBuf),
    /// `cargo xtask dist` compiled them in.
    Embedded,
}

impl Assets {
    /// Of the folder, if one is named; else those compiled in, else of `dist`.
    pub fn choose(folder: Option<PathBuf>) -> Self {
        match folder {
            Some(folder) => Self::Folder(folder),
            None if !EMBEDDED.is_empty() => Self::Embedded,
            None => Self::Folder(PathBuf::from("dist")),
        }
    }

    /// The file of this name, relative to the page and without a leading slash.
    ///
    /// # Errors
    /// `NotFound` when there is none, or the name leads out of the page.
    pub fn read(&self, name: &str) -> io::Result<Bytes> {
        match self {
            Self::Embedded => EMBEDDED
                .binary_search_by_key(&name, |(name, _)| name)
                .map(|at| Bytes::from_static(EMBEDDED[at].1))
                .map_err(|_| io::ErrorKind::NotFound.into()),
            Self::Folder(folder) => {
                let name = Path::new(name);
                if name
                    .components()
                    .all(|part| matches!(part, Component::Normal(_)))
                {
                    std::fs::read(folder.join(name)).map(Bytes::from)
                } else {
                    Err(io::ErrorKind::NotFound.into())
                }
            }
        }
    }

    /// Whether there is a page at all.
    pub fn has_page(&self) -> bool {
        self.read("index.html").is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_files_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("page")).unwrap();
        std::fs::write(folder.path().join("page/index.html"), "page").unwrap();
        std::fs::write(folder.path().join("secret"), "secret").unwrap();
        let assets = Assets::Folder(folder.path().join("page"));
        assert_eq!(&*assets.read("index.html").unwrap(), b"page");
        assert!(assets.has_page());
        let absolute = folder.path().join("secret").display().to_string();
        for name in [
            "../secret",
            "./../secret",
            &absolute,
            "a/../../secret",
            "missing",
            "",
        ] {
            assert!(assets.read(name).is_err(), "{name}");
        }
    }
}
