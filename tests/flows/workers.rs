//! Key workers that do not come, or die: a clear error, and another try. And one that nobody
//! looks at.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use keyside_e2e::{
    browser::{Browser, Options},
    gateway::Gateway,
    module::copy_all,
    page, setting,
};
use tempfile::TempDir;

const LOADER: &str = "key-worker-loader.js";

/// The only file of the page whose name begins so.
fn named(folder: &Path, start: &str) -> PathBuf {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_it = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with(start) && name.ends_with(".js")
    };
    names.into_iter().find(is_it).unwrap()
}

/// A page whose key workers run `prelude` before anything else; it is repaired by
/// [`Sabotage::end`].
struct Sabotage(TempDir);

impl Sabotage {
    fn by(prelude: &str) -> (Self, Gateway) {
        let folder = tempfile::tempdir().unwrap();
        copy_all(&setting("KEYSIDE_DIST"), folder.path());
        // Under a name without a hash, which no browser keeps when its content changes.
        let hashed = named(folder.path(), "key-worker-loader-");
        let start = named(folder.path(), "start-");
        let text = fs::read_to_string(&start).unwrap();
        let name = hashed.file_name().unwrap().to_str().unwrap();
        fs::write(&start, text.replace(name, LOADER)).unwrap();
        for compressed in ["br", "gz"] {
            fs::remove_file(start.with_extension(format!("js.{compressed}"))).unwrap();
        }
        let script = fs::read_to_string(&hashed).unwrap();
        fs::write(folder.path().join(LOADER), format!("{prelude}\n{script}")).unwrap();
        let gateway = Gateway::serving(folder.path().to_owned());
        (Self(folder), gateway)
    }

    fn end(&self) {
        let script = named(&setting("KEYSIDE_DIST"), "key-worker-loader-");
        fs::copy(script, self.0.path().join(LOADER)).unwrap();
    }

    fn remove_loader(&self) {
        fs::remove_file(self.0.path().join(LOADER)).unwrap();
    }
}

/// The error is shown, nothing is half made, and the next try works.
async fn is_told_and_tried_again(browser: &Browser, words: &str, repair: impl FnOnce()) {
    browser.click("#generate").await;
    let text = browser.wait_for_text("#generate-step", words).await;
    assert!(text.contains("Try again"), "{text}");
    assert!(!browser.has("#fingerprint").await);
    assert!(!browser.asks_before_leaving().await);
    repair();
    // Workers that were started before the repair are broken still.
    let mut tries = 0;
    while !browser.has("#fingerprint").await {
        if browser.has("#generate").await {
            tries += 1;
            browser.click("#generate").await;
        }
        assert!(tries <= 3, "no pair after {tries} tries");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_cannot_be_loaded_is_told_and_tried_again() {
    let (sabotage, gateway) = Sabotage::by("");
    sabotage.remove_loader();
    let browser = page::connected(&gateway).await;
    is_told_and_tried_again(&browser, "did not start", || sabotage.end()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_without_memory_to_start_is_told_and_tried_again() {
    let (sabotage, gateway) = Sabotage::by(
        "const none = () => Promise.reject(new RangeError('could not allocate memory'));
        WebAssembly.instantiateStreaming = none; WebAssembly.instantiate = none;",
    );
    let browser = page::connected(&gateway).await;
    is_told_and_tried_again(&browser, "out of memory", || sabotage.end()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_fails_in_mid_work_is_told_and_tried_again() {
    // Each candidate's turn looks at the clock; the 20th look is the last.
    let (sabotage, gateway) = Sabotage::by(
        "const now = Date.now; let looks = 0;
        Date.now = () => { if ((looks += 1) > 20) throw new Error('gone'); return now(); };",
    );
    let browser = page::connected(&gateway).await;
    is_told_and_tried_again(&browser, "in the middle of its work", || sabotage.end()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_ends_without_a_word_is_told_and_tried_again() {
    let gateway = Gateway::start();
    let browser = Browser::start(Options {
        before_page: Some(
            "window.workers = [];
            window.Worker = class extends Worker {
                constructor(...given) { super(...given); window.workers.push(this); }
            };",
        ),
    })
    .await;
    browser.open(&gateway.printed_url()).await;
    browser.wait_for_text("#who", "Local admin").await;
    // As the system does it: the page hears nothing of it.
    browser
        .run("for (const worker of window.workers) worker.terminate();")
        .await;
    is_told_and_tried_again(&browser, "in the middle of its work", || ()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_randomness_no_key_is_made() {
    for failure in [
        "crypto.getRandomValues = () => { throw new DOMException('none', 'QuotaExceededError'); };",
        "Object.defineProperty(self, 'crypto', { value: undefined });",
    ] {
        let (sabotage, gateway) = Sabotage::by(failure);
        let browser = page::connected(&gateway).await;
        is_told_and_tried_again(&browser, "random generator failed", || sabotage.end()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_background_tab_finishes_its_pair() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    browser
        .run(
            "window.madeWhile = [];
            new MutationObserver(() => {
                if (document.querySelector('#fingerprint')) {
                    window.madeWhile.push(document.visibilityState);
                }
            }).observe(document.body, { subtree: true, childList: true });
            addEventListener('visibilitychange', () => {
                if (document.hidden) document.querySelector('#generate').click();
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
