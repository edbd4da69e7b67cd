//! After a leak: the key in the file is deactivated, the tokens issued with it stop working, and a replacement
//! is begun, also if the browser is closed in between.

use keyside_e2e::{
    browser::Browser,
    gateway::{ADMIN_TOKEN, Gateway},
    made, page, tools,
};
use serde_json::json;

const WHO: &str = "nebius.iam.v1.ProfileService/Get";

/// An access token, by an exchange with a JWT.
fn token_of(gateway: &Gateway, key: &made::Key, account: &str) -> String {
    let jwt = tools::jwt_by_openssl(&key.private_pem, &key.id, account);
    let request = json!({
        "grantType": "urn:ietf:params:oauth:grant-type:token-exchange",
        "requestedTokenType": "urn:ietf:params:oauth:token-type:access_token",
        "subjectTokenType": "urn:ietf:params:oauth:token-type:jwt",
        "subjectToken": jwt,
    });
    let answer = made::call(gateway, "TokenExchangeService/Exchange", &request);
    answer["accessToken"].as_str().unwrap().to_owned()
}

fn works(gateway: &Gateway, token: &str) -> bool {
    let (status, _) = tools::curl(&gateway.address(), WHO, Some(token), &json!({}));
    status == 200
}

/// Opens the leaked file on the Inspect screen.
async fn inspect(browser: &Browser, gateway: &Gateway, file: &std::path::Path) {
    let project = gateway.printed("project");
    browser
        .open(&format!("{}#/inspect?project={project}", gateway.url()))
        .await;
    browser.client.refresh().await.unwrap();
    page::reconnect(browser).await;
    page::choose_file(browser, file).await;
    browser.find("#match-key").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leak_is_contained_in_one_action_and_continued_after_an_interruption() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let key = made::Key::new(&gateway, &account, "leaked", None);
    let token = token_of(&gateway, &key, &account);
    assert!(works(&gateway, &token));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials.json");
    key.write_credentials(&file);

    let browser = page::connected(&gateway).await;
    inspect(&browser, &gateway, &file).await;
    browser.click("#contain").await;
    browser.picture("contain", 1280, false).await;
    browser.picture("contain-narrow", 320, true).await;
    browser.click("#cancel-contain").await;
    assert!(works(&gateway, &token));
    // The first part is done elsewhere, and the browser is closed.
    made::call(
        &gateway,
        "AuthPublicKeyService/Deactivate",
        &json!({ "id": key.id }),
    );
    inspect(&browser, &gateway, &file).await;
    assert!(works(&gateway, &token), "only the key is inactive");
    browser.click("#contain").await;
    browser
        .wait_for_text("#contain-dialog", "already not active")
        .await;
    browser.click("#confirm").await;
    browser.wait_for_text("#contained", &key.id).await;
    assert!(!works(&gateway, &token));
    browser.picture("contained", 1280, false).await;
    // The replacement is a rotation, which leads to the end of the old key.
    browser.click("#replace-contained").await;
    browser.wait_for_text("#create-form", &key.id).await;
    page::create(&browser).await;
    page::verified(&browser).await;
    let keys = page::keys_of(&gateway, ADMIN_TOKEN, &account);
    assert_eq!(keys.len(), 2, "{keys:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_active_key_is_contained_and_the_tokens_of_another_account_stay() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let key = made::Key::new(&gateway, &account, "leaked", None);
    let other = made::account(&gateway, "other");
    let other_key = made::Key::new(&gateway, &other, "not leaked", None);
    let token = token_of(&gateway, &key, &account);
    let others = token_of(&gateway, &other_key, &other);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("private.pem");
    std::fs::write(&file, &key.private_pem).unwrap();
    let browser = page::connected(&gateway).await;
    inspect(&browser, &gateway, &file).await;
    browser.click("#contain").await;
    browser.click("#confirm").await;
    browser.wait_for_text("#contained", &key.id).await;
    browser.wait_for_text("#match-state", "inactive").await;
    let state = page::state_of(&gateway, &key.id);
    assert_eq!(state.as_deref(), Some("INACTIVE"));
    assert!(!works(&gateway, &token) && works(&gateway, &others));

    // A public key can't leak.
    let public = folder.path().join("public.pem");
    let pem = tools::openssl(&["rsa", "-pubout"], key.private_pem.as_bytes());
    std::fs::write(&public, pem).unwrap();
    inspect(&browser, &gateway, &public).await;
    assert!(!browser.has("#contain").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn deactivating_and_deleting_revoke_tokens_only_if_asked_to() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let key = made::Key::new(&gateway, &account, "old", None);
    let token = token_of(&gateway, &key, &account);
    let browser = page::connected(&gateway).await;
    let address = format!("{}#/keys/{}", gateway.url(), key.id);
    browser.open(&address).await;
    browser.click("#deactivate-key").await;
    browser.click("#confirm").await;
    browser.wait_for_text("#key-message", "is inactive").await;
    assert!(works(&gateway, &token));
    browser.click("#delete-key").await;
    browser.click("#revoke-tokens").await;
    browser.picture("revoke-tokens", 1280, false).await;
    browser.click("#confirm").await;
    browser
        .wait_for_text("#key-message", "access tokens no longer work")
        .await;
    assert!(!works(&gateway, &token));
    assert_eq!(page::state_of(&gateway, &key.id), None);
}
