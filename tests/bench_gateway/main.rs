//! `cargo xtask bench gateway`: compares the gateway with Envoy in front of the same API, and measures
//! what is lost when one of three gateways dies and what idle connections cost.
//!
//! Environment variables: those of the end-to-end tests, `KEYSIDE_BENCH_JSON` and `KEYSIDE_BENCH_DOCS`
//! (optional output files).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod load;
mod scene;

use std::{env, fmt::Write, fs, path::PathBuf, time::Duration};

use keyside_e2e::{
    gateway::{Gateway, More},
    setting,
};
use load::{Load, Outcome};
use scene::{balancer, envoy_before, gateway_before, quiet};
use serde_json::json;

/// Concurrent connections for measuring throughput; latency is measured with one.
const BUSY: usize = 32;
/// The length of each contestant's turn, and the number of turns.
const TURN: Duration = Duration::from_secs(4);
const TURNS: usize = 5;
const IDLE: usize = 500;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let iam = Gateway::with(setting("KEYSIDE_DIST"), quiet_iam());
    let ours = gateway_before(iam.port());
    let envoy = envoy_before(iam.port());

    println!(
        "The same call through each, in turns of {} s",
        TURN.as_secs()
    );
    let mut results = [(); 2].map(|()| [Outcome::default(), Outcome::default()]);
    for turn in 0..TURNS {
        for place in 0..2 {
            let contestant = (turn + place) % 2;
            let port = [ours.port(), envoy.port][contestant];
            for (at, connections) in [1, BUSY].into_iter().enumerate() {
                let outcome = Load::new(port, connections).run(TURN / 2).await;
                results[contestant][at].add(outcome);
            }
        }
    }
    let [mut ours_all, mut envoy_all] = results;
    for outcome in ours_all.iter_mut().chain(&mut envoy_all) {
        assert_eq!(outcome.failed, 0, "no call may fail here");
    }
    let p50 = |all: &mut [Outcome; 2]| all[0].quantile_ms(0.5);
    let (ours_p50, envoy_p50) = (p50(&mut ours_all), p50(&mut envoy_all));
    let (ours_rate, envoy_rate) = (ours_all[1].rate(), envoy_all[1].rate());

    println!("One of three gateways dies under load");
    let mut three: Vec<_> = (0..3).map(|_| gateway_before(iam.port())).collect();
    let ports: Vec<_> = three.iter().map(Gateway::port).collect();
    let front = balancer(&ports);
    let load = Load::new(front.port, BUSY);
    let running = tokio::spawn(async move { load.run(Duration::from_secs(8)).await });
    tokio::time::sleep(Duration::from_secs(3)).await;
    let in_flight_at_most = BUSY;
    three[0].kill();
    let outcome = running.await.unwrap();
    println!("  {} answered, {} lost", outcome.answered(), outcome.failed);

    println!("{IDLE} idle connections");
    let alone = gateway_before(iam.port());
    let before = alone.resident_kib();
    let idle = load::idle_connections(alone.port(), IDLE).await;
    let after = alone.resident_kib();
    drop(idle);

    let figures = json!({
        "ours_p50_ms": ours_p50,
        "envoy_p50_ms": envoy_p50,
        "ratio_p50": ours_p50 / envoy_p50,
        "ours_p99_ms": ours_all[0].quantile_ms(0.99),
        "envoy_p99_ms": envoy_all[0].quantile_ms(0.99),
        "ours_calls_per_s": ours_rate,
        "envoy_calls_per_s": envoy_rate,
        "ratio_throughput": ours_rate / envoy_rate,
        "failover_answered": outcome.answered(),
        "failover_lost": outcome.failed,
        "failover_in_flight_at_most": in_flight_at_most,
        "resident_kib_before": before,
        "resident_kib_with_idle": after,
        "kib_per_idle_connection": (after as f64 - before as f64) / IDLE as f64,
    });
    println!("{figures:#}");
    if let Some(path) = env::var_os("KEYSIDE_BENCH_JSON") {
        fs::write(path, format!("{figures:#}\n")).unwrap();
    }
    if let Some(folder) = env::var_os("KEYSIDE_BENCH_DOCS").map(PathBuf::from) {
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("performance-gateway.md"), report(&figures)).unwrap();
    }
    assert!(
        outcome.failed <= in_flight_at_most,
        "more was lost than can have been in flight"
    );
}

fn quiet_iam() -> More {
    More {
        // Envoy's sample calls it by the real API's host names.
        arguments: ["cpl.iam", "tokens.iam"]
            .map(|name| format!("--host={name}.api.nebius.cloud"))
            .to_vec(),
        environment: quiet(&[]),
    }
}

fn report(figures: &serde_json::Value) -> String {
    let number = |name: &str| figures[name].as_f64().unwrap();
    let mut text = format!(
        "# What the gateway costs\n\n\
         Measured by `cargo xtask bench gateway` on one machine with {} cores, which the callers, \
         both contestants and the API behind them (the embedded IAM) share. The call is \
         ProfileService/Get in gRPC-Web over HTTP/1.1. The gateway and Envoy have two threads each, \
         log no calls, and take turns. Compare the ratios rather than the times.\n\n\
         | | Keyside | Envoy | ratio | goal |\n|---|--:|--:|--:|--:|\n",
        std::thread::available_parallelism().map_or(1, usize::from)
    );
    let _ = writeln!(
        text,
        "| p50, one caller, ms | {:.2} | {:.2} | {:.2} | at most 1.0 |\n\
         | p99, one caller, ms | {:.2} | {:.2} | | |\n\
         | calls per second, {BUSY} callers | {:.0} | {:.0} | {:.2} | at least 1.0 |\n",
        number("ours_p50_ms"),
        number("envoy_p50_ms"),
        number("ratio_p50"),
        number("ours_p99_ms"),
        number("envoy_p99_ms"),
        number("ours_calls_per_s"),
        number("envoy_calls_per_s"),
        number("ratio_throughput"),
    );
    let _ = writeln!(
        text,
        "With three gateways behind nginx and {BUSY} callers at once, one gateway was killed by \
         SIGKILL during the run. {} calls were answered and {} were lost. At most {} can have been \
         in flight.\n\n\
         Memory: {:.1} MiB resident, {:.1} MiB with {IDLE} idle connections ({:.1} KiB each).",
        number("failover_answered"),
        number("failover_lost"),
        number("failover_in_flight_at_most"),
        number("resident_kib_before") / 1024.0,
        number("resident_kib_with_idle") / 1024.0,
        number("kib_per_idle_connection"),
    );
    text
}
