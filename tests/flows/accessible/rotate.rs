//! Rotation of a key.

use keyside_e2e::{filled::filled_gateway, page};

use super::{STUCK_WORKERS, is_for_everybody, is_for_everybody_too};

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_rotate_a_key() {
    let mut gateway = filled_gateway(5, 10);
    let browser = page::connected_with(&gateway, STUCK_WORKERS).await;
    page::go(&browser, "keys").await;
    // A key of machine-00002.
    browser
        .click("button[aria-label='Rotate publickey-e000000000000000002']")
        .await;
    browser.find("#target").await;
    is_for_everybody(&browser, "rotate-1-form").await;

    browser.run("window.stuck = true").await;
    browser.click("#create").await;
    browser.find("#generate-progress").await;
    is_for_everybody_too(&browser, "rotate-2-generating").await;
    browser.run("window.stuck = false").await;
    browser.click("#cancel-generate").await;
    browser.find("#create:enabled").await;
    gateway.kill();
    browser.click("#create").await;
    browser
        .wait_for_text("#create-form .problem", "Your key pair is still here")
        .await;
    is_for_everybody(&browser, "rotate-3-failed").await;
    gateway.start_again();
    browser.click("#upload").await;
    page::verified(&browser).await;
    is_for_everybody(&browser, "rotate-4-created").await;

    browser.click("#download-credentials").await;
    browser.click("#in-place").await;
    browser.find("#retire:enabled").await;
    is_for_everybody_too(&browser, "rotate-5-retire").await;
    browser.click("#retire").await;
    browser.find("#other-keys").await;
    is_for_everybody_too(&browser, "rotate-6-question").await;
    browser.click("#confirm").await;
    browser.find("#undo-retire").await;
    is_for_everybody(&browser, "rotate-7-retired").await;
    browser.click("#rotate-another").await;
    page::go(&browser, "keys").await;
    browser.find("#unfinished").await;
    is_for_everybody(&browser, "rotate-8-unfinished").await;
    browser.click("#unfinished a.choice").await;
    browser.find("#resumed").await;
    is_for_everybody(&browser, "rotate-9-resumed").await;
    browser.click("#delete-old").await;
    browser.click("#confirm").await;
    browser
        .wait_for_text("#retire-step", "The old key is deleted")
        .await;
    is_for_everybody_too(&browser, "rotate-10-finished").await;
}
