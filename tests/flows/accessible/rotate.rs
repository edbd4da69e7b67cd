//! The screen that puts a new key in the place of an old one.

use keyside_e2e::{filled::filled_gateway, page};

use super::{STUCK_WORKERS, is_for_everybody, is_for_everybody_too};

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_rotate_a_key() {
    let mut gateway = filled_gateway(5, 10);
    let browser = page::connected_with(&gateway, STUCK_WORKERS).await;
    page::go(&browser, "rotate").await;
    browser
        .wait_for_text("#account-list", "machine-00004")
        .await;
    is_for_everybody(&browser, "rotate-1-accounts").await;
    // machine-00002, after the one that was there.
    browser.click("#account-list li:nth-child(4) button").await;
    browser.find("#old-keys").await;
    is_for_everybody(&browser, "rotate-2-keys").await;
    browser.click("#old-keys li:first-child button").await;
    browser.find("#make-new-key").await;
    is_for_everybody(&browser, "rotate-3-form").await;

    browser.run("window.stuck = true").await;
    browser.click("#make-new-key").await;
    browser.find("#generate-progress").await;
    is_for_everybody_too(&browser, "rotate-4-making").await;
    browser.run("window.stuck = false").await;
    browser.click("#cancel-generate").await;
    browser.find("#new-key-step .problem").await;
    gateway.kill();
    browser.click("#make-new-key").await;
    browser
        .wait_for_text("#new-key-step .problem", "The pair is still here")
        .await;
    is_for_everybody(&browser, "rotate-5-failed").await;
    gateway.start_again();
    browser.click("#make-new-key").await;
    browser.find("#new-key-made").await;
    browser.find("#tool").await;
    is_for_everybody(&browser, "rotate-6-made").await;

    browser.click("#download-credentials").await;
    browser.click("#in-place").await;
    browser.find("#retire:enabled").await;
    is_for_everybody_too(&browser, "rotate-7-retire").await;
    browser.click("#retire").await;
    browser.find("#other-keys").await;
    is_for_everybody_too(&browser, "rotate-8-question").await;
    browser.click("#confirm").await;
    browser.find("#undo-retire").await;
    is_for_everybody(&browser, "rotate-9-retired").await;
    browser.click("#rotate-another").await;
    browser.find("#unfinished").await;
    is_for_everybody(&browser, "rotate-10-unfinished").await;
    browser.click("#unfinished .choice").await;
    browser.find("#resumed").await;
    is_for_everybody(&browser, "rotate-11-resumed").await;
    browser.click("#delete-old").await;
    browser.click("#confirm").await;
    browser
        .wait_for_text("#retire-step", "The old key is deleted")
        .await;
    is_for_everybody_too(&browser, "rotate-12-ended").await;
}
