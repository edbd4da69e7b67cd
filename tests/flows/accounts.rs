//! Service accounts: a long list is read to its end and searched, and a new account is created.

use keyside_e2e::{
    gateway::{ADMIN_TOKEN, Gateway},
    made, page,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_many_pages_is_read_to_its_end_and_searched() {
    let gateway = Gateway::start();
    // The page requests 500 at a time.
    for number in 0..520 {
        made::account(&gateway, &format!("machine-{number:03}"));
    }
    let browser = page::connected(&gateway).await;
    browser
        .wait_for_text("#accounts", "Showing 50 of 521 service accounts")
        .await;
    browser.fill("#account-search", "MACHINE-519").await;
    browser.wait_for_text("#account-list", "machine-519").await;
    browser.fill("#account-search", "no such account").await;
    browser
        .wait_for_text("#accounts", "No service account matches your search")
        .await;
    browser.fill("#account-search", "machine-519").await;
    browser
        .wait_for_text("#choose-all", "Select all 1 service account")
        .await;
    page::choose_first_account(&browser).await;
    browser
        .wait_for_text("#account-list li:has(:checked)", "machine-519")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_service_account_is_created_and_gets_its_key() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    page::unfold(&browser, "#new-account").await;
    browser
        .fill("#new-account-name", "first-service-account")
        .await;
    browser.click("#create-account").await;
    let problem = page::problem(&browser, "#accounts").await;
    assert!(problem.contains("ALREADY_EXISTS"), "{problem}");
    browser.fill("#new-account-name", "builder").await;
    browser
        .fill("#new-account-description", "builds at night")
        .await;
    browser.click("#create-account").await;
    // Afterwards only the new account is selected.
    browser
        .wait_for_text("#account-list li:has(:checked)", "builder")
        .await;
    let key_id = page::create(&browser).await;
    page::verified(&browser).await;
    let account = browser.text("#account-of-key").await;
    assert_eq!(page::keys_of(&gateway, ADMIN_TOKEN, &account), [key_id]);
    assert_ne!(account, gateway.printed("service account"));
}
