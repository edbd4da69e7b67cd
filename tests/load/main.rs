//! `cargo xtask load`: measures the embedded IAM with many concurrent callers and many keys: speed,
//! memory, and whether anything is lost.
//!
//! Environment variables: `KEYSIDE_LOAD_SECONDS`, `KEYSIDE_LOAD_CLIENTS`, `KEYSIDE_LOAD_KEYS`,
//! `KEYSIDE_BENCH_DOCS` (optional output file) and `KEYSIDE_BENCH_CHECK` (if set, the run fails when a
//! call failed, a key is lost, memory grows, or the page or health checks stop answering).
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::HashSet,
    env, fs,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use keyside_e2e::{
    caller::{Answer, Caller, request},
    exit_code,
    gateway::{ADMIN_TOKEN, Gateway, More},
    setting, tools,
};
use serde_json::{Value, json};

/// How much more memory the second half may use than the first, because caches fill late.
const MOST_GROWTH: f64 = 0.15;

/// The calls that each caller repeats in turn.
const ROUND: [Kind; 8] = [
    Kind::List,
    Kind::Get,
    Kind::Profile,
    Kind::Create,
    Kind::Get,
    Kind::Deactivate,
    Kind::List,
    Kind::Get,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    List,
    Get,
    Profile,
    Create,
    Deactivate,
}

/// State shared by the callers.
struct Scene {
    port: u16,
    project: String,
    account: String,
    public_pem: String,
    /// Keys that existed before.
    keys: Vec<String>,
}

#[derive(Default)]
struct Outcome {
    /// Times in milliseconds.
    times: Vec<f64>,
    made: Vec<String>,
    failed: Vec<String>,
}

fn number(name: &str, default: u64) -> u64 {
    let given = env::var(name).ok();
    given.map_or(default, |text| text.parse().expect("a number"))
}

#[tokio::main]
async fn main() -> ExitCode {
    let seconds = number("KEYSIDE_LOAD_SECONDS", 120);
    let clients = number("KEYSIDE_LOAD_CLIENTS", 64);
    let keys = number("KEYSIDE_LOAD_KEYS", 10_000);
    let more = More {
        arguments: vec!["--rate".to_owned(), "0".to_owned()],
        environment: vec![("KEYSIDE_LOG".to_owned(), "error".to_owned())],
    };
    let gateway = Gateway::with(setting("KEYSIDE_DIST"), more);
    println!("Making {keys} keys");
    let scene = Arc::new(fill(&gateway, keys as usize).await);
    println!("{clients} clients for {seconds} s");
    let until = Instant::now() + Duration::from_secs(seconds);
    let callers: Vec<_> = (0..clients as usize)
        .map(|at| tokio::spawn(call(Arc::clone(&scene), at, until)))
        .collect();
    let others = tokio::spawn(others_are_answered(scene.port, until));
    let mut resident = Vec::new();
    while Instant::now() < until {
        tokio::time::sleep(Duration::from_secs(1)).await;
        resident.push(gateway.resident_kib() as f64 / 1024.0);
    }
    let mut all = Outcome::default();
    for caller in callers {
        let one = caller.await.unwrap();
        all.times.extend(one.times);
        all.made.extend(one.made);
        all.failed.extend(one.failed);
    }
    let slowest_other = others.await.unwrap();
    let stored = stored(&scene).await;
    let expected = scene.keys.iter().chain(&all.made);
    let lost = expected.filter(|id| !stored.contains(*id)).count();
    let report = Report::new(
        &mut all,
        seconds,
        clients,
        &scene,
        &resident,
        lost,
        slowest_other,
    );
    println!("{}", report.text);
    if let Some(docs) = env::var_os("KEYSIDE_BENCH_DOCS").map(PathBuf::from) {
        fs::create_dir_all(&docs).unwrap();
        fs::write(docs.join("performance-load.md"), &report.text).unwrap();
    }
    for wrong in &report.wrong {
        eprintln!("WRONG: {wrong}");
    }
    exit_code(report.wrong.is_empty())
}

/// Creates keys. The IAM only sees public keys, so all can use the same one.
async fn fill(gateway: &Gateway, count: usize) -> Scene {
    let private = tools::openssl(&["genrsa", "4096"], b"");
    let public = tools::openssl(&["rsa", "-pubout"], &private);
    let mut scene = Scene {
        port: gateway.port(),
        project: gateway.printed("project"),
        account: gateway.printed("service account"),
        public_pem: String::from_utf8(public).unwrap(),
        keys: Vec::new(),
    };
    let create = scene.request(Kind::Create, "");
    let mut caller = Caller::new(scene.port);
    for _ in 0..count {
        let answer = caller.call(&create).await.unwrap();
        scene.keys.push(made(&answer).expect("a key is made"));
    }
    scene
}

/// The ID of the created key.
fn made(answer: &Answer) -> Option<String> {
    let operation: Value = serde_json::from_str(&answer.body).ok()?;
    Some(operation["resourceId"].as_str()?.to_owned())
}

impl Scene {
    fn request(&self, kind: Kind, id: &str) -> Vec<u8> {
        let account = json!({ "serviceAccount": { "id": self.account } });
        let (method, body) = match kind {
            Kind::List => (
                "AuthPublicKeyService/ListByAccount",
                json!({ "account": account, "pageSize": 100 }),
            ),
            Kind::Get => ("AuthPublicKeyService/Get", json!({ "id": id })),
            Kind::Profile => ("ProfileService/Get", json!({})),
            Kind::Create => (
                "AuthPublicKeyService/Create",
                json!({
                    "metadata": { "parentId": self.project },
                    "spec": { "account": account, "data": self.public_pem },
                }),
            ),
            Kind::Deactivate => ("AuthPublicKeyService/Deactivate", json!({ "id": id })),
        };
        let body = body.to_string();
        request(
            self.port,
            method,
            ADMIN_TOKEN,
            "application/json",
            body.as_bytes(),
        )
    }
}

