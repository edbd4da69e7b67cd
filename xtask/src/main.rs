//! `cargo xtask serve`, `cargo xtask test` and the other commands, with all the setup they need.
//!
//! Each command has a module: [`serve`], [`test`], [`dist`], [`image`], [`page`], [`module`], [`bench`], [`load`],
//! [`fuzz`], [`verify`], [`contract`], and [`key_workers`] and [`finish`], which Trunk calls.
#![forbid(unsafe_code)]

mod bench;
mod contract;
mod debian_std;
mod dist;
mod estimate;
mod finish;
mod first_load;
mod fuzz;
mod gateway;
mod image;
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
        --port   port on 127.0.0.1 (default: 8080)
        --data   data folder of the embedded IAM (default: target/data)
  test [--only PART]
        Runs every check and test, or only one part:
        fmt, clippy, supply, unit, wasm, fuzz, reproduce, e2e
        Without --only, long tests (the gateway, keys against openssl, fuzzing)
        are skipped if they passed with the same code.
  test FILTER...
        Runs the unit tests and end-to-end flows whose names match.
  dist
        Builds the gateway with the page inside, one file to deploy:
        target/dist/keyside. Its bills of materials are in the same folder.
  image
        Prepares a container image in target/image (Linux).
  page
        Builds the release page in dist/.
  verify URL
        Compares a running site with the page built from this checkout.
  contract
        Compares our .proto files with the newest official SDK's.
  module
        Builds the key engine as an ES module with TypeScript definitions in
        target/module.
  bench keygen [--json FILE] [--keys N]
        Compares the key engine with the browser's own and others, over N
        RSA-4096 pairs each (default: 60).
  bench gateway [--json FILE]
        Compares the gateway with Envoy.
  load [--seconds N] [--clients N] [--keys N]
        Puts the embedded IAM under load (default: 64 clients for 120 s on
        10,000 keys).
        For bench and load:
        --update-docs  replaces the report in docs/ (default: target/reports)
        --check        fails if a goal is missed
  fuzz [TARGET]... [--seconds N]
        Fuzzes every parser of untrusted input, or only these targets, for N
        seconds each (default: 600).
  key-workers, finish
        Called by Trunk: see Trunk.toml.

Missing tools are installed, and each step is announced: Trunk, the wasm-bindgen
CLI and a Python environment in target/, the wasm32 target with rustup, and
Debian packages if you run this as root. The output of each step is in
target/logs.
KEYSIDE_WASM_STD=debian builds the wasm32 target from Debian's packages;
KEYSIDE_WASM_STD=rustup uses only rustup. By default, rustup is tried first.
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
    run::set_log_folder(&paths.target.join("logs"));
    paths
        .copy_program()
        .map_err(Failure::io("Copying this program into target/tools"))?;
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
        Some(Value(name)) if name == "image" => match arguments.next().map_err(usage)? {
            None => image::image(&paths),
            Some(other) => Err(usage(other.unexpected())),
        },
        Some(Value(name)) if name == "page" => match arguments.next().map_err(usage)? {
            None => page::page(&paths),
            Some(other) => Err(usage(other.unexpected())),
        },
        Some(Value(name)) if name == "verify" => match arguments.next().map_err(usage)? {
            Some(Value(url)) => verify::verify(&paths, &url.to_string_lossy()),
            Some(other) => Err(usage(other.unexpected())),
            None => Err(usage("give the address of the site".into())),
        },
        Some(Value(name)) if name == "load" => {
            let options = load::Options::parse(&mut arguments).map_err(usage)?;
            load::load(&paths, &options)
        }
        Some(Value(name)) if name == "fuzz" => {
            let options = fuzz::Options::parse(&mut arguments).map_err(usage)?;
            fuzz::fuzz(&paths, &options)
        }
        Some(Value(name)) if name == "contract" => match arguments.next().map_err(usage)? {
            None => contract::contract(&paths),
            Some(other) => Err(usage(other.unexpected())),
        },
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
