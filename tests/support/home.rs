//! A person's home folder, where bash runs a snippet as it was pasted.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{setting, tools};

/// Tools that need the cloud or a cluster. In their place stand scripts that write down what they
/// are called with: so a test sees whether a snippet is quoted well, not whether the tool likes it.
const STAND_INS: [&str; 5] = ["gh", "glab", "kubectl", "nebius", "sky"];

const STAND_IN: &str = "#!/bin/sh
printf '%s\\0' \"${0##*/}\" \"$@\" > \"$CALLS/$$.argv\"
cat > \"$CALLS/$$.stdin\"
echo \"said by ${0##*/} $1\"
";

/// A call of a stand-in.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The tool's name and what is given to it.
    pub arguments: Vec<String>,
    /// What came on its standard input.
    pub input: String,
}

/// A home folder, whose path has spaces.
pub struct Home {
    folder: TempDir,
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

impl Home {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        let home = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir_all(home.path()).unwrap();
        fs::create_dir(home.bin()).unwrap();
        for name in STAND_INS {
            home.add_tool(name, STAND_IN);
        }
        home
    }

    /// Puts a program on the path.
    pub fn add_tool(&self, name: &str, script: &str) {
        let path = self.bin().join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("the home of a person")
    }

    fn bin(&self) -> PathBuf {
        self.folder.path().join("bin")
    }

    /// Puts a file there, as a browser does that saves it: everybody may read it.
    pub fn put(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        path
    }

    /// Runs a script to its end; gives the calls of the stand-ins, sorted.
    ///
    /// # Panics
    /// When a command of it fails.
    pub fn run(&self, script: &str, environment: &[(&str, &Path)]) -> Vec<Call> {
        let calls = tempfile::tempdir().unwrap();
        let output = self
            .command("bash")
            .args(["-eu", "-o", "pipefail", "-c"])
            // The umask of most machines.
            .arg(format!("umask 022\n{script}"))
            .env("CALLS", calls.path())
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && printed.is_empty(),
            "{script}\n{printed}"
        );
        let mut found: Vec<Call> = fs::read_dir(&calls)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|kind| kind == "argv"))
            .map(|path| Call {
                arguments: fs::read_to_string(&path)
                    .unwrap()
                    .split_terminator('\0')
                    .map(str::to_owned)
                    .collect(),
                input: fs::read_to_string(path.with_extension("stdin")).unwrap(),
            })
            .collect();
        found.sort();
        found
    }

    /// What `tests/handover.py` finds in a snippet.
    ///
    /// # Panics
    /// When it refuses the snippet.
    pub fn read(&self, arguments: &[&str], snippet: &str) -> Value {
        let mut command = self.command(setting("KEYSIDE_PYTHON"));
        command
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/handover.py"))
            .args(arguments);
        let output = tools::run(command, snippet.as_bytes());
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{arguments:?} {snippet}\n{printed}"
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// With nothing of our own environment but what is found at the usual places.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", format!("{}:/usr/bin:/bin", self.bin().display()))
            .current_dir(self.path());
        command
    }
}

/// Who may do what with it, as chmod's three digits tell it.
#[must_use]
pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
