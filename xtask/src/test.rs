//! `cargo xtask test`: every check and test, on a machine that needs only Rust to start with.

use std::{fs, io, path::PathBuf, process::Command, sync::mpsc, time::Duration};

use lexopt::prelude::*;

use crate::{
    dist, estimate, fuzz, gateway, image,
    key_workers::{self, Variant},
    lint, module, node,
    packages::{
        self, APACHE, BROWSER, BSDTAR, BUILDAH, C_COMPILER, CERTTOOL, CURL, CXX_COMPILER, DRIVER,
        FIREFOX, GIT, IP, NGINX, NPM, NSPAWN, OPENSSL, PROMTOOL, PYTHON, Program, SYSTEMD,
    },
    page::{self, Kind},
    paths::{self, Paths},
    python, reproduce,
    run::{self, Failure, Work},
    supply,
    toolchain::{self, WasmToolchain},
    tools,
    unchanged::Unchanged,
};

/// A part of the test run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Fmt,
    Clippy,
    Unit,
    Wasm,
    /// Licenses, sources and known vulnerabilities of dependencies.
    Supply,
    Fuzz,
    Reproduce,
    EndToEnd,
}

const PARTS: [(&str, Part); 8] = [
    ("fmt", Part::Fmt),
    ("clippy", Part::Clippy),
    ("supply", Part::Supply),
    ("unit", Part::Unit),
    ("wasm", Part::Wasm),
    ("fuzz", Part::Fuzz),
    ("reproduce", Part::Reproduce),
    ("e2e", Part::EndToEnd),
];

/// What to test.
#[derive(Default)]
pub struct Options {
    only: Option<Part>,
    /// Parts of test names. If there are any, only matching unit tests and flows run.
    filters: Vec<String>,
}

impl Options {
    /// Reads `[FILTER]... [--only PART]`.
    pub fn parse(arguments: &mut lexopt::Parser) -> Result<Self, lexopt::Error> {
        let mut options = Self::default();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("only") => {
                    let name = arguments.value()?.string()?;
                    let part = PARTS.iter().find(|(part, _)| *part == name);
                    let (_, part) = part.ok_or_else(|| format!("unknown part {name:?}"))?;
                    options.only = Some(*part);
                }
                Value(filter) => options.filters.push(filter.string()?),
                other => return Err(other.unexpected()),
            }
        }
        Ok(options)
    }
}

const REMEDY: &str = "Fix what is reported above.";

/// What the tests need of the operating system.
const PROGRAMS: [&Program; 18] = [
    &C_COMPILER,
    &CXX_COMPILER,
    &BROWSER,
    &DRIVER,
    &FIREFOX,
    &OPENSSL,
    &CERTTOOL,
    &BSDTAR,
    &BUILDAH,
    &CURL,
    &PYTHON,
    &NPM,
    &NGINX,
    &PROMTOOL,
    &APACHE,
    &NSPAWN,
    &IP,
    &SYSTEMD,
];

