//! `cargo xtask load`: many callers at the embedded IAM at once.

use lexopt::prelude::*;

use crate::{
    gateway,
    packages::{self, C_COMPILER, OPENSSL},
    page,
    paths::Paths,
    run::{self, Failure},
    toolchain, tools,
};

/// The command's flags.
pub struct Options {
    seconds: u32,
    clients: u32,
    keys: u32,
}

impl Options {
    /// Reads `[--seconds N] [--clients N] [--keys N]`.
    pub fn parse(arguments: &mut lexopt::Parser) -> Result<Self, lexopt::Error> {
        let mut options = Self {
            seconds: 120,
            clients: 64,
            keys: 10_000,
        };
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("seconds") => options.seconds = arguments.value()?.parse()?,
                Long("clients") => options.clients = arguments.value()?.parse()?,
                Long("keys") => options.keys = arguments.value()?.parse()?,
                other => return Err(other.unexpected()),
            }
        }
        Ok(options)
    }
}

/// Sees to all that is needed, and runs the load.
///
/// # Errors
/// When a step fails, or a call, or memory does not stay flat.
pub fn load(paths: &Paths, options: &Options) -> Result<(), Failure> {
    packages::need(&[&C_COMPILER, &OPENSSL])?;
    let toolchain = toolchain::with_wasm32(paths, false)?;
    tools::install(paths)?;
    page::build(paths, &toolchain)?;
    let gateway = gateway::build(paths)?;
    run::step(
        "Loading the embedded IAM (leave the machine alone)",
        run::command("cargo", &paths.root)
            .args(["bench", "--locked", "-p", "keyside-e2e", "--bench", "load"])
            .env("KEYSIDE_BIN", gateway)
            .env("KEYSIDE_DIST", &paths.dist)
            .env("KEYSIDE_BENCH_DOCS", paths.root.join("docs"))
            .env("KEYSIDE_LOAD_SECONDS", options.seconds.to_string())
            .env("KEYSIDE_LOAD_CLIENTS", options.clients.to_string())
            .env("KEYSIDE_LOAD_KEYS", options.keys.to_string()),
        "See above what went wrong.",
    )
}
