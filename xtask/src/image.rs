//! `cargo xtask image`: prepares a container image.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    gateway, packages,
    page::{self, Kind},
    paths::Paths,
    run::Failure,
    toolchain, tools,
};

const STEP: &str = "Collecting the files of the container image in target/image";

/// Where Linux distributions keep the certificate authorities that they trust, in one file.
const AUTHORITIES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

/// Installs the tools, builds the files and prints the command that makes an image of them.
///
/// # Errors
/// When a step fails.
pub fn image(paths: &Paths) -> Result<(), Failure> {
    packages::ensure(&[&packages::C_COMPILER])?;
    let toolchain = toolchain::with_wasm32(paths, false)?;
    tools::install(paths)?;
    page::build(paths, &toolchain, Kind::Release)?;
    let folder = build(paths)?;
    println!(
        "\nNow build the image: podman build -t keyside -f deploy/Containerfile {}",
        folder.display()
    );
    Ok(())
}

/// Builds the gateway without shared libraries and with the page from dist/ inside, and copies it and the
/// authorities that this machine trusts to a folder; returns the folder.
///
/// # Errors
/// When a step fails.
pub fn build(paths: &Paths) -> Result<PathBuf, Failure> {
    let program = gateway::build_static(paths)?;
    let authorities = AUTHORITIES.iter().find(|path| Path::new(path).is_file());
    let authorities = authorities.ok_or_else(|| {
        Failure::new(
            STEP,
            "This machine has no file of the certificate authorities that it trusts.",
            "On Debian or Ubuntu: sudo apt-get install ca-certificates",
        )
    })?;
    let folder = paths.target.join("image");
    let collect = || -> io::Result<()> {
        fs::create_dir_all(&folder)?;
        fs::copy(program, folder.join("keyside"))?;
        fs::copy(authorities, folder.join("ca-certificates.crt"))?;
        Ok(())
    };
    collect().map_err(Failure::io(STEP))?;
    Ok(folder)
}