/// Installs what the tests need, then runs the parts: native and browser tests in parallel, then the flows.
///
/// # Errors
/// When a part fails.
pub fn test(paths: &Paths, options: &Options) -> Result<(), Failure> {
    // The compiler needs only these; the others are installed while it runs.
    packages::ensure(&[&C_COMPILER, &GIT])?;
    packages::check(&PROGRAMS)?;
    if !options.filters.is_empty() {
        packages::ensure(&PROGRAMS)?;
        return matching(paths, &options.filters);
    }
    let wanted = |part| options.only.is_none_or(|only| only == part);
    if options.only.is_none() {
        print_estimate(paths);
    }
    if wanted(Part::Fmt) {
        run::step(
            "Checking the formatting",
            run::command("cargo", &paths.root).args(["fmt", "--all", "--", "--check"]),
            "cargo fmt --all",
        )?;
    }
    // Skip tests that passed with the same code, unless --only selects them.
    let force = options.only.is_some();
    let unfuzzed = match wanted(Part::Fuzz) {
        true => changed_parsers(paths, force)?,
        false => None,
    };
    // Each side goes on with what the other one's results allow, so that no core waits long.
    let (installed, programs) = mpsc::channel();
    let (page_built, page) = mpsc::channel();
    let (inputs, ()) = run::in_parallel(
        || {
            if wanted(Part::Clippy) || wanted(Part::Unit) {
                compile(paths)?;
            }
            // If the other side has failed, it says why.
            if programs.recv().is_err() {
                return Ok(None);
            }
            if wanted(Part::Unit) {
                changed_unit_tests(paths, force)?;
            }
            if wanted(Part::Supply) {
                supply::check(paths)?;
                supply::bills(paths)?;
            }
            if wanted(Part::EndToEnd) {
                gateway::compile_release(paths)?;
            }
            if let Some(parsers) = unfuzzed {
                fuzz::fuzz(paths, &fuzz::Options::BOUNDED)?;
                parsers.save().map_err(Failure::io(FUZZING))?;
            }
            if !wanted(Part::EndToEnd) {
                return Ok(None);
            }
            let Ok(toolchain) = page.recv() else {
                return Ok(None);
            };
            let inputs = FlowInputs::build(paths, &toolchain)?;
            flows_without_page(paths, &inputs, force)?;
            flows_with_page(paths, &inputs)?;
            Ok(Some(inputs))
        },
        || {
            // Dropped at the end of this side, however that comes.
            let (installed, page_built) = (installed, page_built);
            packages::ensure(&PROGRAMS)?;
            // Nobody receives it if the other side has failed.
            let _ = installed.send(());
            let toolchain = toolchain::with_wasm32(paths, true)?;
            if [Part::Wasm, Part::Reproduce, Part::EndToEnd]
                .into_iter()
                .any(wanted)
            {
                tools::install(paths)?;
            }
            if wanted(Part::EndToEnd) {
                tools::install_geckodriver(paths)?;
            }
            if wanted(Part::Clippy) || wanted(Part::Wasm) {
                compile_for_browsers(paths, &toolchain)?;
            }
            if wanted(Part::Wasm) {
                wasm_tests(paths, &toolchain, force)?;
            }
            if wanted(Part::Reproduce) || wanted(Part::EndToEnd) {
                page::build(paths, &toolchain, Kind::Release)?;
            }
            // As above, or there are no flows.
            let _ = page_built.send(toolchain);
            if wanted(Part::Reproduce) {
                reproduce::build_again_and_compare(paths)?;
            }
            Ok(())
        },
    )?;
    tools::remove_build_files(paths);
    match inputs {
        Some(inputs) => timed_flows(paths, &inputs),
        None => Ok(()),
    }
}

const FUZZING: &str = "Fuzzing the parsers";

/// Returns the fingerprint of the parsers, unless fuzzing them already passed.
fn changed_parsers(paths: &Paths, force: bool) -> Result<Option<Unchanged>, Failure> {
    const PARSERS: [&str; 4] = [
        "crates/fuzz",
        "crates/gateway",
        "crates/iam",
        "crates/keygen",
    ];
    not_passed(paths, &WasmToolchain::OWN, FUZZING, &PARSERS, force)
}

/// Additional time for the tests, which partly run in parallel with the rest.
const TESTS_SECONDS: u64 = 660;

fn print_estimate(paths: &Paths) {
    estimate::print(&[
        (
            "tools",
            tools::estimate(paths) + tools::estimate_for_tests(paths),
        ),
        ("the page", page::estimate(paths, Kind::Release)),
        ("the gateway", gateway::estimate(paths, "release")),
        ("the tests", TESTS_SECONDS),
    ]);
}

/// Runs the unit tests and flows whose names match.
fn matching(paths: &Paths, filters: &[String]) -> Result<(), Failure> {
    for which in [UNITS, FLOWS] {
        let mut command = cargo_test(paths, which);
        run::step("Compiling the tests", command.arg("--no-run"), REMEDY)?;
    }
    let units = count_matching(&mut cargo_test(paths, UNITS), filters);
    let flows = count_matching(&mut cargo_test(paths, FLOWS), filters);
    if units + flows == 0 {
        return matching_in_browser(paths, filters);
    }
    if units > 0 {
        unit_tests(paths, filters)?;
    }
    if flows > 0 {
        let toolchain = toolchain::with_wasm32(paths, false)?;
        tools::install(paths)?;
        let inputs = FlowInputs::build(paths, &toolchain)?;
        let mut command = inputs.flows(paths, PARALLEL_FLOWS)?;
        run::test_step(RUNNING_FLOWS, command.args(filters), REMEDY)?;
    }
    Ok(())
}

