//! If one bit of a file has changed, the page refuses to start and says why.

use keyside_e2e::{
    altered::AlteredPage,
    browser::{Browser, Options},
    gateway::Gateway,
    page::WITHOUT_RELAXED_SIMD,
};

const FILES: [&str; 7] = [
    "guard.js",
    "start.js",
    "worker-loader.js",
    "keyside-page.js",
    "keyside-page_bg.wasm",
    "key-worker-simd.js",
    "key-worker-simd_bg.wasm",
];
/// Only a browser without relaxed SIMD loads these.
const PORTABLE_FILES: [&str; 2] = ["key-worker.js", "key-worker_bg.wasm"];

#[tokio::test(flavor = "multi_thread")]
async fn one_changed_bit_in_any_program_stops_the_page_from_starting() {
    let browser = Browser::start(Options::default()).await;
    with_a_changed_bit(&browser, &FILES).await;
    drop(browser);
    let browser = Browser::start(Options::default().before_page(WITHOUT_RELAXED_SIMD)).await;
    with_a_changed_bit(&browser, &PORTABLE_FILES).await;
}

/// Opens a page for each file, on an origin of its own.
async fn with_a_changed_bit(browser: &Browser, names: &[&str]) {
    for name in names {
        let altered = AlteredPage::new();
        altered.flip_a_bit(name);
        let gateway = Gateway::serving(altered.folder().to_owned());
        // Not the admin's token: with a wrong hash the browser writes the address to the console.
        let url = format!("{}#token=some-access-token", gateway.url());
        browser.open(&url).await;
        let text = browser
            .wait_for_text("#page", "isn't the one that was built with this page")
            .await;
        browser
            .picture(&format!("refused-{name}"), 1280, false)
            .await;
        let file = altered.file(name);
        let file = file.file_name().unwrap().to_str().unwrap();
        // Without the guard only start.js can report it, and it doesn't know the names.
        let named = if *name == "guard.js" { name } else { file };
        assert!(text.contains(named), "{named}: {text}");
        assert!(text.contains("Don't use this page"), "{name}: {text}");
        for part in ["#token", "#create", "#start + *"] {
            assert!(!browser.has(part).await, "{name}: {part} is there");
        }
        let hash = browser.run("return location.hash").await;
        let hash = hash.as_str().unwrap();
        assert!(
            !hash.contains("token"),
            "{name}: {hash} stays in the address"
        );
        let role = browser.find("#start").await.attr("role").await.unwrap();
        assert_eq!(role.as_deref(), Some("alert"), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_program_is_distinguished_from_a_changed_one() {
    let browser = Browser::start(Options::default()).await;
    for name in [
        "start.js",
        "worker-loader.js",
        "keyside-page.js",
        "keyside-page_bg.wasm",
    ] {
        let altered = AlteredPage::new();
        std::fs::remove_file(altered.file(name)).unwrap();
        let gateway = Gateway::serving(altered.folder().to_owned());
        browser.open(&gateway.url()).await;
        let text = browser.wait_for_text("#page", "can't be loaded").await;
        assert!(text.contains("Reload the page"), "{text}");
    }
}
