//! Paths of folders and programs.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

/// The folders that the commands work in.
pub struct Paths {
    /// The checkout.
    pub root: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
    /// Tools installed for this checkout only.
    pub tools: PathBuf,
    /// The release page.
    pub dist: PathBuf,
}

impl Paths {
    pub fn new() -> Self {
        // Set by cargo; `reproduce` sets it to another checkout.
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

    /// A copy of this program, because cargo may rebuild it while it runs.
    pub fn program(&self) -> PathBuf {
        self.tools.join(format!("xtask{}", env::consts::EXE_SUFFIX))
    }

    /// Copies this program to [`Paths::program`].
    ///
    /// # Errors
    /// When it can't be written.
    pub fn copy_program(&self) -> io::Result<()> {
        let (running, copy) = (env::current_exe()?, self.program());
        if running == copy {
            return Ok(());
        }
        fs::create_dir_all(&self.tools)?;
        // A running program can't be overwritten, but it can be replaced.
        let _ = fs::remove_file(&copy);
        fs::copy(running, copy).map(drop)
    }

    /// The folder of the programs in [`Paths::tools`].
    pub fn bin(&self) -> PathBuf {
        self.tools.join("bin")
    }
}

/// Cargo's home folder.
pub fn cargo_home() -> PathBuf {
    home_of("CARGO_HOME", ".cargo")
}

/// Rustup's home folder.
pub fn rustup_home() -> PathBuf {
    home_of("RUSTUP_HOME", ".rustup")
}

/// The folder from the variable, or else a folder in the user's home.
fn home_of(variable: &str, folder: &str) -> PathBuf {
    let usual = || Path::new(&env::var_os("HOME").unwrap_or_default()).join(folder);
    env::var_os(variable).map_or_else(usual, PathBuf::from)
}

/// Writes a shell script with one line.
///
/// # Errors
/// When the file can't be written.
pub fn write_script(path: &Path, line: &str) -> io::Result<()> {
    let script = format!("#!/bin/sh\n{line}\n");
    // Cargo compares modification times: leave an unchanged file alone.
    if fs::read_to_string(path).is_ok_and(|existing| existing == script) {
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

/// Searches PATH for a program, by the first name that exists.
pub fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    names.iter().find_map(|name| {
        env::split_paths(&path)
            .map(|dir| dir.join(name))
            .find(|p| p.is_file())
    })
}

/// Copies the files of a folder, which contains no other folders.
///
/// # Errors
/// When one can't be copied.
pub fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
