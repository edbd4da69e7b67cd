//! `cargo xtask test`: every check and test, on a machine that has nothing but Rust.

use std::{fs, io, path::PathBuf, process::Command};

use lexopt::prelude::*;

use crate::{
    dist, fuzz, gateway, module, node,
    packages::{
        self, BROWSER, BSDTAR, C_COMPILER, CERTTOOL, CURL, CXX_COMPILER, DRIVER, FIREFOX, GIT,
        NGINX, NPM, OPENSSL, PYTHON, SYSTEMD,
    },
    page,
    paths::Paths,
    python, reproduce,
    run::{self, Failure},
    supply,
    toolchain::{self, TARGET, WasmToolchain},
    tools,
};

/// A part of the run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Fmt,
    Clippy,
    Unit,
    Wasm,
    /// Licences, sources and known faults of the dependencies.
    Supply,
    Fuzz,
    Reproduce,
    EndToEnd,
}

const MEND: &str = "Mend what is said above.";

/// Reads `--only PART`.
pub fn parse(arguments: &mut lexopt::Parser) -> Result<Option<Part>, lexopt::Error> {
    let mut only = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("only") => {
                only = Some(match arguments.value()?.string()?.as_str() {
                    "fmt" => Part::Fmt,
                    "clippy" => Part::Clippy,
                    "unit" => Part::Unit,
                    "wasm" => Part::Wasm,
                    "supply" => Part::Supply,
                    "fuzz" => Part::Fuzz,
                    "reproduce" => Part::Reproduce,
                    "e2e" => Part::EndToEnd,
                    other => return Err(format!("there is no part {other:?}").into()),
                });
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(only)
}

/// Sees to all that is needed, then runs the parts, the quick ones first.
///
/// # Errors
/// When a part fails.
pub fn test(paths: &Paths, only: Option<Part>) -> Result<(), Failure> {
    let wanted = |part| only.is_none_or(|only| only == part);
    packages::need(&[
        &C_COMPILER,
        &CXX_COMPILER,
        &GIT,
        &BROWSER,
        &DRIVER,
        &FIREFOX,
        &OPENSSL,
        &CERTTOOL,
        &BSDTAR,
        &CURL,
        &PYTHON,
        &NPM,
        &NGINX,
        &SYSTEMD,
    ])?;
    if wanted(Part::Fmt) {
        run::step(
            "Checking the format",
            run::command("cargo", &paths.root).args(["fmt", "--all", "--", "--check"]),
            "cargo fmt --all",
        )?;
    }
    let toolchain = toolchain::with_wasm32(paths, true)?;
    if wanted(Part::Clippy) {
        clippy(paths, &toolchain)?;
    }
    if wanted(Part::Supply) {
        supply::judge(paths)?;
        supply::bills(paths)?;
    }
    if wanted(Part::Unit) {
        run::step(
            "Running the unit and property tests",
            run::command("cargo", &paths.root).args([
                "test",
                "--locked",
                "--workspace",
                "--exclude",
                "keyside-e2e",
            ]),
            MEND,
        )?;
    }
    if [Part::Wasm, Part::Reproduce, Part::EndToEnd]
        .into_iter()
        .any(wanted)
    {
        tools::install(paths)?;
    }
    if wanted(Part::Wasm) {
        wasm_tests(paths, &toolchain)?;
    }
    if wanted(Part::Fuzz) {
        fuzz::fuzz(paths, &fuzz::Options::BOUNDED)?;
    }
    if wanted(Part::Reproduce) {
        reproduce::reproduce(paths, &toolchain)?;
    }
    if wanted(Part::EndToEnd) {
        end_to_end(paths, &toolchain)?;
    }
    Ok(())
}

fn clippy(paths: &Paths, toolchain: &WasmToolchain) -> Result<(), Failure> {
    const DENY: [&str; 3] = ["--", "-D", "warnings"];
    run::step(
        "Linting for this machine",
        run::command("cargo", &paths.root)
            .args(["clippy", "--locked", "--workspace", "--all-targets"])
            .args(DENY),
        MEND,
    )?;
    let mut command = run::command("cargo", &paths.root);
    command
        .args(["clippy", "--locked", "--target", TARGET])
        .args([
            "-p",
            "keyside-page",
            "-p",
            "keyside-keygen",
            "-p",
            "keyside-iam",
        ])
        .args(DENY);
    run::step("Linting for wasm32", toolchain.apply(&mut command), MEND)?;
    let mut command = run::command("cargo", &paths.root);
    command
        .args([
            "clippy",
            "--locked",
            "--target",
            TARGET,
            "-p",
            "keyside-page",
            "--lib",
            "--tests",
        ])
        .args(DENY);
    run::step(
        "Linting the browser tests",
        toolchain.apply(&mut command),
        MEND,
    )
}

fn wasm_tests(paths: &Paths, toolchain: &WasmToolchain) -> Result<(), Failure> {
    const STEP: &str = "Running the wasm tests in the browser";
    let runner = wasm_runner(paths).map_err(|error| {
        Failure::new(
            STEP,
            error.to_string(),
            "Check that target/ can be written.",
        )
    })?;
    let driver = DRIVER.path()?;
    let test = |package: &str| {
        let mut command = run::command("cargo", &paths.root);
        command
            // Optimised: big numbers are unbearably slow otherwise.
            .args(["test", "--locked", "--release", "--target", TARGET])
            .args(["--lib", "-p", package])
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", &runner)
            .env("WASM_BINDGEN_TEST_TIMEOUT", "300")
            .env("CHROMEDRIVER", &driver);
        toolchain.apply(&mut command);
        command
    };
    run::step(STEP, &mut test("keyside-page"), MEND)?;
    run::step(
        "Running the key engine's own tests in the browser, with relaxed SIMD",
        page::with_relaxed_simd(&mut test("keyside-keygen"), paths),
        MEND,
    )
}

/// wasm-bindgen's runner takes the browser's flags from webdriver.json in its folder: give it one
/// that is not the checkout.
fn wasm_runner(paths: &Paths) -> io::Result<PathBuf> {
    const FLAGS: &str = r#"{ "goog:chromeOptions": { "args": [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync"
    ] } }"#;
    let folder = paths.tools.join("wasm-test");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("webdriver.json"), FLAGS)?;
    let script = folder.join("run");
    let runner = tools::wasm_test_runner(paths);
    let lines = [
        "#!/bin/sh".to_owned(),
        format!(
            "cd '{}' && exec '{}' \"$@\"",
            folder.display(),
            runner.display()
        ),
        String::new(),
    ];
    fs::write(&script, lines.join("\n"))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    }
    Ok(script)
}

