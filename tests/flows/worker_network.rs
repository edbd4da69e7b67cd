//! The key worker, which holds the private key, can't reach the network: its policy blocks every way.

use std::fs;

use keyside_e2e::{
    altered::{AlteredPage, hashed},
    browser::{Browser, Options},
    deployment::{Kind, Server},
    gateway::Gateway,
    setting,
};
use serde_json::{Value, json};

/// Runs in the worker before its own script: tries every way to reach the page's origin, the only one
/// that the page may call.
const ATTACKS: &str = r#"
{
    const out = (way) => new URL(`leak-by-${way}`, location.href).href;
    const blobUrl = (text) => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
    const socket = (way, make) => new Promise((resolve) => {
        const it = make();
        it.onopen = () => resolve('out');
        it.onerror = () => resolve('error');
    });
    const nested = (url) => new Promise((resolve) => {
        const worker = new Worker(url, { type: 'module' });
        worker.onerror = () => resolve('error');
        worker.onmessage = () => resolve('out');
    });
    const ways = {
        fetch: () => fetch(out('fetch'), { method: 'POST', body: 'key' }),
        fetchNoCors: () => fetch(out('fetchNoCors'), { mode: 'no-cors' }),
        xhr: () => new Promise((resolve) => {
            const call = new XMLHttpRequest();
            call.onload = () => resolve('out');
            call.onerror = () => resolve('error');
            call.open('POST', out('xhr'));
            call.send('key');
        }),
        xhrWaiting: () => {
            const call = new XMLHttpRequest();
            call.open('POST', out('xhrWaiting'), false);
            call.send('key');
        },
        webSocket: () => socket('webSocket', () => new WebSocket(out('webSocket').replace('http', 'ws'))),
        eventSource: () => socket('eventSource', () => new EventSource(out('eventSource'))),
        webTransport: () => new WebTransport(out('webTransport').replace('http:', 'https:')).ready,
        importScripts: () => importScripts(out('importScripts')),
        dynamicImport: () => import(out('dynamicImport')),
        blobImport: () => import(blobUrl('export default 1;')),
        nestedWorker: () => nested(out('nestedWorker')),
        blobWorker: () => nested(blobUrl('postMessage(1);')),
        cache: () => caches.open('leak').then((cache) => cache.add(out('cache')))
            .finally(() => caches.delete('leak')),
        evaluate: () => eval('1'),
    };
    const violations = [];
    addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective));
    const outcomes = {};
    const patience = (promise) => Promise.race([
        promise, new Promise((resolve) => setTimeout(resolve, 3000, 'silence')),
    ]);
    const tried = (async () => {
        for (const [way, go] of Object.entries(ways)) {
            try {
                const outcome = await patience(Promise.resolve(go()));
                outcomes[way] = typeof outcome === 'string' ? outcome : 'out';
            } catch (error) {
                outcomes[way] = 'error';
            }
        }
        postMessage({ attack: { outcomes, violations } });
    })();
}
"#;

/// Records what the workers report about their attacks.
const LISTEN: &str = "window.attacks = []; window.started = 0;
    window.Worker = class extends Worker {
        constructor(...given) {
            super(...given);
            window.started += 1;
            this.addEventListener('message', ({ data }) => {
                if (data.attack) window.attacks.push(data.attack);
            });
        }
    };";

fn attacking_page() -> AlteredPage {
    let page = AlteredPage::new();
    let built = hashed(&setting("KEYSIDE_DIST"), "key-worker-simd.js");
    let script = fs::read_to_string(built).unwrap();
    let _ = page.replace_worker(&format!("{ATTACKS}\n{script}"));
    page
}

/// The results of the attacks, and the browser's network log.
async fn attack(url: &str) -> (Value, Vec<u8>) {
    let browser = Browser::start(Options::own_process().before_page(LISTEN)).await;
    browser.open(url).await;
    let report = browser
        .run_until_done(
            "const look = () => {
                const all = window.started > 0 && window.attacks.length >= window.started;
                if (all) done(window.attacks[0]);
                else setTimeout(look, 50);
            };
            look();",
        )
        .await;
    // The violations are expected here.
    browser.console().await;
    (report, browser.close().await)
}

fn seen(log: &[u8], way: &str) -> bool {
    let text = String::from_utf8_lossy(log);
    text.contains(&format!("leak-by-{way}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_worker_has_no_way_to_reach_the_network() {
    let page = attacking_page();
    let gateway = Gateway::serving(page.folder().to_owned());
    let (report, log) = attack(&gateway.url()).await;
    let outcomes = report["outcomes"].as_object().unwrap();
    assert_eq!(outcomes.len(), 14, "{report}");
    for (way, outcome) in outcomes {
        // A worker that never starts reports nothing.
        assert!(
            *outcome == json!("error") || *outcome == json!("silence"),
            "{way}: {report}"
        );
    }
    assert!(!seen(&log, ""), "the browser looked for a way out");
    let violations = report["violations"].as_array().unwrap();
    for directive in [
        "connect-src",
        "script-src-elem",
        "require-trusted-types-for",
    ] {
        assert!(
            violations.contains(&json!(directive)),
            "{directive}: {report}"
        );
    }
}

/// Control: the same attacks succeed when the worker has the page's policy.
#[tokio::test(flavor = "multi_thread")]
async fn without_its_own_policy_the_worker_would_reach_the_pages_origin() {
    let page = attacking_page();
    let server = Server::of_sample(
        Kind::Nginx,
        &[
            (
                "/srv/keyside/dist/",
                &format!("{}/", page.folder().display()),
            ),
            ("~/key-worker[^/]*\\.js$", "~/nothing$"),
        ],
    );
    let url = format!("http://127.0.0.1:{}/tools/keys/", server.port);
    let (report, log) = attack(&url).await;
    for way in ["fetch", "xhr", "cache", "dynamicImport"] {
        assert!(seen(&log, way), "{way}: {report}");
    }
    assert_eq!(report["outcomes"]["fetch"], "out", "{report}");
}
