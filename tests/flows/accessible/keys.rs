//! The Keys screen.

use keyside_e2e::{browser::Browser, filled::filled_gateway, page};

use super::{is_for_everybody, is_for_everybody_too};

/// Opens the dialog of a row's button, and waits until the account's other keys are known.
async fn ask(browser: &Browser, what: &str, key: usize) {
    let button = format!("#all-keys button[aria-label='{what} publickey-e00{key:016}']");
    browser.click(&button).await;
    browser.find("#change-dialog #confirm").await;
}

async fn cancel(browser: &Browser) {
    browser.click("#cancel-change").await;
    browser.wait_gone("dialog").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_look_through_keys_and_change_them() {
    // Two keys for each account, in every state.
    let mut gateway = filled_gateway(5, 10);
    let browser = page::connected(&gateway).await;
    page::go(&browser, "keys").await;
    browser.wait_for_text("#key-count", "10 keys.").await;
    browser.wait_for_text("#all-keys", "machine-00004").await;
    let list = browser.text("#all-keys").await;
    for part in [
        "inactive",
        "has expired",
        "expires within a day",
        "never expires",
    ] {
        assert!(list.contains(part), "{part} is not in {list}");
    }
    is_for_everybody(&browser, "keys-1-list").await;

    gateway.pause(true);
    browser.click("#refresh-keys").await;
    browser.wait_for_text("#key-count", "Loading keys").await;
    is_for_everybody_too(&browser, "keys-2-loading").await;
    gateway.pause(false);
    browser.wait_for_text("#key-count", "10 keys.").await;

    ask(&browser, "Deactivate", 2).await;
    browser.find("#other-keys").await;
    is_for_everybody(&browser, "keys-3-deactivate").await;
    cancel(&browser).await;
    ask(&browser, "Deactivate", 4).await;
    browser.find("#last-key").await;
    is_for_everybody_too(&browser, "keys-4-last-active").await;
    cancel(&browser).await;
    ask(&browser, "Delete", 3).await;
    browser.find("#other-keys").await;
    is_for_everybody_too(&browser, "keys-5-delete-active").await;
    cancel(&browser).await;
    ask(&browser, "Activate", 9).await;
    is_for_everybody_too(&browser, "keys-6-activate").await;
    cancel(&browser).await;

    ask(&browser, "Delete", 0).await;
    is_for_everybody_too(&browser, "keys-7-delete-inactive").await;
    gateway.kill();
    browser.click("#confirm").await;
    browser.find("#change-dialog .problem").await;
    is_for_everybody_too(&browser, "keys-8-not-deleted").await;
    gateway.start_again();
    browser.click("#confirm").await;
    browser.wait_for_text("#key-said", "was deleted").await;
    browser.wait_for_text("#key-count", "9 keys.").await;
    is_for_everybody(&browser, "keys-9-deleted").await;

    browser.click("#all-keys tbody tr:nth-child(2) th a").await;
    browser.find("#key-page dl").await;
    is_for_everybody(&browser, "keys-9-page").await;
    browser.click("#back-to-keys").await;

    browser.fill("#key-search", "no such key").await;
    browser.wait_for_text("#key-count", "0 of 9 keys").await;
    is_for_everybody_too(&browser, "keys-10-none-found").await;
    gateway.kill();
    browser.click("#refresh-keys").await;
    browser.find("#keys .problem #more-keys").await;
    is_for_everybody(&browser, "keys-11-failed").await;
}
