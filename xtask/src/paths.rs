//! Where things are.

use std::{
    env,
    path::{Path, PathBuf},
};

/// The folders that the recipes work in.
pub struct Paths {
    /// The checkout.
    pub root: PathBuf,
    /// Cargo's.
    pub target: PathBuf,
    /// What is installed for this checkout alone.
    pub tools: PathBuf,
    /// The page as the compilers leave it.
    pub plain_page: PathBuf,
    /// The finished page.
    pub dist: PathBuf,
}

impl Paths {
    pub fn new() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().unwrap_or(here).to_owned();
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |dir| root.join(dir));
        Self {
            tools: target.join("tools"),
            plain_page: target.join("plain-page"),
            dist: root.join("dist"),
            target,
            root,
        }
    }

    /// The programs under [`Paths::tools`].
    pub fn bin(&self) -> PathBuf {
        self.tools.join("bin")
    }
}

/// Looks a program up as a shell would, by the first name that is there.
pub fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    names.iter().find_map(|name| {
        env::split_paths(&path)
            .map(|dir| dir.join(name))
            .find(|p| p.is_file())
    })
}
