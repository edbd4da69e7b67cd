//! Keys for several service accounts.

use keyside_e2e::{filled::filled_gateway, page};

use super::{is_for_everybody, is_for_everybody_too};

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_create_several_keys_at_once() {
    let mut gateway = filled_gateway(60, 0);
    let browser = page::connected(&gateway).await;
    browser.wait_for_text("#accounts", "Showing 50 of 61").await;
    is_for_everybody_too(&browser, "many-1-choose").await;
    browser.fill("#account-search", "machine-0001").await;
    browser
        .wait_for_text("#choose-all", "10 service accounts")
        .await;
    is_for_everybody(&browser, "many-2-search").await;
    browser.fill("#account-search", "machine-0005").await;
    browser
        .wait_for_text("#choose-all", "10 service accounts")
        .await;
    browser.click("#account-list li:nth-child(2) label").await;
    browser.click("#account-list li:nth-child(3) label").await;
    browser.wait_for_text("#create", "Create 2 keys").await;

    // Work gets as far as the upload, which isn't answered.
    gateway.pause(true);
    browser.click("#create").await;
    browser.wait_for_text("#many-now", "uploading").await;
    is_for_everybody(&browser, "many-3-running").await;
    gateway.kill();
    browser.find("#go-on-many").await;
    browser.find("#many-failed").await;
    is_for_everybody(&browser, "many-4-failed").await;
    gateway.start_again();
    browser.click("#go-on-many").await;
    browser
        .wait_for_text("#many-status", "2 of 2 created.")
        .await;
    browser.click("#zip-passphrase-option summary").await;
    browser.click("#suggest-passphrase").await;
    browser.find("#many-zip .copyable").await;
    is_for_everybody(&browser, "many-5-suggested").await;
    let unsaved = "#many-results > p:not([id])";
    browser
        .wait_for_text(unsaved, "only in this tab's memory")
        .await;
    browser.click("#save-zip").await;
    browser.wait_gone(unsaved).await;
    is_for_everybody_too(&browser, "many-6-saved").await;
}
