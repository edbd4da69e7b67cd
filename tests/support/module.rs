//! The key engine's ES module on a plain page.

use std::{fs, path::Path};

use tempfile::TempDir;

use crate::{
    browser::{Browser, Options},
    deployment::Server,
    setting,
};

/// A browser on a page with the module as `window.keyside`.
pub struct ModulePage {
    /// The browser.
    pub browser: Browser,
    _server: Server,
    _folder: TempDir,
}

impl ModulePage {
    /// Assembles the page, serves it and opens it.
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy_all(&setting("KEYSIDE_MODULE"), folder.path());
        copy_all(&sources(), folder.path());
        let server = Server::without_integrity_policy(folder.path());
        let browser = Browser::start(Options::default()).await;
        browser
            .open(&format!("http://127.0.0.1:{}/tools/keys/", server.port))
            .await;
        browser.find("#ready").await;
        Self {
            browser,
            _server: server,
            _folder: folder,
        }
    }
}

/// The page's own files, and the TypeScript that uses the module.
#[must_use]
pub fn sources() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("module")
}

/// Copies the files of a folder.
pub fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
