//! Bad input gets a clear error, and nothing is lost.

use keyside_e2e::{
    gateway::{ADMIN_TOKEN, Gateway},
    made, page, tools,
};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_reported_and_a_right_one_still_works() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    browser.click("#disconnect").await;
    browser.fill("#token", "wrong-token").await;
    browser.click("#connect-button").await;
    let problem = page::problem(&browser, "#connect").await;
    assert!(
        problem.contains("UNAUTHENTICATED") && problem.contains("Sign in again"),
        "{problem}"
    );
    browser.fill("#token", ADMIN_TOKEN).await;
    browser.click("#connect-button").await;
    browser.wait_for_text("#who", "Local admin").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_stops_working_keeps_the_pair() {
    let mut gateway = Gateway::start();
    let account = gateway.printed("service account");
    let browser = page::ready_to_upload(&gateway).await;
    let fingerprint = browser.text("#fingerprint").await;
    let new_token = "another-admin-token-0123456789";
    gateway.change_token(new_token);
    browser.click("#upload").await;
    let problem = page::problem(&browser, "#create-form").await;
    assert!(problem.contains("UNAUTHENTICATED"), "{problem}");
    assert!(problem.contains("Your key pair is still here"), "{problem}");
    browser.find("#session-ended").await;
    browser.fill("#token", new_token).await;
    browser.click("#connect-button").await;
    browser.wait_gone("#connect").await;
    let id = page::upload(&browser).await;
    assert_eq!(browser.text("#fingerprint").await, fingerprint);
    assert_eq!(page::keys_of(&gateway, new_token, &account), [id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_service_account_is_reported_and_another_can_be_chosen() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    page::unfold(&browser, "#other-account").await;
    browser.fill("#account-id", "not an id").await;
    browser
        .wait_for_text("#other-account", "which isn't allowed there")
        .await;
    let is_enabled = browser.find("#use-account-id").await.is_enabled().await;
    assert!(!is_enabled.unwrap());
    browser
        .fill("#account-id", "serviceaccount-e00unknown")
        .await;
    browser.click("#use-account-id").await;
    page::generate(&browser).await;
    browser.click("#upload").await;
    let problem = page::problem(&browser, "#create-form").await;
    assert!(problem.contains("NOT_FOUND"), "{problem}");
    assert!(problem.contains("serviceaccount-e00unknown"), "{problem}");
    browser
        .fill("#account-id", &gateway.printed("service account"))
        .await;
    browser.click("#use-account-id").await;
    page::upload(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expiry_in_the_past_cannot_be_sent() {
    let gateway = Gateway::start();
    let browser = page::ready_to_upload(&gateway).await;
    page::choose_date(&browser, "2020-01-01T00:00").await;
    browser.wait_for_text("#expires-shown", "in the past").await;
    assert!(!browser.find("#upload").await.is_enabled().await.unwrap());
    page::choose_date(&browser, "").await;
    browser
        .wait_for_text("#expires-shown", "Choose a date and a time.")
        .await;
    assert!(!browser.find("#upload").await.is_enabled().await.unwrap());
    page::choose_lifetime(&browser, "never").await;
    browser
        .wait_for_text("#expires-shown", "never expires")
        .await;
    page::upload(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_admin_role_the_upload_says_what_is_needed_and_keeps_the_pair() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    // A token of the service account itself, which may read keys but not add any.
    let key = made::Key::new(&gateway, &account, "", None);
    let exchange = json!({
        "grantType": "urn:ietf:params:oauth:grant-type:token-exchange",
        "requestedTokenType": "urn:ietf:params:oauth:token-type:access_token",
        "subjectTokenType": "urn:ietf:params:oauth:token-type:jwt",
        "subjectToken": tools::jwt_by_openssl(&key.private_pem, &key.id, &account),
    });
    let method = "nebius.iam.v1.TokenExchangeService/Exchange";
    let (_, token) = tools::curl(&gateway.address(), method, None, &exchange);

    let browser = page::connected(&gateway).await;
    browser.click("#disconnect").await;
    browser
        .fill("#token", token["accessToken"].as_str().unwrap())
        .await;
    browser.click("#connect-button").await;
    browser
        .wait_for_text("#who", "service account first-service-account")
        .await;
    page::go(&browser, "keys").await;
    browser.wait_for_text("#all-keys", &key.id).await;
    page::go(&browser, "create").await;
    page::generate(&browser).await;
    browser.click("#upload").await;
    let problem = page::problem(&browser, "#create-form").await;
    assert!(problem.contains("PERMISSION_DENIED"), "{problem}");
    assert!(
        problem.contains("You don't have permission to do this"),
        "{problem}"
    );
    assert!(problem.contains("Request ID "), "{problem}");
    assert!(browser.has("#fingerprint").await);
}
