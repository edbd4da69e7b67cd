//! `cargo xtask bench keygen`: compares the key engine with the browser's own in one run.
//!
//! Environment variables: `KEYSIDE_BENCH_PAGE` (the folder to serve), `KEYSIDE_BENCH_KEYS` (the number
//! of RSA-4096 pairs for each), `KEYSIDE_BENCH_PAGES` (the pages to load), `KEYSIDE_BIN` (the gateway with the
//! page inside), `KEYSIDE_BENCH_JSON` and `KEYSIDE_BENCH_DOCS` (optional output files). With `KEYSIDE_BENCH_CHECK` it
//! fails if a required goal is missed.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod figures;
mod first_load;
mod model;
mod plot;
mod report;
mod shipped;
mod stages;
mod weight;

use std::{env, fs, path::PathBuf, process::ExitCode, time::Instant};

use figures::{Contestant, Figures};
use keyside_e2e::{browser::Browser, deployment::Server, exit_code, setting, tools};
use serde_json::Value;
use shipped::Shipped;

/// Each generates a pair in turn, so that all run under the same conditions.
const RSA_4096: [Contestant; 3] = [
    Contestant::new("ours", "Keyside, all workers", "bench.ours(4096)"),
    Contestant::new(
        "ours_one_worker",
        "Keyside, one worker",
        "bench.ours(4096, 1)",
    ),
    Contestant::new("subtle", "SubtleCrypto.generateKey", "bench.subtle(4096)"),
];
const SMALLER: [(u32, [Contestant; 2]); 2] = [
    (
        2048,
        [
            Contestant::new("ours", "Keyside, all workers", "bench.ours(2048)"),
            Contestant::new("subtle", "SubtleCrypto.generateKey", "bench.subtle(2048)"),
        ],
    ),
    (
        3072,
        [
            Contestant::new("ours", "Keyside, all workers", "bench.ours(3072)"),
            Contestant::new("subtle", "SubtleCrypto.generateKey", "bench.subtle(3072)"),
        ],
    ),
];
const FORGE: Contestant = Contestant::new("node_forge", "node-forge", "bench.nodeForge(4096)");

#[tokio::main]
async fn main() -> ExitCode {
    let keys: usize = env::var("KEYSIDE_BENCH_KEYS")
        .ok()
        .and_then(|keys| keys.parse().ok())
        .unwrap_or(60);
    println!("The first load");
    let first_load = first_load::table(&setting("KEYSIDE_BENCH_PAGES")).await;
    // node-forge creates its workers from text, which Trusted Types would refuse, and these scripts have no hashes.
    let folder = setting("KEYSIDE_BENCH_PAGE");
    let server = Server::of_other_scripts(&folder);
    let browser = Browser::start(Default::default()).await;
    let url = format!("http://127.0.0.1:{}/tools/keys/", server.port);
    browser.open(&url).await;
    browser.find("#ready").await;

    let mut figures = Figures::default();
    println!("The stages of a search, from fixed starts");
    figures.stages = Some(stages::measure(&browser).await);
    let page = Shipped::start().await;
    println!("RSA-4096, {keys} pairs each");
    for round in 0..keys {
        // The order changes, so that none is always first.
        for turn in 0..RSA_4096.len() {
            let contestant = &RSA_4096[(round + turn) % RSA_4096.len()];
            figures.add(4096, contestant, &measure(&browser, contestant).await);
        }
        let [first, second] = page.warm_and_second().await;
        figures.add(4096, &shipped::WARM, &first);
        figures.add(4096, &shipped::SECOND, &second);
        figures.add(4096, &shipped::COLD, &page.cold().await);
        figures.add(4096, &shipped::PORTABLE, &page.portable().await);
        println!(
            "  {} of {keys}: {}, {}",
            round + 1,
            figures.line(4096, &RSA_4096),
            figures.line(
                4096,
                &[
                    shipped::WARM,
                    shipped::SECOND,
                    shipped::COLD,
                    shipped::PORTABLE
                ]
            )
        );
    }
    for (bits, contestants) in &SMALLER {
        println!("RSA-{bits}, {} pairs each", keys / 2);
        for _ in 0..keys / 2 {
            for contestant in contestants {
                figures.add(*bits, contestant, &measure(&browser, contestant).await);
            }
        }
        println!("  {}", figures.line(*bits, contestants));
    }
    println!("openssl genrsa 4096, {} pairs", keys / 3);
    for _ in 0..keys / 3 {
        let start = Instant::now();
        drop(tools::openssl(&["genrsa", "4096"], b""));
        figures.add_ms(
            "openssl",
            "openssl genrsa",
            start.elapsed().as_secs_f64() * 1e3,
        );
    }
    println!("node-forge, {} pairs", keys / 15);
    for _ in 0..keys / 15 {
        figures.add(4096, &FORGE, &measure(&browser, &FORGE).await);
    }

    let json = figures.to_json();
    if let Some(path) = env::var_os("KEYSIDE_BENCH_JSON").map(PathBuf::from) {
        fs::write(&path, format!("{json:#}\n")).expect("the figures can be written");
        println!("Figures: {}", path.display());
    }
    let (goals, more_processors) = (figures.goals(), model::table(&figures));
    if let Some(folder) = env::var_os("KEYSIDE_BENCH_DOCS").map(PathBuf::from) {
        let weight = weight::table(&setting("KEYSIDE_DIST")).expect("the page is built");
        let derived = (goals.as_slice(), more_processors.as_str());
        report::write(&folder, &figures, derived, [&weight, &first_load])
            .expect("the report can be written");
        println!("Report: {}", folder.join("performance.md").display());
    }
    print!("{}\n{more_processors}", report::table(&figures));
    for goal in &goals {
        println!("{goal}");
    }
    exit_code(goals.iter().all(|goal| goal.is_met()))
}

async fn measure(browser: &Browser, contestant: &Contestant) -> Value {
    let script = format!(
        "{}.then(done, (error) => done({{ error: String(error.message ?? error) }}));",
        contestant.call
    );
    let value = browser.run_until_done(&script).await;
    assert!(value["ms"].is_f64() || value["ms"].is_u64(), "{value}");
    value
}