/// Runs the page's unit tests whose names match. They can't be listed in advance.
fn matching_in_browser(paths: &Paths, filters: &[String]) -> Result<(), Failure> {
    let toolchain = toolchain::with_wasm32(paths, false)?;
    tools::install(paths)?;
    let mut command = in_browser(paths, &toolchain, "--tests")?;
    select_page(&mut command, paths)?;
    run::test_step(RUNNING_PAGE_TESTS, command.arg("--").args(filters), REMEDY)?;
    if run::log_of(RUNNING_PAGE_TESTS).contains(" ... ok") {
        return Ok(());
    }
    Err(Failure::new(
        "Looking for the tests",
        format!("No test name matches {}.", filters.join(", ")),
        "Run all flows with cargo xtask test --only e2e; their names are in tests/flows.",
    ))
}

/// Counts the tests that match.
fn count_matching(command: &mut Command, filters: &[String]) -> usize {
    let listed = run::output(command.args(["--", "--list"]).args(filters)).unwrap_or_default();
    listed
        .lines()
        .filter(|line| line.ends_with(": test"))
        .count()
}

/// All native packages. Unit tests and flows use the same selection, so that dependencies have the same
/// features and are compiled once. Cargo runs the flows only when they are named (tests/Cargo.toml).
const NATIVE: [&str; 7] = [
    "--workspace",
    "--exclude",
    "keyside-page",
    "--exclude",
    "keyside-engine",
    "--exclude",
    "keyside-module",
];
const UNITS: &[&str] = &[];
const FLOWS: &[&str] = &["--test", "flows"];

fn cargo_test(paths: &Paths, which: &[&str]) -> Command {
    let mut command = run::command("cargo", &paths.root);
    command.args(["test", "--locked"]).args(NATIVE).args(which);
    command
}

/// Compiles and lints everything that `cargo test` compiles for this machine.
fn compile(paths: &Paths) -> Result<(), Failure> {
    let mut command = run::command("cargo", &paths.root);
    command
        .args(["build", "--locked", "--all-targets"])
        .args(NATIVE);
    lint::lint(&mut command, paths, &WasmToolchain::OWN)?;
    run::step(
        "Compiling and linting for this machine, with the tests",
        &mut command,
        REMEDY,
    )
}

const RUNNING_UNITS: &str = "Running the unit and property tests";

fn unit_tests(paths: &Paths, filters: &[String]) -> Result<(), Failure> {
    let mut command = cargo_test(paths, UNITS);
    run::test_step(RUNNING_UNITS, command.arg("--").args(filters), REMEDY)
}

/// Runs the unit and property tests whose inputs have changed. Those of the gateway and of keys start openssl
/// and the gateway many times.
fn changed_unit_tests(paths: &Paths, force: bool) -> Result<(), Failure> {
    const SLOW: [&str; 4] = [
        "crates/gateway",
        "crates/iam",
        "crates/keygen",
        "crates/keyside",
    ];
    const SLOW_STEP: &str = "Testing the gateway, and keys against openssl";
    /// Those of the compression, of the flows' helpers and of the build.
    const QUICK: [&str; 3] = ["crates/compress", "tests/support", "xtask"];
    let own = &WasmToolchain::OWN;
    let slow = not_passed(paths, own, SLOW_STEP, &SLOW, force)?;
    let quick = not_passed(paths, own, RUNNING_UNITS, &QUICK, force)?;
    if slow.is_none() && quick.is_none() {
        return Ok(());
    }
    let mut command = cargo_test(paths, UNITS);
    if slow.is_none() {
        command.args(["--lib", "--bins"]);
    }
    // With the same settings as in `compile`, so that nothing is rebuilt.
    lint::lint(&mut command, paths, own)?;
    run::test_step(RUNNING_UNITS, &mut command, REMEDY)?;
    for passed in [slow, quick].into_iter().flatten() {
        passed.save().map_err(Failure::io(RUNNING_UNITS))?;
    }
    Ok(())
}

