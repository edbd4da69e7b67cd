//! Servers that stop, double clicks, two tabs doing the same: no key is created twice, and no pair is
//! lost.

use std::time::Duration;

use keyside_e2e::{
    gateway::{ADMIN_TOKEN, Gateway},
    page,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_before_it_answers_gets_the_key_once() {
    let mut gateway = Gateway::start();
    let account = gateway.printed("service account");
    let browser = page::ready_to_upload(&gateway).await;
    // Accepts the connection, but doesn't process it.
    gateway.pause(true);
    browser.click("#upload").await;
    browser.wait_for_text("#create-status", "Uploading").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    gateway.kill();
    let problem = browser.text("#create-form .problem").await;
    assert!(problem.contains("didn't answer"), "{problem}");
    assert!(problem.contains("Your key pair is still here"), "{problem}");
    assert!(browser.asks_before_leaving().await);
    // Still down.
    browser.click("#upload").await;
    browser.wait_for_text("#upload", "Try again").await;
    gateway.start_again();
    let id = page::upload(&browser).await;
    assert_eq!(page::keys_of(&gateway, ADMIN_TOKEN, &account), [id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_before_the_operation_ends_gets_the_key_once() {
    let mut gateway = Gateway::start();
    let account = gateway.printed("service account");
    let browser = page::ready_to_upload(&gateway).await;
    browser.click("#upload").await;
    gateway.wait_for_output("AuthPublicKeyService/Create\" code=\"ok\"");
    gateway.kill();
    let problem = browser.text("#create-form .problem").await;
    assert!(problem.contains("didn't answer"), "{problem}");
    gateway.start_again();
    let id = page::upload(&browser).await;
    assert_eq!(page::keys_of(&gateway, ADMIN_TOKEN, &account), [id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_lost_answer_the_key_is_found_and_not_uploaded_again() {
    let mut gateway = Gateway::start();
    let account = gateway.printed("service account");
    let browser = page::ready_to_upload(&gateway).await;
    // The create succeeds, but the answer never reaches the page.
    let deaf = "const real = window.fetch; let deaf = true;
        window.fetch = async (...call) => { const answer = await real(...call);
            const url = call[0].url ?? call[0];
            if (deaf && url.includes('/Create')) { deaf = false; throw new TypeError('lost'); }
            return answer; };";
    browser.run(deaf).await;
    browser.click("#upload").await;
    browser.find("#create-form .problem").await;
    let made = page::keys_of(&gateway, ADMIN_TOKEN, &account);
    assert_eq!(made.len(), 1);
    // Even after a new sign-in, the page knows that the upload's outcome is unknown.
    browser.click("#disconnect").await;
    browser.fill("#token", ADMIN_TOKEN).await;
    browser.click("#connect-button").await;
    browser.find("#upload").await;
    // Another description makes it another request, so the idempotency key alone wouldn't help.
    browser.fill("#key-description", "second try").await;
    let id = page::upload(&browser).await;
    assert_eq!(made, [id]);
    browser
        .wait_for_text("#uploaded", "wasn't uploaded again")
        .await;
    assert_eq!(page::keys_of(&gateway, ADMIN_TOKEN, &account), made);
    gateway.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_click_uploads_once() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let browser = page::ready_to_upload(&gateway).await;
    let clicks = "const button = document.getElementById('upload');
        for (let i = 0; i < 5; i++) button.click();";
    browser.run(clicks).await;
    let id = browser.text("#key-id").await;
    assert_eq!(page::keys_of(&gateway, ADMIN_TOKEN, &account), [id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_create_two_keys_without_mixing_them_up() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let browser = page::ready_to_upload(&gateway).await;
    let first = browser.text("#fingerprint").await;
    let first_tab = browser.client.window().await.unwrap();
    let second_tab = browser.client.new_window(true).await.unwrap().handle;
    browser
        .client
        .switch_to_window(second_tab.clone())
        .await
        .unwrap();
    browser.open(&gateway.printed_url()).await;
    page::choose_first_account(&browser).await;
    let second = page::generate(&browser).await;
    assert_ne!(first, second);
    let second_id = page::upload(&browser).await;
    browser.client.switch_to_window(first_tab).await.unwrap();
    assert_eq!(browser.text("#fingerprint").await, first);
    let first_id = page::upload(&browser).await;
    assert_eq!(
        page::keys_of(&gateway, ADMIN_TOKEN, &account),
        [second_id, first_id]
    );
    for tab in [None, Some(second_tab)] {
        if let Some(tab) = tab {
            browser.client.switch_to_window(tab).await.unwrap();
        }
        page::verified(&browser).await;
    }
}
