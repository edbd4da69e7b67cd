//! Generating a key pair: off the main thread, with progress, canceled at once, discarded for good.

use std::time::Duration;

use fantoccini::key::Key;
use keyside_e2e::{
    browser::{Browser, Options},
    gateway::Gateway,
    keyboard, outcome, page,
};
use serde_json::json;

/// JavaScript: calls `then` after each change of the page, until it returns true.
const WHEN_DRAWN: &str = "const whenDrawn = (then) => {
    const observer = new MutationObserver(() => { if (then()) observer.disconnect(); });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true,
        attributes: true });
    return observer;
}; const at = (css) => document.querySelector(css);";

/// Has the page stop before the upload, to review the pair.
async fn review(browser: &Browser) {
    browser.find("#account-list input:checked").await;
    browser.click("#review:not(:checked)").await;
}

/// Discards the unsaved pair.
async fn discard(browser: &Browser) {
    browser.click("#forget").await;
    browser.click("#confirm").await;
    browser.find("#create").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_shown_and_only_grows_while_the_main_thread_stays_free() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    let watch = "const long = []; const seen = [];
        new PerformanceObserver((list) => long.push(...list.getEntries().map((e) => e.duration)))
            .observe({ type: 'longtask' });
        whenDrawn(() => {
            const made = at('#fingerprint');
            if (made) setTimeout(() => done({ long, seen }), 200);
            else if (at('#progress')) {
                seen.push([at('#progress').value, at('#generate-progress').textContent]);
            }
            return made;
        });
        at('#create').click();";
    // One pair in a few dozen is found before there is any progress to show. A busy machine
    // sometimes interrupts a task; a fault of the page would show in every round.
    let (mut shown, mut all_long) = (0, Vec::new());
    for _ in 0..6 {
        review(&browser).await;
        let measured = browser
            .run_until_done(&format!("{WHEN_DRAWN} {watch}"))
            .await;
        let long: Vec<f64> = serde_json::from_value(measured["long"].clone()).unwrap();
        all_long.push(long);
        let seen: Vec<(f64, String)> = serde_json::from_value(measured["seen"].clone()).unwrap();
        assert!(seen.iter().all(|(_, text)| text.contains("primes found")));
        assert!(seen.is_sorted_by_key(|(value, _)| *value), "{seen:?}");
        shown += seen.len();
        discard(&browser).await;
    }
    let free = all_long.iter().filter(|long| long.is_empty()).count();
    assert!(free >= 3, "tasks of so many ms: {all_long:?}");
    assert!(shown >= 10, "only {shown} looks at the progress in 6 pairs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_without_relaxed_simd_creates_keys_with_the_portable_engine() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let browser = page::connected_with(&gateway, page::WITHOUT_RELAXED_SIMD).await;
    review(&browser).await;
    browser.click("#create").await;
    browser.wait_for_text("#engine", "portable engine").await;
    browser.click("#upload").await;
    let key_id = browser.text("#key-id").await;
    page::verified(&browser).await;
    let fingerprint = browser.text("#fingerprint").await;
    let files = page::download(&browser, &account, &key_id).await;
    outcome::files_are_right(&files, &fingerprint, &account, &key_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_stops_at_once_and_a_new_pair_can_be_generated() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    review(&browser).await;
    let mut took_ms = Vec::new();
    for _ in 0..5 {
        let cancel = "let clicked = 0;
            whenDrawn(() => {
                if (!clicked && at('#cancel-generate')) {
                    clicked = performance.now();
                    setTimeout(() => at('#cancel-generate').click());
                } else if (clicked && at('#create')) {
                    done(performance.now() - clicked);
                    return true;
                }
            });
            at('#create').click();";
        let took = browser
            .run_until_done(&format!("{WHEN_DRAWN} {cancel}"))
            .await;
        took_ms.push(took.as_f64().unwrap());
    }
    // The machine may be busy in one round, but not in all.
    let quickest = took_ms.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(quickest < 100.0, "{took_ms:?} ms");
    // The canceled generation has no result.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!browser.has("#fingerprint").await);
    assert!(!browser.has("#create-form .problem").await);
    assert!(!browser.asks_before_leaving().await);
    page::generate(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_during_generation_starts_over() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    browser.find("#account-list input:checked").await;
    let reload = "whenDrawn(() => {
            if (at('#generate-progress')) { location.reload(); return true; }
        });
        at('#create').click();";
    browser.run(&format!("{WHEN_DRAWN} {reload}")).await;
    // The token was in memory only.
    browser.find("#token").await;
    browser.find("#create").await;
    assert!(!browser.has("#generate-progress").await);
    // The full printed address can be pasted as the token.
    browser.fill("#token", &gateway.printed_url()).await;
    browser.click("#connect-button").await;
    browser.wait_for_text("#who", "Local admin").await;
    page::choose_first_account(&browser).await;
    page::generate(&browser).await;
    page::upload(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn discarding_an_unsaved_key_asks_first_and_then_leaves_nothing_to_download() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    let first = page::generate(&browser).await;
    browser.click("#forget").await;
    browser
        .wait_for_text("#confirm-dialog", "You haven't downloaded it")
        .await;
    browser.click("#cancel").await;
    browser.wait_gone("#confirm-dialog").await;
    assert_eq!(
        browser.text("#fingerprint").await,
        first,
        "a stray click loses nothing"
    );
    // Escape cancels, too.
    browser.click("#forget").await;
    browser.find("#confirm-dialog").await;
    keyboard::press(&browser, Key::Escape).await;
    browser.wait_gone("#confirm-dialog").await;
    assert_eq!(browser.text("#fingerprint").await, first);
    discard(&browser).await;
    assert!(!browser.has("#download-private").await);
    assert_ne!(page::generate(&browser).await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_without_webassembly_or_workers_gets_a_plain_message() {
    let gateway = Gateway::start();
    for (without, name) in [
        ("delete window.WebAssembly", "WebAssembly"),
        ("delete window.Worker", "Web Workers"),
    ] {
        let browser = Browser::start(Options::default().before_page(without)).await;
        browser.open(&gateway.printed_url()).await;
        let text = browser.wait_for_text("#start", "has no").await;
        assert!(
            text.contains(name) && text.contains("Nothing was created or sent"),
            "{text}"
        );
        // The token is removed from the address here, too.
        assert_eq!(
            browser.client.current_url().await.unwrap().as_str(),
            gateway.url()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_focus_keeps_its_place_through_the_stages() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    let place = async || {
        let id = browser.run("return document.activeElement.id").await;
        id.as_str().unwrap().to_owned()
    };
    let press = async |css: &str| {
        let focus = format!("document.querySelector({css:?}).focus()");
        browser.find(css).await;
        browser.run(&focus).await;
        let key = Key::Enter.to_string();
        browser
            .client
            .active_element()
            .await
            .unwrap()
            .send_keys(&key)
            .await
            .unwrap();
    };
    review(&browser).await;
    // The pair may be finished before the next command arrives.
    browser
        .run(
            "window.places = [];
            addEventListener('focusin', (event) => window.places.push(event.target.id));",
        )
        .await;
    press("#create").await;
    browser.find("#made").await;
    let places = browser.run("return window.places").await;
    assert_eq!(places, json!(["create", "cancel-generate", "made"]));
    assert_eq!(place().await, "made");
    press("#upload").await;
    browser.find("#uploaded").await;
    assert_eq!(place().await, "uploaded");
}