/// Runs a step unless it already passed with the same files.
fn unless_passed(
    paths: &Paths,
    toolchain: &WasmToolchain,
    step: &str,
    inputs: &[&str],
    force: bool,
    run: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Some(inputs) = not_passed(paths, toolchain, step, inputs, force)? else {
        return Ok(());
    };
    run()?;
    inputs.save().map_err(Failure::io(step))
}

/// Returns the fingerprint to save when the step passes, or none if it already passed with the same files.
fn not_passed(
    paths: &Paths,
    toolchain: &WasmToolchain,
    step: &str,
    inputs: &[&str],
    force: bool,
) -> Result<Option<Unchanged>, Failure> {
    const ALWAYS: [&str; 4] = [
        ".cargo/config.toml",
        "Cargo.lock",
        "Cargo.toml",
        "xtask/src/test.rs",
    ];
    let inputs = [&ALWAYS, inputs].concat();
    let inputs = Unchanged::new(paths, toolchain, &run::file_name(step), &inputs)
        .map_err(Failure::io(step))?;
    if !force && inputs.is_current() {
        run::record(step, Duration::ZERO, Work::Cached);
        return Ok(None);
    }
    Ok(Some(inputs))
}

/// The packages that run in browsers.
const IN_BROWSERS: [&str; 3] = ["keyside-page", "keyside-engine", "keyside-module"];

fn compile_for_browsers(paths: &Paths, toolchain: &WasmToolchain) -> Result<(), Failure> {
    let mut command = run::command("cargo", &paths.root);
    command.args([
        "build",
        "--locked",
        "--lib",
        "--bins",
        "--tests",
        "--examples",
    ]);
    select_page(&mut command, paths)?;
    lint::lint(&mut command, paths, toolchain)?;
    run::step(
        "Compiling and linting for browsers, with the tests",
        toolchain.apply(&mut command),
        REMEDY,
    )
}

const RUNNING_PAGE_TESTS: &str = "Running the page's tests in the browser";

/// A `cargo test` command that runs targets in the browser.
fn in_browser(paths: &Paths, toolchain: &WasmToolchain, targets: &str) -> Result<Command, Failure> {
    let runner = wasm_runner(paths).map_err(Failure::io("Preparing the browser tests"))?;
    let mut command = run::command("cargo", &paths.root);
    command
        .args(["test", "--locked", targets])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", &runner)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300")
        // While both processors compile, the driver can need more than the usual 5 seconds to start.
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "120")
        .env("CHROMEDRIVER", DRIVER.path()?);
    toolchain.apply(&mut command);
    Ok(command)
}

/// Selects the browser packages, with the settings of the release page so that they share dependencies.
fn select_page(command: &mut Command, paths: &Paths) -> Result<(), Failure> {
    command.args(IN_BROWSERS.iter().flat_map(|package| ["-p", package]));
    key_workers::set_variant(command, paths, Kind::Release, Variant::Portable)
}

fn wasm_tests(paths: &Paths, toolchain: &WasmToolchain, force: bool) -> Result<(), Failure> {
    let mut command = in_browser(paths, toolchain, "--tests")?;
    select_page(&mut command, paths)?;
    lint::lint(&mut command, paths, toolchain)?;
    run::test_step(RUNNING_PAGE_TESTS, &mut command, REMEDY)?;
    // With the settings of the release key worker, so that they share dependencies.
    const STEP: &str = "Running the key engine's own tests in the browser, with relaxed SIMD";
    unless_passed(paths, toolchain, STEP, &["crates/keygen"], force, || {
        let mut command = in_browser(paths, toolchain, "--lib")?;
        command.args(["-p", "keyside-keygen"]);
        key_workers::set_variant(&mut command, paths, Kind::Release, Variant::Fast)?;
        run::test_step(STEP, &mut command, REMEDY)
    })
}

/// Wraps wasm-bindgen's test runner, which reads the browser's flags from webdriver.json in its working
/// folder, so that it runs outside the checkout.
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
    let line = format!(
        "cd '{}' && exec '{}' \"$@\"",
        folder.display(),
        runner.display()
    );
    paths::write_script(&script, &line)?;
    Ok(script)
}

/// The programs and tools that the end-to-end tests need.
struct FlowInputs {
    gateway: PathBuf,
    image: PathBuf,
    module: PathBuf,
    geckodriver: PathBuf,
    python: PathBuf,
    node_packages: PathBuf,
}

