//! `cargo xtask load`: puts the embedded IAM under load from many clients.

use lexopt::prelude::*;

use crate::{
    bench::Report,
    dist,
    packages::{self, C_COMPILER, OPENSSL},
    paths::Paths,
    run::{self, Failure},
    toolchain, tools,
};

/// The command's flags.
pub struct Options {
    seconds: u32,
    clients: u32,
    keys: u32,
    report: Report,
}

impl Options {
    /// Reads `[--seconds N] [--clients N] [--keys N] [--update-docs] [--check]`.
    pub fn parse(arguments: &mut lexopt::Parser) -> Result<Self, lexopt::Error> {
        let mut options = Self {
            seconds: 120,
            clients: 64,
            keys: 10_000,
            report: Report::default(),
        };
        while let Some(argument) = arguments.next()? {
            match argument {
                ref flag if options.report.take(flag) => {}
                Long("seconds") => options.seconds = arguments.value()?.parse()?,
                Long("clients") => options.clients = arguments.value()?.parse()?,
                Long("keys") => options.keys = arguments.value()?.parse()?,
                other => return Err(other.unexpected()),
            }
        }
        Ok(options)
    }
}

/// Builds the gateway and runs the load test.
///
/// # Errors
/// When a step fails.
pub fn load(paths: &Paths, options: &Options) -> Result<(), Failure> {
    packages::ensure(&[&C_COMPILER, &OPENSSL])?;
    let toolchain = toolchain::with_wasm32(paths, false)?;
    tools::install(paths)?;
    let gateway = dist::build(paths, &toolchain)?;
    let mut command = options.report.measure(paths, "load");
    command
        .env("KEYSIDE_BIN", gateway)
        .env("KEYSIDE_DIST", &paths.dist)
        .env("KEYSIDE_LOAD_SECONDS", options.seconds.to_string())
        .env("KEYSIDE_LOAD_CLIENTS", options.clients.to_string())
        .env("KEYSIDE_LOAD_KEYS", options.keys.to_string());
    run::test_step(
        "Loading the embedded IAM (don't use the machine meanwhile)",
        &mut command,
        "Fix what is reported above.",
    )
}
