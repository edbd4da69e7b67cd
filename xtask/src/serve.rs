//! `cargo xtask serve`: builds and runs Keyside with the embedded IAM.

use std::{path::PathBuf, time::Instant};

use lexopt::prelude::*;

use crate::{
    estimate, gateway, packages,
    page::{self, Kind},
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

/// Builds the page and the gateway for development, then runs the gateway until it's stopped.
///
/// # Errors
/// When a step fails.
pub fn serve(paths: &Paths, options: &Options, started: Instant) -> Result<(), Failure> {
    packages::ensure(&[&packages::C_COMPILER])?;
    estimate::print(&[
        ("tools", tools::estimate(paths)),
        ("the page", page::estimate(paths, Kind::Development)),
        ("the gateway", gateway::estimate(paths, "debug")),
    ]);
    let toolchain = toolchain::with_wasm32(paths, false)?;
    let ((), program) = run::in_parallel(
        || tools::install(paths),
        || {
            let program = gateway::build_for_development(paths)?;
            page::compile_ahead(paths, &toolchain, Kind::Development)?;
            Ok(program)
        },
    )?;
    tools::remove_build_files(paths);
    page::build(paths, &toolchain, Kind::Development)?;
    run::print_table(started.elapsed());
    run::announce("Serving (press Enter for another address to sign in with, Ctrl-C to stop)");
    // In the current folder, so that a relative --data works as expected.
    let here = std::env::current_dir().unwrap_or_else(|_| paths.root.clone());
    let status = run::command(&program, &here)
        .arg("serve")
        .args(["--listen", &format!("127.0.0.1:{}", options.port)])
        .arg("--data")
        .arg(&options.data)
        .arg("--dist")
        .arg(Kind::Development.dist(paths))
        .status();
    let why = match status {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => format!("The gateway ended with {status}. Its message is above."),
        Err(error) => format!("{} can't be started: {error}.", program.display()),
    };
    Err(Failure::new(
        "Serving",
        why,
        "Follow the message above. To use another port, add --port.",
    ))
}
