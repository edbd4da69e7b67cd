//! The finished page in the gateway that contains it: from the click to the fingerprint on the screen.

use std::time::Duration;

use keyside_e2e::{
    browser::{Browser, Options},
    gateway::{ADMIN_TOKEN, Gateway},
    page::{self, WITHOUT_RELAXED_SIMD},
};
use serde_json::Value;

use crate::figures::Contestant;

/// A freshly loaded page whose workers have started and warmed up.
pub const WARM: Contestant = Contestant::new("page_warm", "the page, workers warm", "");
/// The next key on that page.
pub const SECOND: Contestant = Contestant::new("page_second", "the page, second key", "");
/// The page at the moment it can be used, before its workers are loaded.
pub const COLD: Contestant = Contestant::new("page_cold", "the page, workers cold", "");

/// Like [`WARM`], in a browser without relaxed SIMD.
pub const PORTABLE: Contestant =
    Contestant::new("page_portable", "the page, without relaxed SIMD", "");

/// Longer than the workers take to start and to warm up.
const WARM_UP: Duration = Duration::from_secs(2);

/// Clicks, and calls `done` when the fingerprint has been drawn. `engine_ms` is the engine's own time.
const MEASURE: &str = r"
    const measure = (done) => {
        const start = performance.now();
        const seen = new MutationObserver(() => {
            if (!document.querySelector('#fingerprint')) return;
            seen.disconnect();
            requestAnimationFrame(() => setTimeout(() => done({
                ms: performance.now() - start,
                engine_ms: 1000 * parseFloat(document.querySelector('#elapsed').textContent),
            })));
        });
        seen.observe(document.body, { childList: true, subtree: true });
        document.querySelector('#create').click();
    };";

/// Does that as soon as the page can be used.
const MEASURE_AT_ONCE: &str = r"
    addEventListener('DOMContentLoaded', () => {
        const usable = new MutationObserver(() => {
            const review = document.querySelector('#review');
            if (!document.querySelector('#account-list input:checked') || !review) return;
            usable.disconnect();
            review.click();
            // The page has drawn the choice by then.
            requestAnimationFrame(() => setTimeout(() => measure((it) => { window.measured = it; })));
        });
        usable.observe(document.documentElement, { childList: true, subtree: true, attributes: true });
    });";

/// The gateway, and a browser for each way to use the page.
pub struct Shipped {
    gateway: Gateway,
    warm: Browser,
    cold: Browser,
    portable: Browser,
}

impl Shipped {
    pub async fn start() -> Self {
        let at_once: &'static str = format!("{MEASURE}{MEASURE_AT_ONCE}").leak();
        Self {
            gateway: Gateway::of_one_file(),
            warm: Browser::start(Options::default()).await,
            cold: Browser::start(Options::own_process().before_page(at_once)).await,
            portable: Browser::start(Options::own_process().before_page(WITHOUT_RELAXED_SIMD))
                .await,
        }
    }

    /// Loads the page anew, signed in.
    async fn load(&self, browser: &Browser) {
        browser.open("about:blank").await;
        let url = format!("{}#token={ADMIN_TOKEN}", self.gateway.url());
        browser.open(&url).await;
    }

    async fn measure(browser: &Browser) -> Value {
        browser
            .run_until_done(&format!("{MEASURE} measure(done);"))
            .await
    }

    /// A first key with warm workers, and a second one.
    pub async fn warm_and_second(&self) -> [Value; 2] {
        let first = self.first(&self.warm).await;
        self.warm.click("#forget").await;
        self.warm.click("#confirm").await;
        self.warm.wait_gone("#fingerprint").await;
        self.warm.click("#review").await;
        tokio::time::sleep(WARM_UP).await;
        [first, Self::measure(&self.warm).await]
    }

    /// A first key in a browser without relaxed SIMD.
    pub async fn portable(&self) -> Value {
        self.first(&self.portable).await
    }

    async fn first(&self, browser: &Browser) -> Value {
        self.load(browser).await;
        page::choose_first_account(browser).await;
        browser.click("#review").await;
        tokio::time::sleep(WARM_UP).await;
        Self::measure(browser).await
    }

    /// A key on a page that is still loading its workers.
    pub async fn cold(&self) -> Value {
        self.load(&self.cold).await;
        self.cold.find("#fingerprint").await;
        self.cold
            .run_until_done("const wait = () => window.measured ? done(window.measured) : setTimeout(wait, 20); wait();")
            .await
    }
}