async fn call(scene: Arc<Scene>, at: usize, until: Instant) -> Outcome {
    let mut outcome = Outcome::default();
    let mut caller = Caller::new(scene.port);
    // Each caller starts at another key and goes through all of them.
    for turn in at.. {
        if Instant::now() >= until {
            break;
        }
        let kind = ROUND[turn % ROUND.len()];
        let id = match kind {
            Kind::Deactivate => outcome.made.last(),
            _ => None,
        };
        let id = id.unwrap_or(&scene.keys[(turn * 7919) % scene.keys.len()]);
        let request = scene.request(kind, id);
        let began = Instant::now();
        match caller.call(&request).await {
            Ok(answer) if answer.status == 200 => {
                outcome.times.push(began.elapsed().as_secs_f64() * 1000.0);
                if kind == Kind::Create {
                    outcome.made.push(made(&answer).expect("an id"));
                }
            }
            Ok(answer) => outcome
                .failed
                .push(format!("{kind:?}: {} {}", answer.status, answer.body)),
            Err(error) => outcome.failed.push(format!("{kind:?}: {error}")),
        }
    }
    outcome
}

/// Requests the page and the health check meanwhile; returns the longest wait in milliseconds.
async fn others_are_answered(port: u16, until: Instant) -> f64 {
    let mut slowest: f64 = 0.0;
    let mut caller = Caller::new(port);
    while Instant::now() < until {
        for path in ["/", "/healthz", "/readyz"] {
            let request = format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n");
            let began = Instant::now();
            let answer = caller.call(request.as_bytes()).await.expect("an answer");
            assert_eq!(answer.status, 200, "{path}");
            slowest = slowest.max(began.elapsed().as_secs_f64() * 1000.0);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    slowest
}

/// The IDs of all keys of the account.
async fn stored(scene: &Scene) -> HashSet<String> {
    let mut ids = HashSet::new();
    let mut token = String::new();
    let mut caller = Caller::new(scene.port);
    loop {
        let body = json!({ "account": { "serviceAccount": { "id": scene.account } },
            "pageSize": 1000, "pageToken": token });
        let method = "AuthPublicKeyService/ListByAccount";
        let body = body.to_string();
        let list = request(
            scene.port,
            method,
            ADMIN_TOKEN,
            "application/json",
            body.as_bytes(),
        );
        let answer = caller.call(&list).await.unwrap();
        let page: Value = serde_json::from_str(&answer.body).unwrap();
        let items = page["items"].as_array().cloned().unwrap_or_default();
        ids.extend(
            items
                .iter()
                .map(|key| key["metadata"]["id"].as_str().unwrap().to_owned()),
        );
        token = page["nextPageToken"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        if token.is_empty() {
            return ids;
        }
    }
}

struct Report {
    text: String,
    wrong: Vec<String>,
}

impl Report {
    fn new(
        all: &mut Outcome,
        seconds: u64,
        clients: u64,
        scene: &Scene,
        resident: &[f64],
        lost: usize,
        slowest_other: f64,
    ) -> Self {
        all.times.sort_by(f64::total_cmp);
        let quantile = |q: f64| all.times[((all.times.len() - 1) as f64 * q).round() as usize];
        // Excludes the start, when SQLite's cache and the allocator fill up.
        let settled = &resident[resident.len() / 4..];
        let (first, second) = settled.split_at(settled.len() / 2);
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
        let growth = mean(second) / mean(first) - 1.0;
        let text = format!(
            "# The embedded IAM under load\n\n\
             Measured by `cargo xtask load`: {clients} clients for {seconds} s on {} keys, each \
             over its own connection. The mix is lists of 100 keys, reads, creates and state \
             changes, in Connect with JSON. Callers and gateway share the machine.\n\n\
             | What | Measured |\n|---|---|\n\
             | Responses per second | {:.0} |\n\
             | p50, p99, longest (ms) | {:.1}, {:.1}, {:.1} |\n\
             | Failed calls, of total | {} of {} |\n\
             | Keys created, of these lost | {}, {lost} |\n\
             | Peak memory (MiB) | {:.0} |\n\
             | Memory, last part compared with the part before | {:+.1} % |\n\
             | Longest wait for page, health or readiness (ms) | {slowest_other:.0} |\n",
            scene.keys.len(),
            all.times.len() as f64 / seconds as f64,
            quantile(0.5),
            quantile(0.99),
            quantile(1.0),
            all.failed.len(),
            all.times.len() + all.failed.len(),
            all.made.len(),
            resident.iter().copied().fold(0.0, f64::max),
            growth * 100.0,
        );
        let mut wrong = Vec::new();
        if let Some(first) = all.failed.first() {
            wrong.push(format!(
                "{} calls failed, the first by {first}",
                all.failed.len()
            ));
        }
        if lost > 0 {
            wrong.push(format!("{lost} keys are lost"));
        }
        if growth > MOST_GROWTH {
            wrong.push(format!("memory grows: {:+.0} %", growth * 100.0));
        }
        Self { text, wrong }
    }
}
