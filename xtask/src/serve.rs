//! `cargo xtask serve`: the main job on the embedded IAM, from nothing.

use std::path::PathBuf;

use lexopt::prelude::*;

use crate::{
    gateway, packages, page,
    paths::Paths,
    run::{self, Failure},
    toolchain, tools,
};

/// The command's flags.
pub struct Options {
    port: u16,
    data: PathBuf,
}

impl Options {
    pub fn parse(arguments: &mut lexopt::Parser, paths: &Paths) -> Result<Self, lexopt::Error> {
        let mut options = Self {
            port: 8080,
            data: paths.target.join("data"),
        };
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("port") => options.port = arguments.value()?.parse()?,
                Long("data") => options.data = arguments.value()?.into(),
                other => return Err(other.unexpected()),
            }
        }
        Ok(options)
    }
}

/// Runs the recipe, then the gateway until it is stopped.
///
/// # Errors
/// When a step fails.
pub fn serve(paths: &Paths, options: &Options) -> Result<(), Failure> {
    packages::need(&[&packages::C_COMPILER])?;
    let toolchain = toolchain::with_wasm32(paths, false)?;
    tools::install(paths)?;
    page::build(paths, &toolchain)?;
    let program = gateway::build(paths)?;
    // Where the command was typed, so that a relative --data means what it seems to.
    let here = std::env::current_dir().unwrap_or_else(|_| paths.root.clone());
    let mut command = run::command(program, &here);
    command
        .arg("serve")
        .args(["--listen", &format!("127.0.0.1:{}", options.port)])
        .arg("--data")
        .arg(&options.data)
        .arg("--dist")
        .arg(&paths.dist);
    run::step(
        "Serving (Ctrl-C stops it)",
        &mut command,
        "Do what it says above; another port is chosen by --port.",
    )
}
