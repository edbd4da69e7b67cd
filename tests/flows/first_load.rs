//! How soon the first screen is usable and the key workers are ready on slow connections, with the page
//! served by the gateway and by a static server.

use std::time::Duration;

use fantoccini::Locator;
use keyside_e2e::{
    browser::{Browser, Options},
    deployment::{Kind, Server},
    gateway::Gateway,
    line::{Line, NOTE_USABLE, transferred},
    setting,
    waiting::PATIENCE,
};
use serde_json::Value;

/// A connection, and how long the first screen may take on it in milliseconds, on a machine that does [`WORK`]
/// in [`WORK_MS`].
const LINES: [(Line, f64); 2] = [(Line::SLOW, 3_000.0), (Line::USUAL, 1_000.0)];

/// JavaScript: how long a fixed calculation and a fixed piece of a page take, in milliseconds. Medians of several
/// runs exclude compilation and interruptions.
const WORK: &str = "const median = (work) => {
        const times = Array.from({ length: 11 }, () => {
            const start = performance.now();
            work();
            return performance.now() - start;
        });
        return times.sort((a, b) => a - b)[5];
    };
    const calculate = () => {
        let x = 1;
        for (let i = 0; i < 1e7; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0;
        window.result = x;
    };
    const build = () => {
        const list = document.createElement('div');
        for (let i = 0; i < 2000; i++) {
            const line = document.createElement('p');
            line.append(`line ${i}`, document.createElement('button'));
            list.append(line);
        }
        document.body.append(list);
        list.getBoundingClientRect();
        list.remove();
    };
    return [median(calculate), median(build)];";

/// How long the calculation takes on an idle 2.5 GHz core. Slower and busier machines get more time for everything
/// but the transfer. The piece's time is an estimate: a machine that calculates as fast took 1.58 times as long to
/// load the page, beside the transfer, and 55 ms or more for the piece.
const WORK_MS: [f64; 2] = [14.0, 42.0];

/// Round trips that the first screen needs: the page, its script with its program, config.json.
const ROUND_TRIPS: f64 = 3.0;

/// How long the first screen may take on a machine that is this many times slower.
fn limit_ms(line: &Line, usable_ms: f64, bytes: u64, slower: f64) -> f64 {
    let line_ms =
        bytes as f64 * 8.0 / line.kilobits_per_s as f64 + ROUND_TRIPS * line.latency_ms as f64;
    line_ms + (usable_ms - line_ms).max(0.0) * slower.max(1.0)
}

/// How soon after the first screen a key worker must be ready.
const WORKER_MS: f64 = 2_000.0;

/// A busy machine may be slow in one round; a slow page would be slow in all of them.
const ROUNDS: usize = 5;

/// Records when a key worker reports that it's ready.
const NOTE_READY: &str = "
    window.Worker = class extends Worker {
        constructor(...given) {
            super(...given);
            this.addEventListener('message', () => { window.readyMs ??= performance.now(); });
        }
    };";

/// The measurements of one visit with an empty cache.
struct Visit {
    usable_ms: f64,
    ready_ms: f64,
    /// Bytes transferred for everything that the first screen needs.
    bytes: u64,
    /// How much slower the machine was than the reference machine.
    slower: f64,
}

async fn visit(url: &str, line: &Line) -> Visit {
    let note_times = format!("{NOTE_USABLE}{NOTE_READY}").leak();
    let browser = Browser::start(Options::own_process().before_page(note_times)).await;
    // By then the browser has finished its own startup work.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let work = browser.run(WORK).await;
    let [calculation, building] = [0, 1].map(|at| work[at].as_f64().unwrap() / WORK_MS[at]);
    line.emulate(&browser).await;
    browser.open(url).await;
    // From outside, so that nothing but the page works meanwhile.
    let create = Locator::Css("#create");
    let waiting = browser.client.wait().at_most(PATIENCE);
    waiting.for_element(create).await.unwrap();
    let mut ready = Value::Null;
    for _ in 0..200 {
        ready = browser.run("return window.readyMs").await;
        if !ready.is_null() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let sizes = transferred(&browser).await;
    assert!(sizes.len() >= 7, "{sizes:?}");
    assert!(sizes.iter().all(|(_, size)| *size > 0), "{sizes:?}");
    Visit {
        slower: calculation.max(building),
        usable_ms: browser
            .run("return window.usableMs")
            .await
            .as_f64()
            .unwrap(),
        ready_ms: ready.as_f64().expect("a key worker gets ready"),
        bytes: sizes.iter().map(|(_, size)| size).sum(),
    }
}

/// Repeats the visit until a round meets both limits; fails if none does.
async fn is_quickly_usable(server: &str, url: &str) {
    for (line, usable_ms) in &LINES {
        let mut is_met = false;
        let mut seen = Vec::new();
        for _ in 0..ROUNDS {
            let it = visit(url, line).await;
            let worker_ms = it.ready_ms - it.usable_ms;
            let limit_ms = limit_ms(line, *usable_ms, it.bytes, it.slower);
            seen.push(format!(
                "{server}, {} kbit/s: {} bytes, usable after {:.0} ms of {limit_ms:.0}, key worker \
                 {worker_ms:.0} ms later",
                line.kilobits_per_s, it.bytes, it.usable_ms
            ));
            assert!(it.bytes > 50_000, "{seen:?} cannot be all");
            is_met = it.usable_ms <= limit_ms && worker_ms <= WORKER_MS * it.slower.max(1.0);
            if is_met {
                break;
            }
        }
        println!("{}", seen.join("\n"));
        assert!(is_met, "{seen:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_screen_is_quickly_usable_from_the_gateway() {
    let gateway = Gateway::of_one_file();
    is_quickly_usable("gateway", &gateway.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_screen_is_quickly_usable_from_a_static_server() {
    let dist = format!("{}/", setting("KEYSIDE_DIST").display());
    let server = Server::of_sample(Kind::Nginx, &[("/srv/keyside/dist/", &dist)]);
    let url = format!("http://127.0.0.1:{}/tools/keys/", server.port);
    is_quickly_usable("nginx", &url).await;
}
