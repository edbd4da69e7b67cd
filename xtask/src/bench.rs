//! `cargo xtask bench`: compares the key engine with others in headless Chromium, and the gateway with
//! Envoy.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use lexopt::prelude::*;

use crate::{
    dist, first_load,
    key_workers::{self, Variant},
    module, node,
    packages::{self, BROWSER, C_COMPILER, DRIVER, NGINX, NPM, OPENSSL, PYTHON},
    page::Kind,
    paths::{Paths, copy_all},
    python,
    run::{self, Failure},
    toolchain, tools,
};

/// What to measure.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// The key engine, compared with others.
    Keygen,
    /// The gateway, compared with Envoy.
    Gateway,
}

/// The command's flags.
pub struct Options {
    subject: Subject,
    json: Option<PathBuf>,
    keys: u32,
    report: Report,
}

/// What to do with a benchmark's report.
#[derive(Default)]
pub struct Report {
    /// Replace the report in docs/ instead of writing it to target/reports.
    update_docs: bool,
    /// Fail if a goal is missed.
    check: bool,
}

impl Report {
    /// Reads `--update-docs` and `--check`; returns whether the argument was one of them.
    pub fn take(&mut self, argument: &lexopt::Arg<'_>) -> bool {
        match argument {
            Long("update-docs") => self.update_docs = true,
            Long("check") => self.check = true,
            _ => return false,
        }
        true
    }

    /// A command that runs the benchmark of this name and writes its report.
    pub fn measure(&self, paths: &Paths, name: &str) -> Command {
        let mut command = run::command("cargo", &paths.root);
        command.args(["bench", "--locked", "-p", "keyside-e2e", "--bench", name]);
        let docs = paths.root.join("docs");
        let folder = if self.update_docs {
            docs
        } else {
            paths.target.join("reports")
        };
        command.env("KEYSIDE_BENCH_DOCS", folder);
        if self.check {
            command.env("KEYSIDE_BENCH_CHECK", "1");
        }
        command
    }
}

impl Options {
    /// Reads `keygen|gateway [--json FILE] [--keys N] [--update-docs] [--check]`.
    pub fn parse(arguments: &mut lexopt::Parser) -> Result<Self, lexopt::Error> {
        let mut options = Self {
            subject: Subject::Keygen,
            json: None,
            keys: 60,
            report: Report::default(),
        };
        let mut named = false;
        while let Some(argument) = arguments.next()? {
            match argument {
                ref flag if options.report.take(flag) => {}
                Value(name) if name == "keygen" => named = true,
                Value(name) if name == "gateway" => {
                    named = true;
                    options.subject = Subject::Gateway;
                }
                Long("json") => {
                    options.json = Some(
                        std::path::absolute(PathBuf::from(arguments.value()?))
                            .map_err(|error| error.to_string())?,
                    )
                }
                Long("keys") => options.keys = arguments.value()?.parse()?,
                other => return Err(other.unexpected()),
            }
        }
        if named {
            Ok(options)
        } else {
            Err("choose a benchmark: keygen or gateway".into())
        }
    }
}

/// Builds and measures the subject.
///
/// # Errors
/// When a step fails, or a goal is missed.
pub fn bench(paths: &Paths, options: &Options) -> Result<(), Failure> {
    match options.subject {
        Subject::Keygen => bench_keygen(paths, options),
        Subject::Gateway => bench_gateway(paths, options),
    }
}

fn bench_gateway(paths: &Paths, options: &Options) -> Result<(), Failure> {
    packages::ensure(&[&C_COMPILER, &NGINX, &PYTHON])?;
    let toolchain = toolchain::with_wasm32(paths, false)?;
    tools::install(paths)?;
    let python = python::environment(paths)?;
    let gateway = dist::build(paths, &toolchain)?;
    let mut command = measure(paths, "gateway", options);
    command
        .env("KEYSIDE_BIN", gateway)
        .env("KEYSIDE_DIST", &paths.dist)
        .env("KEYSIDE_PYTHON", python)
        .env("KEYSIDE_NGINX", NGINX.path()?);
    run::test_step(
        "Measuring (two minutes; don't use the machine meanwhile)",
        &mut command,
        "See the message above. On a busy machine, try again.",
    )
}

fn measure(paths: &Paths, name: &str, options: &Options) -> Command {
    let mut command = options.report.measure(paths, name);
    if let Some(json) = &options.json {
        command.env("KEYSIDE_BENCH_JSON", json);
    }
    command
}

fn bench_keygen(paths: &Paths, options: &Options) -> Result<(), Failure> {
    packages::ensure(&[&C_COMPILER, &BROWSER, &DRIVER, &OPENSSL, &NPM, &NGINX])?;
    let toolchain = toolchain::with_wasm32(paths, false)?;
    tools::install(paths)?;
    let packages = node::packages(paths)?;
    let gateway = dist::build(paths, &toolchain)?;
    let module = module::build(paths, &toolchain)?;
    let folder = paths.target.join("bench");
    let assets = paths.root.join("tests/bench/page");
    let _ = fs::remove_dir_all(&folder);
    let forge = packages.join("node-forge/dist");
    [module.as_path(), &assets]
        .iter()
        .try_for_each(|from| copy_all(from, &folder))
        .and_then(|()| copy(&forge, &folder, "forge.min.js"))
        .and_then(|()| copy(&forge, &folder, "prime.worker.min.js"))
        .map_err(|error| {
            Failure::new(
                "Copying the benchmark's page to target/bench",
                error.to_string(),
                "Check that you can write to target/.",
            )
        })?;
    // With the flags of both key workers, because the stages measure their code.
    let variants = [
        (Variant::Fast, "stages"),
        (Variant::Portable, "stages-portable"),
    ];
    for (variant, name) in variants {
        let program = ["keyside-engine", "bench-stages"];
        let program = key_workers::compile(paths, &toolchain, Kind::Release, program, variant)?;
        let options = ["--target", "web", "--no-typescript", "--out-name", name];
        key_workers::bind(paths, &program, &options, &folder)?;
    }
    let pages = first_load::pages(paths, &toolchain)?;
    let mut command = measure(paths, "keygen", options);
    command
        .env("KEYSIDE_NGINX", NGINX.path()?)
        .env("KEYSIDE_CHROME", BROWSER.path()?)
        .env("CHROMEDRIVER", DRIVER.path()?)
        .env("KEYSIDE_BENCH_PAGE", &folder)
        .env("KEYSIDE_BENCH_PAGES", pages)
        .env("KEYSIDE_BIN", gateway)
        .env("KEYSIDE_DIST", &paths.dist)
        .env("KEYSIDE_BENCH_KEYS", options.keys.to_string());
    run::test_step(
        "Measuring (several minutes; don't use the machine meanwhile)",
        &mut command,
        "See the message above. On a busy machine, try again.",
    )
}

fn copy(from: &Path, to: &Path, name: &str) -> io::Result<()> {
    fs::copy(from.join(name), to.join(name)).map(drop)
}
