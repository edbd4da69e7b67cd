//! `cargo xtask serve` and `cargo xtask test`: all the set-up that nobody should do by hand.
//!
//! Each command is one module: [`serve`], [`test`], [`dist`], [`page`], [`module`], [`bench`], [`load`],
//! [`fuzz`], [`verify`], and [`key_workers`] and [`finish`], which Trunk calls.
#![forbid(unsafe_code)]

mod bench;
mod debian_std;
mod dist;
mod estimate;
mod finish;
mod fuzz;
mod gateway;
mod key_workers;
mod lint;
mod load;
mod module;
mod node;
mod packages;
mod page;
mod paths;
mod python;
mod reproduce;
mod run;
mod serve;
mod supply;
mod test;
mod toolchain;
mod tools;
mod unchanged;
mod verify;
mod wasm32;

use std::{process::ExitCode, time::Instant};

use lexopt::prelude::*;

use crate::{paths::Paths, run::Failure};

const HELP: &str = "\
Usage: cargo xtask COMMAND

  serve [--port N] [--data DIR]
        Builds the page and the gateway for development, and serves both with
        the embedded IAM.
        --port   of 127.0.0.1, 8080 if not given
        --data   folder of the embedded IAM, target/data if not given
  test [--only PART]
        Runs every check and test, or one part of them:
        fmt, clippy, supply, unit, wasm, fuzz, reproduce, e2e
        Without --only, long tests that passed with the same code (of the gateway,
        of keys against openssl, fuzzing) are not run again.
  test FILTER...
        Runs the unit tests and end-to-end flows whose names match.
  dist
        Builds the gateway with the page inside, one file to deploy:
        target/dist/keyside; and its bills of materials beside it.
  page
        Builds the page that is shipped into dist/.
  verify URL
        Compares what a running site serves with the page that is built here.
  module
        Builds the key engine as an ES module with TypeScript definitions into
        target/module.
  bench keygen [--json FILE] [--keys N]
        Measures the key engine against the browser's own and others, over N
        RSA-4096 pairs each (60 if not given).
  bench gateway [--json FILE]
        Measures the gateway against Envoy.
  load [--seconds N] [--clients N] [--keys N]
        Puts the embedded IAM under load (64 clients for 120 s on 10,000 keys if
        not given).
        For bench and load:
        --update-docs  replaces the report in docs/; else it is in target/reports
        --check        fails when a goal is missed
  fuzz [TARGET]... [--seconds N]
        Feeds random bytes to every parser of outside bytes, or to these, for N
        seconds each (600 if not given).
  key-workers, finish
        Trunk calls these: see Trunk.toml.

What is missing is installed, and each step is announced: Trunk, the wasm-bindgen
CLI and a Python environment under target/, the wasm32 target by rustup, Debian
packages when run as root. What the steps print is in target/logs.
KEYSIDE_WASM_STD=debian builds the wasm32 target from Debian's packages, =rustup
leaves it to rustup alone; otherwise rustup comes first.
";

fn main() -> ExitCode {
    let started = Instant::now();
    let outcome = command(started);
    run::print_table(started.elapsed());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

fn command(started: Instant) -> Result<(), Failure> {
    let usage = |error: lexopt::Error| {
        Failure::new(
            "Reading the command line",
            error.to_string(),
            "cargo xtask --help",
        )
    };
    let paths = Paths::new();
    run::keep_logs_in(&paths.target.join("logs"));
    paths
        .keep_program()
        .map_err(Failure::of_files("Copying this program into target/tools"))?;
    let mut arguments = lexopt::Parser::from_env();
    match arguments.next().map_err(usage)? {
        Some(Value(name)) if name == "serve" => {
            let options = serve::Options::parse(&mut arguments, &paths).map_err(usage)?;
            serve::serve(&paths, &options, started)
        }
        Some(Value(name)) if name == "test" => {
            let options = test::Options::parse(&mut arguments).map_err(usage)?;
            test::test(&paths, &options)
        }
        Some(Value(name)) if name == "key-workers" => key_workers::key_workers(&paths),
        Some(Value(name)) if name == "finish" => finish::finish(&paths),
        Some(Value(name)) if name == "dist" => match arguments.next().map_err(usage)? {
            None => dist::dist(&paths),
            Some(other) => Err(usage(other.unexpected())),
        },
        Some(Value(name)) if name == "page" => match arguments.next().map_err(usage)? {
            None => page::page(&paths),
            Some(other) => Err(usage(other.unexpected())),
        },
        Some(Value(name)) if name == "verify" => match arguments.next().map_err(usage)? {
            Some(Value(url)) => verify::verify(&paths, &url.to_string_lossy()),
            Some(other) => Err(usage(other.unexpected())),
            None => Err(usage("which site? Give its address".into())),
        },
        Some(Value(name)) if name == "load" => {
            let options = load::Options::parse(&mut arguments).map_err(usage)?;
            load::load(&paths, &options)
        }
        Some(Value(name)) if name == "fuzz" => {
            let options = fuzz::Options::parse(&mut arguments).map_err(usage)?;
            fuzz::fuzz(&paths, &options)
        }
        Some(Value(name)) if name == "module" => match arguments.next().map_err(usage)? {
            None => module::module(&paths),
            Some(other) => Err(usage(other.unexpected())),
        },
        Some(Value(name)) if name == "bench" => {
            let options = bench::Options::parse(&mut arguments).map_err(usage)?;
            bench::bench(&paths, &options)
        }
        None | Some(Short('h') | Long("help")) => {
            print!("{HELP}");
            Ok(())
        }
        Some(other) => Err(usage(other.unexpected())),
    }
}
