//! The page at different widths: nothing overflows. With `KEYSIDE_SCREENSHOTS=FOLDER` each state is
//! saved as a picture for review.

use keyside_e2e::{browser::Browser, gateway::Gateway, page};
use serde_json::json;

const WIDTHS: [u32; 3] = [320, 768, 1280];

async fn looks_right(browser: &Browser, state: &str) {
    for width in WIDTHS {
        let metrics =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        browser
            .devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await;
        let needed = browser
            .run("return document.documentElement.scrollWidth")
            .await;
        assert!(
            needed.as_u64().unwrap() <= u64::from(width),
            "{state}: {needed} pixels needed of {width}"
        );
        browser
            .devtools("Emulation.clearDeviceMetricsOverride", json!({}))
            .await;
        browser
            .picture(&format!("{state}-{width}-light"), width, false)
            .await;
    }
    browser
        .picture(&format!("{state}-1280-dark"), 1280, true)
        .await;
    browser
        .picture(&format!("{state}-320-dark"), 320, true)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_fits_narrow_and_wide_screens() {
    let mut gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    browser.find("#account-list").await;
    looks_right(&browser, "1-connected").await;
    page::choose_first_account(&browser).await;
    // A pair may be finished before the picture is taken; then the next one is tried.
    for _ in 0..10 {
        browser.click("#review:not(:checked)").await;
        browser.click("#create").await;
        browser
            .picture("2-generating-1280-light", 1280, false)
            .await;
        if browser.has("#generate-progress").await {
            break;
        }
        browser.click("#forget").await;
        browser.click("#confirm").await;
    }
    browser.text("#fingerprint").await;
    browser.find("#preview-body").await;
    looks_right(&browser, "3-review").await;
    gateway.kill();
    browser.click("#upload").await;
    browser.find("#create-form .problem").await;
    looks_right(&browser, "4-failed-upload").await;
    gateway.start_again();
    browser
        .fill(
            "#key-description",
            "CI of the web shop, rotated in November",
        )
        .await;
    page::upload(&browser).await;
    page::verified(&browser).await;
    browser.click("#download-credentials").await;
    looks_right(&browser, "5-done").await;
    page::unfold(&browser, "#more-formats").await;
    page::unfold(&browser, "#other-ways").await;
    looks_right(&browser, "5-done-unfolded").await;
    browser.click("#view-key").await;
    browser.find("#key-page dl").await;
    looks_right(&browser, "6-key").await;
    browser.client.refresh().await.unwrap();
    browser.find("#token").await;
    page::go(&browser, "create").await;
    browser.find("#create").await;
    looks_right(&browser, "0-start").await;
}
