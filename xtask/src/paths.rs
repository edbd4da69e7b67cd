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

/// Where cargo keeps the crates.
pub fn cargo_home() -> PathBuf {
    home_of("CARGO_HOME", ".cargo")
}

/// Where rustup keeps the compilers.
pub fn rustup_home() -> PathBuf {
    home_of("RUSTUP_HOME", ".rustup")
}

/// What the variable says, else a folder of the user's home.
fn home_of(variable: &str, folder: &str) -> PathBuf {
    let usual = || Path::new(&env::var_os("HOME").unwrap_or_default()).join(folder);
    env::var_os(variable).map_or_else(usual, PathBuf::from)
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
