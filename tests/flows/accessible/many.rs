//! The screen for keys of several service accounts.

use keyside_e2e::{filled::filled_gateway, page};

use super::{is_for_everybody, is_for_everybody_too};

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_make_many_keys_at_once() {
    let mut gateway = filled_gateway(60, 0);
    let browser = page::connected(&gateway).await;
    page::go(&browser, "many").await;
    browser
        .wait_for_text("#many-step", "50 of 61 are shown")
        .await;
    is_for_everybody_too(&browser, "many-1-choose").await;
    browser.fill("#many-search", "machine-0001").await;
    browser.wait_for_text("#choose-all", "10 accounts").await;
    is_for_everybody(&browser, "many-2-search").await;
    browser.fill("#many-search", "machine-0005").await;
    browser.wait_for_text("#choose-all", "10 accounts").await;
    browser.click("#many-accounts li:nth-child(2) label").await;
    browser.click("#many-accounts li:nth-child(3) label").await;
    browser.wait_for_text("#chosen-count", "2 accounts").await;

    // It comes as far as the upload, which gets no answer.
    gateway.pause(true);
    browser.click("#make-many").await;
    browser.wait_for_text("#many-now", "uploading").await;
    is_for_everybody(&browser, "many-3-running").await;
    gateway.kill();
    browser.find("#go-on-many").await;
    browser.find("#many-failed").await;
    is_for_everybody(&browser, "many-4-failed").await;
    gateway.start_again();
    browser.click("#go-on-many").await;
    browser.wait_for_text("#many-status", "2 of 2 made.").await;
    browser.click("#many-made summary").await;
    browser.click("#zip-passphrase-option summary").await;
    browser.click("#suggest-passphrase").await;
    browser.find("#many-zip .copyable").await;
    is_for_everybody(&browser, "many-5-suggested").await;
    browser.click("#save-zip").await;
    browser.find("#many-zip.done").await;
    is_for_everybody_too(&browser, "many-6-saved").await;
}
