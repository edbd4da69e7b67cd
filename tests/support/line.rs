//! Slow connections, and what a page loads over them.

use serde_json::json;

use crate::browser::Browser;

/// A connection.
pub struct Line {
    /// In each direction.
    pub kilobits_per_s: u64,
    /// Of each request.
    pub latency_ms: u64,
}

impl Line {
    /// A phone far from its mast.
    pub const SLOW: Self = Self {
        kilobits_per_s: 1_600,
        latency_ms: 150,
    };
    /// A usual connection.
    pub const USUAL: Self = Self {
        kilobits_per_s: 10_000,
        latency_ms: 40,
    };

    /// Makes Chromium load everything as over this connection.
    pub async fn emulate(&self, browser: &Browser) {
        browser.devtools("Network.enable", json!({})).await;
        let bytes_per_s = self.kilobits_per_s * 1000 / 8;
        let conditions = json!({ "offline": false, "latency": self.latency_ms,
            "downloadThroughput": bytes_per_s, "uploadThroughput": bytes_per_s });
        browser
            .devtools("Network.emulateNetworkConditions", conditions)
            .await;
    }
}

/// JavaScript: records in `window.usableMs` when the page, or a page with a field `#usable`, can be used.
pub const NOTE_USABLE: &str = "new MutationObserver((_, observer) => {
        if (document.querySelector('#usable, body:has(#token):has(#create)')) {
            window.usableMs = performance.now();
            observer.disconnect();
        }
    }).observe(document, { subtree: true, childList: true });";

/// Everything that the first screen needs, by address, with the bytes transferred for it: 0 if it came from the
/// browser's cache.
///
/// # Panics
/// When the browser can't say it.
pub async fn transferred(browser: &Browser) -> Vec<(String, u64)> {
    let sizes = browser
        .run(
            "const all = [...performance.getEntriesByType('navigation'),
                ...performance.getEntriesByType('resource')];
            return all.filter((entry) => !entry.name.includes('key-worker'))
                .map((entry) => [entry.name, entry.transferSize]);",
        )
        .await;
    serde_json::from_value(sizes).expect("addresses and sizes")
}
