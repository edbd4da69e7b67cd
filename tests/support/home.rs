//! A user's home folder, where bash runs a pasted snippet.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::tools;

/// Tools that need the cloud or a cluster. Scripts that record their arguments replace them, so a test
/// checks whether a snippet is quoted correctly, not whether the tool accepts it.
const STAND_INS: [&str; 5] = ["gh", "glab", "kubectl", "nebius", "sky"];

const STAND_IN: &str = "#!/bin/sh
printf '%s\\0' \"${0##*/}\" \"$@\" > \"$CALLS/$$.argv\"
cat > \"$CALLS/$$.stdin\"
echo \"said by ${0##*/} $1\"
";

/// A call of a stand-in.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The tool's name and arguments.
    pub arguments: Vec<String>,
    /// Its standard input.
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
    /// Creates an empty home folder.
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

    /// Adds a program to the path.
    pub fn add_tool(&self, name: &str, script: &str) {
        let path = self.bin().join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("the home of a person")
    }

    fn bin(&self) -> PathBuf {
        self.folder.path().join("bin")
    }

    /// Saves a file there as a browser does: everybody may read it.
    pub fn put(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        path
    }

    /// Runs a script; returns the calls of the stand-ins, sorted.
    ///
    /// # Panics
    /// If one of its commands fails.
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

    /// The result of `tests/handover.py` for a snippet.
    ///
    /// # Panics
    /// If it refuses the snippet.
    pub fn read(&self, arguments: &[&str], snippet: &str) -> Value {
        let mut command = self.enclose(tools::python("handover.py"));
        command.args(arguments);
        let output = tools::run(command, snippet.as_bytes());
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{arguments:?} {snippet}\n{printed}"
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        self.enclose(Command::new(program))
    }

    /// The command with a clean environment that only has the usual paths.
    fn enclose(&self, mut command: Command) -> Command {
        command
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", format!("{}:/usr/bin:/bin", self.bin().display()))
            .current_dir(self.path());
        command
    }
}

/// The file's permissions, as the three digits of chmod.
#[must_use]
pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