impl FlowInputs {
    fn build(paths: &Paths, toolchain: &WasmToolchain) -> Result<Self, Failure> {
        Ok(Self {
            geckodriver: tools::install_geckodriver(paths)?,
            python: python::environment(paths)?,
            node_packages: node::packages(paths)?,
            gateway: dist::build(paths, toolchain)?,
            // After the gateway, of which it is another link.
            image: image::build(paths)?,
            // After the page, because the module uses its key workers.
            module: module::build(paths, toolchain)?,
        })
    }
}

impl FlowInputs {
    /// A `cargo test` command for flows, to which their names can be added.
    fn flows(&self, paths: &Paths, threads: &str) -> Result<Command, Failure> {
        let mut command = cargo_test(paths, FLOWS);
        command
            .args(["--", "--test-threads", threads])
            .env("KEYSIDE_BIN", &self.gateway)
            .env("KEYSIDE_DIST", &paths.dist)
            .env("KEYSIDE_IMAGE", &self.image)
            .env("KEYSIDE_FAILED", paths.target.join("failed"))
            .env("KEYSIDE_MODULE", &self.module)
            .env("KEYSIDE_NODE_PACKAGES", &self.node_packages)
            .env("KEYSIDE_NGINX", NGINX.path()?)
            .env("KEYSIDE_PYTHON", &self.python)
            .env("KEYSIDE_CHROME", BROWSER.path()?)
            .env("CHROMEDRIVER", DRIVER.path()?)
            .env("KEYSIDE_FIREFOX", FIREFOX.path()?)
            .env("GECKODRIVER", &self.geckodriver);
        Ok(command)
    }

    /// Like [`FlowInputs::flows`], for the program that [`compile`] has compiled with clippy.
    fn linted_flows(&self, paths: &Paths, threads: &str) -> Result<Command, Failure> {
        let mut command = self.flows(paths, threads)?;
        lint::lint(&mut command, paths, &WasmToolchain::OWN)?;
        Ok(command)
    }
}

const RUNNING_FLOWS: &str = "Running the end-to-end tests";

/// Flows that measure times, which other flows would distort.
const TIMED: [&str; 5] = [
    "first_load::",
    "generation::cancel_stops",
    "generation::progress_is_shown",
    "key_files::speed::",
    "ten_thousand::typing_and_sorting_stay_quick",
];

/// Runs the flows that measure times. Nothing else may run.
fn timed_flows(paths: &Paths, inputs: &FlowInputs) -> Result<(), Failure> {
    let mut timed = inputs.linted_flows(paths, "1")?;
    run::test_step("Measuring the page's speed", timed.args(TIMED), REMEDY)
}

/// Runs the other flows that open the page.
fn flows_with_page(paths: &Paths, inputs: &FlowInputs) -> Result<(), Failure> {
    let mut others = inputs.linted_flows(paths, PARALLEL_FLOWS)?;
    for flow in TIMED.iter().chain(&WITHOUT_PAGE) {
        others.args(["--skip", flow]);
    }
    run::test_step(RUNNING_FLOWS, &mut others, REMEDY)
}

/// Runs the flows that don't open the page, unless they passed with the same inputs.
fn flows_without_page(paths: &Paths, inputs: &FlowInputs, force: bool) -> Result<(), Failure> {
    const STEP: &str = "Testing the module, and what needs no page, end to end";
    let own = &WasmToolchain::OWN;
    unless_passed(paths, own, STEP, &BESIDE_PAGE, force, || {
        let mut command = inputs.linted_flows(paths, "2")?;
        run::test_step(STEP, command.args(WITHOUT_PAGE), REMEDY)
    })
}

/// Flows that don't open the page, so that a change to it alone can't break them.
const WITHOUT_PAGE: [&str; 9] = [
    "container::",
    "credentials_files::",
    "judged::",
    "kubernetes::",
    "module::",
    "monitoring::",
    "passphrases::",
    "sdk::",
    "team_host::",
];
/// What those flows depend on.
const BESIDE_PAGE: [&str; 6] = [
    "crates",
    "deploy",
    "docs/operate.md",
    "tests",
    "www",
    "xtask",
];

/// Flows that run in parallel, on two processors: some wait for minutes, and each waits now and then.
const PARALLEL_FLOWS: &str = "6";
