//! Programs of the operating system: found, or installed from Debian's packages.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    paths::find_program,
    run::{self, Failure},
};

/// A program that a step needs.
pub struct Program {
    /// What it is, in words.
    pub what: &'static str,
    /// The names it may have, the best first.
    pub names: &'static [&'static str],
    /// Debian's packages that bring it.
    pub packages: &'static [&'static str],
}

pub const C_COMPILER: Program = Program {
    what: "a C compiler and linker (SQLite is compiled in)",
    names: &["cc"],
    packages: &["gcc", "libc6-dev"],
};
pub const CXX_COMPILER: Program = Program {
    what: "a C++ compiler (libFuzzer is compiled in)",
    names: &["c++"],
    packages: &["g++"],
};
pub const GIT: Program = Program {
    what: "git",
    names: &["git"],
    packages: &["git"],
};
pub const BROWSER: Program = Program {
    what: "Chromium or Chrome",
    names: &["chromium", "chromium-browser", "google-chrome"],
    packages: &["chromium"],
};
pub const DRIVER: Program = Program {
    what: "ChromeDriver of the browser's version",
    names: &["chromedriver"],
    packages: &["chromium-driver"],
};
/// Its driver comes from crates.io: Debian has none.
pub const FIREFOX: Program = Program {
    what: "Firefox",
    names: &["firefox-esr", "firefox"],
    packages: &["firefox-esr"],
};
pub const OPENSSL: Program = Program {
    what: "openssl",
    names: &["openssl"],
    packages: &["openssl"],
};
pub const CURL: Program = Program {
    what: "curl",
    names: &["curl"],
    packages: &["curl"],
};
pub const PYTHON: Program = Program {
    what: "Python 3 with venv",
    names: &["python3"],
    packages: &["python3", "python3-venv"],
};
pub const SYSTEMD: Program = Program {
    what: "systemd-analyze (judges the sample unit)",
    names: &["systemd-analyze"],
    packages: &["systemd"],
};
pub const NGINX: Program = Program {
    what: "nginx",
    names: &["nginx"],
    packages: &["nginx"],
};
pub const CERTTOOL: Program = Program {
    what: "certtool of GnuTLS",
    names: &["certtool"],
    packages: &["gnutls-bin"],
};
pub const BSDTAR: Program = Program {
    what: "bsdtar of libarchive",
    names: &["bsdtar"],
    packages: &["libarchive-tools"],
};
pub const NPM: Program = Program {
    what: "npm with Node.js",
    names: &["npm"],
    packages: &["npm"],
};

impl Program {
    /// Where it is. Ask only after [`need`].
    ///
    /// # Errors
    /// When it is missing.
    pub fn path(&self) -> Result<PathBuf, Failure> {
        find_program(self.names).ok_or_else(|| missing(&[self.what], self.packages))
    }
}

/// Installs those of the programs that are missing.
///
/// # Errors
/// When one is missing and cannot be installed here.
pub fn need(programs: &[&Program]) -> Result<(), Failure> {
    let absent: Vec<_> = programs
        .iter()
        .filter(|program| find_program(program.names).is_none())
        .collect();
    if absent.is_empty() {
        return Ok(());
    }
    let packages: Vec<_> = absent
        .iter()
        .flat_map(|program| program.packages)
        .copied()
        .collect();
    let words: Vec<_> = absent.iter().map(|program| program.what).collect();
    install(&words, &packages)
}

/// Installs Debian's packages.
///
/// # Errors
/// When this is no Debian system, not run as root, or apt-get fails.
pub fn install(words: &[&str], packages: &[&str]) -> Result<(), Failure> {
    if !Path::new("/usr/bin/apt-get").is_file() || !is_root() {
        return Err(missing(words, packages));
    }
    let by_hand = by_hand(packages);
    run::step(
        "Updating Debian's package lists",
        apt_get().arg("update"),
        &by_hand,
    )?;
    run::step(
        &format!("Installing Debian's packages {}", packages.join(", ")),
        apt_get()
            .args(["install", "--yes", "--no-install-recommends"])
            .args(packages),
        &by_hand,
    )
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    // A server that comes with a package is not started: tests start their own.
    command.env("RUNLEVEL", "1");
    command
}

fn is_root() -> bool {
    run::output(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0")
}

fn by_hand(packages: &[&str]) -> String {
    format!(
        "sudo apt-get update && sudo apt-get install --no-install-recommends {}",
        packages.join(" ")
    )
}

fn missing(words: &[&str], packages: &[&str]) -> Failure {
    Failure::new(
        "Looking for what the operating system must bring",
        format!("Missing: {}. Only root can install it.", words.join("; ")),
        format!(
            "On Debian or Ubuntu: {}\n       Elsewhere: install it with your system's package \
             manager.",
            by_hand(packages)
        ),
    )
}
