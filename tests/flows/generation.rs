//! Making a pair: off the main thread, with progress, cancelled at once, forgotten for good.

use std::time::{Duration, Instant};

use keyside_e2e::{
    browser::{Browser, Options},
    gateway::Gateway,
    page,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_page_stays_awake_and_shows_progress_while_a_pair_is_made() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    // The longest time between two ticks of a clock on the main thread.
    let watch = "window.longest = 0; let last = performance.now();
        window.clock = setInterval(() => { const now = performance.now();
            window.longest = Math.max(window.longest, now - last); last = now; }, 10);";
    browser.run(watch).await;
    browser.click("#generate").await;
    let progress = browser
        .wait_for_text("#generate-progress", "likely by now")
        .await;
    assert!(progress.contains("of 2 primes found"), "{progress}");
    browser.text("#fingerprint").await;
    let longest = browser
        .run("clearInterval(window.clock); return window.longest")
        .await;
    // On the main thread a pair would take seconds at a stretch.
    assert!(
        longest.as_f64().unwrap() < 700.0,
        "{longest} ms without a tick"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_stops_at_once_and_a_new_pair_can_be_made() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    for _ in 0..3 {
        browser.click("#generate").await;
        browser.click("#cancel-generate").await;
        let clicked = Instant::now();
        browser.find("#generate").await;
        assert!(clicked.elapsed() < Duration::from_secs(2));
    }
    // Nothing comes of what was cancelled.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!browser.has("#fingerprint").await);
    assert!(!browser.asks_before_leaving().await);
    page::generate(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_in_the_middle_of_a_generation_starts_afresh() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    browser.click("#generate").await;
    browser.find("#generate-progress").await;
    browser.client.refresh().await.unwrap();
    // The token was in memory only.
    browser.find("#token").await;
    browser.find("#generate").await;
    assert!(!browser.has("#generate-progress").await);
    // The whole printed address can be pasted.
    browser.fill("#token", &gateway.printed_url()).await;
    browser.click("#connect-button").await;
    browser.wait_for_text("#who", "Local admin").await;
    page::choose_first_account(&browser).await;
    page::generate(&browser).await;
    page::upload(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_an_unsaved_key_asks_first_and_then_leaves_nothing_to_download() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    let first = page::generate(&browser).await;
    browser.click("#forget").await;
    assert!(
        browser
            .client
            .get_alert_text()
            .await
            .unwrap()
            .contains("has not been downloaded")
    );
    browser.client.dismiss_alert().await.unwrap();
    assert_eq!(
        browser.text("#fingerprint").await,
        first,
        "a stray click loses nothing"
    );
    browser.click("#generate-again").await;
    browser.client.dismiss_alert().await.unwrap();
    assert_eq!(browser.text("#fingerprint").await, first);
    browser.click("#forget").await;
    browser.client.accept_alert().await.unwrap();
    browser.find("#generate").await;
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
        let browser = Browser::start(Options {
            before_page: Some(without),
        })
        .await;
        browser.open(&gateway.printed_url()).await;
        let text = browser.wait_for_text("#start", "has no").await;
        assert!(
            text.contains(name) && text.contains("Nothing was made or sent"),
            "{text}"
        );
        assert_eq!(
            browser.client.current_url().await.unwrap().as_str(),
            gateway.url()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_keeps_its_place_through_the_steps() {
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
        let key = fantoccini::key::Key::Enter.to_string();
        browser
            .client
            .active_element()
            .await
            .unwrap()
            .send_keys(&key)
            .await
            .unwrap();
    };
    press("#account-list button").await;
    browser.find("#chosen-account").await;
    assert_eq!(place().await, "chosen-account");
    press("#generate").await;
    browser.find("#cancel-generate").await;
    assert_eq!(place().await, "cancel-generate");
    browser.find("#made").await;
    assert_eq!(place().await, "made");
    press("#upload").await;
    browser.find("#uploaded").await;
    assert_eq!(place().await, "uploaded");
}
