//! One bit of a file that is not as it was built: the page refuses to start, and says why.

use keyside_e2e::{
    altered::AlteredPage,
    browser::{Browser, Options},
    gateway::Gateway,
    page,
};

const FILES: [&str; 7] = [
    "guard.js",
    "start.js",
    "keyside-page_bg.wasm",
    "key-worker-simd.js",
    "key-worker-simd_bg.wasm",
    "key-worker.js",
    "key-worker_bg.wasm",
];

/// As a browser without relaxed SIMD: it takes the portable worker.
const PORTABLE: &str = "WebAssembly.validate = () => false;";

#[tokio::test(flavor = "multi_thread")]
async fn one_changed_bit_in_any_program_and_the_page_does_not_start() {
    for name in FILES {
        let altered = AlteredPage::new();
        altered.flip_a_bit(name);
        let gateway = Gateway::serving(altered.folder().to_owned());
        let is_portable = name.starts_with("key-worker.") || name.starts_with("key-worker_");
        let browser = Browser::start(Options {
            before_page: is_portable.then_some(PORTABLE),
        })
        .await;
        browser.open(&gateway.url()).await;
        let text = browser
            .wait_for_text("#page", "is not the one that was built with this page")
            .await;
        browser
            .picture(&format!("refused-{name}"), 1280, false)
            .await;
        let stem = name.split('.').next().unwrap();
        assert!(text.contains(stem), "{name}: {text}");
        assert!(text.contains("Do not use this page"), "{name}: {text}");
        for part in ["#token", "#generate", "#start + *"] {
            assert!(!browser.has(part).await, "{name}: {part} is there");
        }
        let role = browser.find("#start").await.attr("role").await.unwrap();
        assert_eq!(role.as_deref(), Some("alert"), "{name}");
    }
}

/// Of the screens that are loaded later.
const LATER: [&str; 2] = ["keyside-keys.js", "keyside-keys_bg.wasm"];

#[tokio::test(flavor = "multi_thread")]
async fn one_changed_bit_in_a_later_program_ends_the_page_when_it_is_loaded() {
    for name in LATER {
        let altered = AlteredPage::new();
        altered.flip_a_bit(name);
        let gateway = Gateway::serving(altered.folder().to_owned());
        let browser = Browser::start(Options::default()).await;
        browser.open(&gateway.url()).await;
        browser.find("#generate").await;
        browser.click("nav a[href='#keys']").await;
        let text = browser
            .wait_for_text("#page", "is not the one that was built with this page")
            .await;
        let stem = name.split('.').next().unwrap();
        assert!(text.contains(stem), "{name}: {text}");
        assert!(!browser.has("nav").await, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_later_program_takes_nothing_away_and_can_be_tried_again() {
    for name in LATER {
        let altered = AlteredPage::new();
        let path = altered.file(name);
        let kept = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let mut gateway = Gateway::serving(altered.folder().to_owned());
        let browser = page::connected(&gateway).await;
        page::choose_first_account(&browser).await;
        let fingerprint = page::generate(&browser).await;
        browser.click("nav a[href='#keys']").await;
        browser.wait_for_text("#page", "cannot be loaded").await;
        std::fs::write(&path, kept).unwrap();
        gateway.kill();
        gateway.start_again();
        browser.click("#page button").await;
        browser.find("#key-search").await;
        browser.click("nav a[href='#make']").await;
        assert_eq!(browser.text("#fingerprint").await, fingerprint, "{name}");
        browser.click("#forget").await;
        browser.client.accept_alert().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_program_is_told_apart_from_a_changed_one() {
    for name in ["start.js", "keyside-page_bg.wasm"] {
        let altered = AlteredPage::new();
        std::fs::remove_file(altered.file(name)).unwrap();
        let gateway = Gateway::serving(altered.folder().to_owned());
        let browser = Browser::start(Options::default()).await;
        browser.open(&gateway.url()).await;
        let text = browser.wait_for_text("#page", "cannot be loaded").await;
        assert!(text.contains("Load the page again"), "{text}");
    }
}