fn end_to_end(paths: &Paths, toolchain: &WasmToolchain) -> Result<(), Failure> {
    let geckodriver = tools::geckodriver(paths)?;
    let python = python::environment(paths)?;
    let node_packages = node::packages(paths)?;
    // The page too, whose key worker is the module's.
    let module = module::build(paths, toolchain)?;
    let gateway = gateway::build(paths)?;
    let one_file = dist::build(paths, toolchain)?;
    let mut command: Command = run::command("cargo", &paths.root);
    command
        .args(["test", "--locked", "-p", "keyside-e2e"])
        .env("KEYSIDE_BIN", gateway)
        .env("KEYSIDE_ONE_FILE", one_file)
        .env("KEYSIDE_DIST", &paths.dist)
        .env("KEYSIDE_MODULE", module)
        .env("KEYSIDE_NODE_PACKAGES", node_packages)
        .env("KEYSIDE_NGINX", NGINX.path()?)
        .env("KEYSIDE_PYTHON", python)
        .env("KEYSIDE_CHROME", BROWSER.path()?)
        .env("CHROMEDRIVER", DRIVER.path()?)
        .env("KEYSIDE_FIREFOX", FIREFOX.path()?)
        .env("GECKODRIVER", geckodriver);
    run::step("Running the end-to-end tests", &mut command, MEND)
}
