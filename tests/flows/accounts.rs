//! Service accounts: a long list is read to its end and searched, a new one is made.

use keyside_e2e::{gateway::Gateway, made, page};

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_many_pages_is_read_to_its_end_and_searched() {
    let gateway = Gateway::start();
    // The page asks for 500 at a time.
    for number in 0..520 {
        made::account(&gateway, &format!("machine-{number:03}"));
    }
    let browser = page::connected(&gateway).await;
    browser
        .wait_for_text("#account", "Choose one of 521 service accounts")
        .await;
    browser.wait_for_text("#account", "50 of 521 shown").await;
    browser.fill("#account-search", "MACHINE-519").await;
    browser.wait_for_text("#account-list", "machine-519").await;
    browser.fill("#account-search", "no such account").await;
    browser
        .wait_for_text("#account", "None fits the search")
        .await;
    browser.fill("#account-search", "machine-519").await;
    page::choose_first_account(&browser).await;
    assert!(
        browser
            .text("#chosen-account")
            .await
            .contains("machine-519")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_service_account_is_made_and_gets_its_key() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    browser.click("#account details summary").await;
    browser
        .fill("#new-account-name", "first-service-account")
        .await;
    browser.click("#create-account").await;
    let problem = browser.text("#account .problem").await;
    assert!(problem.contains("ALREADY_EXISTS"), "{problem}");
    browser.fill("#new-account-name", "builder").await;
    browser
        .fill("#new-account-description", "builds at night")
        .await;
    browser.click("#create-account").await;
    assert!(browser.text("#chosen-account").await.contains("builder"));
    page::generate(&browser).await;
    page::upload(&browser).await;
    browser.click("#verify").await;
    browser
        .wait_for_text("#verify-result", "These credentials work")
        .await;
}
