//! Finds programs of the operating system, or installs them from Debian's packages.

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
    /// A description for messages.
    pub description: &'static str,
    /// Possible file names, in order of preference.
    pub names: &'static [&'static str],
    /// The Debian packages that contain it.
    pub packages: &'static [&'static str],
}

pub const C_COMPILER: Program = Program {
    description: "a C compiler and linker (SQLite is compiled in)",
    names: &["cc"],
    packages: &["gcc", "libc6-dev"],
};
pub const CXX_COMPILER: Program = Program {
    description: "a C++ compiler (libFuzzer is compiled in)",
    names: &["c++"],
    packages: &["g++"],
};
pub const GIT: Program = Program {
    description: "git",
    names: &["git"],
    packages: &["git"],
};
pub const BROWSER: Program = Program {
    description: "Chromium or Chrome",
    names: &["chromium", "chromium-browser", "google-chrome"],
    packages: &["chromium"],
};
pub const DRIVER: Program = Program {
    description: "ChromeDriver in the browser's version",
    names: &["chromedriver"],
    packages: &["chromium-driver"],
};
/// Its driver comes from crates.io because Debian has none.
pub const FIREFOX: Program = Program {
    description: "Firefox",
    names: &["firefox-esr", "firefox"],
    packages: &["firefox-esr"],
};
pub const OPENSSL: Program = Program {
    description: "openssl",
    names: &["openssl"],
    packages: &["openssl"],
};
pub const CURL: Program = Program {
    description: "curl",
    names: &["curl"],
    packages: &["curl"],
};
pub const PYTHON: Program = Program {
    description: "Python 3 with venv",
    names: &["python3"],
    packages: &["python3", "python3-venv"],
};
pub const SYSTEMD: Program = Program {
    description: "systemd-analyze (checks the sample unit)",
    names: &["systemd-analyze"],
    packages: &["systemd"],
};
pub const PROMTOOL: Program = Program {
    description: "promtool from Prometheus (checks the metrics and the alerts)",
    names: &["promtool"],
    packages: &["prometheus"],
};
pub const NGINX: Program = Program {
    description: "nginx",
    names: &["nginx"],
    packages: &["nginx"],
};
pub const CERTTOOL: Program = Program {
    description: "certtool from GnuTLS",
    names: &["certtool"],
    packages: &["gnutls-bin"],
};
pub const BSDTAR: Program = Program {
    description: "bsdtar from libarchive",
    names: &["bsdtar"],
    packages: &["libarchive-tools"],
};
pub const BUILDAH: Program = Program {
    description: "buildah (builds the container image)",
    names: &["buildah"],
    packages: &["buildah"],
};
pub const NSPAWN: Program = Program {
    description: "systemd-nspawn (boots a machine that the guide for a team is followed on)",
    names: &["systemd-nspawn"],
    packages: &["systemd-container"],
};
pub const IP: Program = Program {
    description: "ip from iproute2 (connects that machine to an issuer and an API)",
    names: &["ip"],
    packages: &["iproute2"],
};
pub const APACHE: Program = Program {
    description: "Apache with mod_auth_openidc (signs people in)",
    names: &["apachectl"],
    packages: &["apache2", "libapache2-mod-auth-openidc"],
};
pub const NPM: Program = Program {
    description: "npm with Node.js",
    names: &["npm"],
    packages: &["npm"],
};

impl Program {
    /// The program's path. Call [`ensure`] first.
    ///
    /// # Errors
    /// When it is missing.
    pub fn path(&self) -> Result<PathBuf, Failure> {
        find_program(self.names).ok_or_else(|| missing(&[self.description], self.packages))
    }
}

/// Installs the programs that are missing.
///
/// # Errors
/// When one is missing and can't be installed here.
pub fn ensure(programs: &[&Program]) -> Result<(), Failure> {
    let absent = absent(programs);
    if absent.is_empty() {
        return Ok(());
    }
    install(&descriptions(&absent), &packages(&absent))
}

/// Checks that [`ensure`] can install the programs that are missing, which takes it a while.
///
/// # Errors
/// When one is missing and can't be installed here.
pub fn check(programs: &[&Program]) -> Result<(), Failure> {
    let absent = absent(programs);
    if absent.is_empty() || can_install() {
        return Ok(());
    }
    Err(missing(&descriptions(&absent), &packages(&absent)))
}

fn absent<'a>(programs: &[&'a Program]) -> Vec<&'a Program> {
    let is_absent = |program: &&&Program| find_program(program.names).is_none();
    programs.iter().filter(is_absent).copied().collect()
}

fn descriptions(programs: &[&Program]) -> Vec<&'static str> {
    programs.iter().map(|program| program.description).collect()
}

fn packages(programs: &[&Program]) -> Vec<&'static str> {
    let all = programs.iter().flat_map(|program| program.packages);
    all.copied().collect()
}

/// Installs Debian packages.
///
/// # Errors
/// When this isn't a Debian system, the user isn't root, or apt-get fails.
pub fn install(descriptions: &[&str], packages: &[&str]) -> Result<(), Failure> {
    if !can_install() {
        return Err(missing(descriptions, packages));
    }
    let remedy = manual_command(packages);
    run::step(
        "Updating Debian's package lists",
        apt_get().arg("update"),
        &remedy,
    )?;
    run::step(
        &format!("Installing the Debian packages {}", packages.join(", ")),
        apt_get()
            .args(["install", "--yes", "--no-install-recommends"])
            .args(packages),
        &remedy,
    )
}

/// Whether this is a Debian system and the user is root.
fn can_install() -> bool {
    Path::new("/usr/bin/apt-get").is_file() && is_root()
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    // Don't start servers from packages: tests start their own.
    command.env("RUNLEVEL", "1");
    command
}

fn is_root() -> bool {
    run::output(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0")
}

fn manual_command(packages: &[&str]) -> String {
    format!(
        "sudo apt-get update && sudo apt-get install --no-install-recommends {}",
        packages.join(" ")
    )
}

fn missing(descriptions: &[&str], packages: &[&str]) -> Failure {
    Failure::new(
        "Looking for required programs",
        format!(
            "Missing: {}. Only root can install this.",
            descriptions.join("; ")
        ),
        format!(
            "On Debian or Ubuntu: {}\n       Elsewhere: use your system's package manager.",
            manual_command(packages)
        ),
    )
}
