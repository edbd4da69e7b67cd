//! Where things are.

use std::{
    env, fs, io,
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
    /// The page that is shipped.
    pub dist: PathBuf,
}

impl Paths {
    pub fn new() -> Self {
        // Cargo sets it when it runs this; `reproduce` sets it to another checkout's.
        let here = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = here.parent().unwrap_or(&here).to_owned();
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |dir| root.join(dir));
        Self {
            tools: target.join("tools"),
            dist: root.join("dist"),
            target,
            root,
        }
    }

    /// A copy of this program: cargo may build it again while it runs.
    pub fn program(&self) -> PathBuf {
        self.tools.join(format!("xtask{}", env::consts::EXE_SUFFIX))
    }

    /// Makes that copy.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn keep_program(&self) -> io::Result<()> {
        let (running, copy) = (env::current_exe()?, self.program());
        if running == copy {
            return Ok(());
        }
        fs::create_dir_all(&self.tools)?;
        // One that runs can't be overwritten, but it can be replaced.
        let _ = fs::remove_file(&copy);
        fs::copy(running, copy).map(drop)
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

/// Writes a program of one line of shell.
///
/// # Errors
/// When the file can't be written.
pub fn write_script(path: &Path, line: &str) -> io::Result<()> {
    let script = format!("#!/bin/sh\n{line}\n");
    // Its time stays with its content, which cargo compares.
    if fs::read_to_string(path).is_ok_and(|there| there == script) {
        return Ok(());
    }
    fs::write(path, script)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
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
