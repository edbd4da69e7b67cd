//! Key workers that don't start, or die, get a clear error and can be retried. A background tab
//! finishes its work.

use std::{fs, path::PathBuf, time::Duration};

use keyside_e2e::{
    altered::{AlteredPage, hashed},
    browser::{Browser, Options},
    gateway::Gateway,
    page, setting,
};

/// The script of the key worker, as it was built.
fn built() -> PathBuf {
    hashed(&setting("KEYSIDE_DIST"), "key-worker-simd.js")
}

/// A page whose key workers run `prelude` before anything else, until [`Sabotage::end`] repairs it.
struct Sabotage {
    _page: AlteredPage,
    worker: PathBuf,
}

impl Sabotage {
    fn by(prelude: &str) -> (Self, Gateway) {
        let page = AlteredPage::new();
        let script = fs::read_to_string(built()).unwrap();
        let worker = page.replace_worker(&format!("{prelude}{script}"));
        let gateway = Gateway::serving(page.folder().to_owned());
        let sabotage = Self {
            _page: page,
            worker,
        };
        (sabotage, gateway)
    }

    fn end(&self) {
        fs::copy(built(), &self.worker).unwrap();
    }

    fn remove_worker(&self) {
        fs::remove_file(&self.worker).unwrap();
    }
}

/// The error is shown, nothing is half done, and the next attempt works.
async fn is_reported_and_retried(browser: &Browser, message: &str, repair: impl FnOnce()) {
    browser.find("#account-list input:checked").await;
    browser.click("#review:not(:checked)").await;
    browser.click("#create").await;
    let text = browser.wait_for_text("#create-form", message).await;
    assert!(text.contains("Try again"), "{text}");
    browser.find("#create:enabled").await;
    assert!(!browser.has("#fingerprint").await);
    assert!(!browser.asks_before_leaving().await);
    repair();
    // Workers that started before the repair are still broken.
    let mut tries = 0;
    while !browser.has("#fingerprint").await {
        if browser.has("#create:enabled").await {
            tries += 1;
            browser.click("#create").await;
        }
        assert!(tries <= 3, "no pair after {tries} tries");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_cannot_be_loaded_is_reported_and_retried() {
    let (sabotage, gateway) = Sabotage::by("");
    sabotage.remove_worker();
    let browser = page::connected(&gateway).await;
    is_reported_and_retried(&browser, "didn't start", || sabotage.end()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_without_memory_to_start_is_reported_and_retried() {
    let (sabotage, gateway) = Sabotage::by(
        "WebAssembly.Instance = class {
            constructor() { throw new RangeError('could not allocate memory'); }
        };",
    );
    let browser = page::connected(&gateway).await;
    is_reported_and_retried(&browser, "out of memory", || sabotage.end()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_fails_during_work_is_reported_and_retried() {
    // Each candidate reads the clock; the worker fails at the second reading. Later, the primes may already
    // be found.
    let (sabotage, gateway) = Sabotage::by(
        "const now = Date.now; let looks = 0;
        Date.now = () => { if ((looks += 1) > 1) throw new Error('gone'); return now(); };",
    );
    let browser = page::connected(&gateway).await;
    is_reported_and_retried(&browser, "ended unexpectedly", || sabotage.end()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_ends_silently_is_reported_and_retried() {
    let gateway = Gateway::start();
    let browser = page::connected_with(
        &gateway,
        "window.workers = [];
        window.Worker = class extends Worker {
            constructor(...given) { super(...given); window.workers.push(this); }
        };",
    )
    .await;
    // Ends it as the system would, without an event for the page.
    browser
        .run("for (const worker of window.workers) worker.terminate();")
        .await;
    is_reported_and_retried(&browser, "ended unexpectedly", || ()).await;
}

/// Counts the workers that are told to warm up, and keeps the two-second timers from ending.
const NOTE_WARM_UP: &str = "
    window.warming = 0;
    window.Worker = class extends Worker {
        postMessage(message, ...more) {
            if (message.command?.WarmUp) window.warming += 1;
            super.postMessage(message, ...more);
        }
    };
    window.timers = [];
    const start = window.setTimeout;
    window.setTimeout = (run, ms, ...more) =>
        ms === 2000 ? window.timers.push(run) : start(run, ms, ...more);";

#[tokio::test(flavor = "multi_thread")]
async fn workers_warm_up_after_a_while_or_as_soon_as_the_fields_are_approached() {
    let gateway = Gateway::start();
    // Its own process, in which the pointer wasn't moved before.
    let options = Options::own_process().before_page(NOTE_WARM_UP);
    let browser = Browser::start(options).await;
    for approach in [false, true] {
        // Otherwise the address would only have another fragment.
        browser.open("about:blank").await;
        browser.open(&gateway.printed_url()).await;
        browser.find("#account-list input:checked").await;
        browser.find("#create:enabled").await;
        assert_eq!(browser.run("return window.warming").await, 0);
        if approach {
            browser.click("#review").await;
        } else {
            let timers = browser
                .run("window.timers.forEach((run) => run()); return window.timers.length")
                .await;
            assert_eq!(timers, 1);
        }
        let warming = browser
            .run_until_done(
                "const all = 1 + Math.min(navigator.hardwareConcurrency, 6);
                while (window.warming < all) await new Promise(requestAnimationFrame);
                done(window.warming - all);",
            )
            .await;
        assert_eq!(warming, 0, "approach: {approach}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_randomness_no_key_is_made() {
    for failure in [
        "crypto.getRandomValues = () => { throw new DOMException('none', 'QuotaExceededError'); };",
        "Object.defineProperty(self, 'crypto', { value: undefined });",
    ] {
        let (sabotage, gateway) = Sabotage::by(failure);
        let browser = page::connected(&gateway).await;
        is_reported_and_retried(&browser, "random generator failed", || sabotage.end()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_background_tab_finishes_its_pair() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    browser.find("#account-list input:checked").await;
    browser
        .run(
            "window.madeWhile = [];
            new MutationObserver(() => {
                if (document.querySelector('#fingerprint')) {
                    window.madeWhile.push(document.visibilityState);
                }
            }).observe(document.body, { subtree: true, childList: true });
            addEventListener('visibilitychange', () => {
                if (document.hidden) document.querySelector('#create').click();
            });",
        )
        .await;
    let page = browser.client.window().await.unwrap();
    let other = browser.client.new_window(true).await.unwrap();
    browser.client.switch_to_window(other.handle).await.unwrap();
    tokio::time::sleep(Duration::from_secs(20)).await;
    browser.client.switch_to_window(page).await.unwrap();
    let made = browser.run("return window.madeWhile[0]").await;
    assert_eq!(made, "hidden");
}
