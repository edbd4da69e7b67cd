//! The page's steps, done as a person does them.

use std::path::Path;

use serde_json::json;

use crate::{
    browser::{Browser, Options},
    gateway::{ADMIN_TOKEN, Gateway},
    outcome::Files,
    tools,
};

/// Chromium with the gateway's page, connected by the address that the gateway printed.
pub async fn connected(gateway: &Gateway) -> Browser {
    let browser = Browser::start(Options::default()).await;
    connect(&browser, gateway).await;
    browser
}

/// As [`connected`], with a script that runs before the page's own.
pub async fn connected_with(gateway: &Gateway, before_page: &'static str) -> Browser {
    let browser = Browser::start(Options {
        before_page: Some(before_page),
    })
    .await;
    connect(&browser, gateway).await;
    browser
}

/// As [`connected`], in Firefox.
pub async fn connected_in_firefox(gateway: &Gateway) -> Browser {
    let browser = Browser::start_firefox().await;
    connect(&browser, gateway).await;
    browser
}

/// Opens the address that the gateway printed, which connects.
async fn connect(browser: &Browser, gateway: &Gateway) {
    browser.open(&gateway.printed_url()).await;
    browser.wait_for_text("#who", "Local admin").await;
}

/// Goes to another screen by the page's navigation: `keys`, `rotate`, `many`, `file`, `make`.
pub async fn go(browser: &Browser, screen: &str) {
    browser.click(&format!("nav a[href='#{screen}']")).await;
}

/// Connects by typing the admin's token, after a disconnection or a reload.
pub async fn reconnect(browser: &Browser) {
    browser.fill("#token", ADMIN_TOKEN).await;
    browser.click("#connect-button").await;
    browser.wait_for_text("#who", "Local admin").await;
}

/// Chooses the gateway's first service account.
pub async fn choose_first_account(browser: &Browser) {
    browser.click("#account-list li:first-child button").await;
    browser.find("#chosen-account").await;
}

/// Makes a pair; gives its fingerprint.
pub async fn generate(browser: &Browser) -> String {
    browser.click("#generate").await;
    browser.text("#fingerprint").await
}

/// Chooses when the key expires: `30` (days), `date`, `never`.
pub async fn choose_lifetime(browser: &Browser, option: &str) {
    browser.find("#key-lifetime").await;
    let script = "const list = document.getElementById('key-lifetime');
        list.value = arguments[0];
        list.dispatchEvent(new Event('change', { bubbles: true }));
        return list.value";
    let chosen = browser.client.execute(script, vec![json!(option)]).await;
    assert_eq!(chosen.unwrap(), option);
}

/// Chooses the day and time when the key expires, as the picker has it, in local time. By script: what keys
/// a date picker takes depends on its language.
pub async fn choose_date(browser: &Browser, local: &str) {
    choose_lifetime(browser, "date").await;
    browser.find("#key-expires").await;
    let script = "const field = document.getElementById('key-expires');
        field.value = arguments[0];
        field.dispatchEvent(new Event('input', { bubbles: true }));";
    let set = browser.client.execute(script, vec![json!(local)]).await;
    set.unwrap();
}

/// Uploads; gives the key's id.
pub async fn upload(browser: &Browser) -> String {
    browser.click("#upload").await;
    browser.text("#key-id").await
}

/// Has the pair's files verified against the API.
pub async fn verify(browser: &Browser) {
    browser.click("#verify").await;
    browser
        .wait_for_text("#verify-result", "These credentials work")
        .await;
}

/// Downloads the three files.
pub async fn download(browser: &Browser, account: &str) -> Files {
    let credentials_name = format!("{account}-credentials.json");
    browser.click("#download-private").await;
    let private_pem = browser.download("private.pem").await;
    browser.click("#download-public").await;
    let public_pem = browser.download("public.pem").await;
    browser.click("#download-credentials").await;
    Files {
        private_pem,
        public_pem,
        credentials: browser.download(&credentials_name).await,
        credentials_path: browser.download_path(&credentials_name),
    }
}

/// Goes on to where a pair is ready to be uploaded for the gateway's first service account.
pub async fn ready_to_upload(gateway: &Gateway) -> Browser {
    let browser = connected(gateway).await;
    choose_first_account(&browser).await;
    generate(&browser).await;
    browser.find("#upload").await;
    browser
}

/// Gives the screen for key files a file, as if it was chosen from a folder.
pub async fn choose_file(browser: &Browser, path: &Path) {
    let field = browser.find("#key-file").await;
    field.send_keys(path.to_str().unwrap()).await.unwrap();
}

/// The state of an authorized key, as the API tells it; nothing when there is none.
#[must_use]
pub fn state_of(gateway: &Gateway, key_id: &str) -> Option<String> {
    let method = "nebius.iam.v1.AuthPublicKeyService/Get";
    let request = json!({ "id": key_id });
    let (status, key) = tools::curl(&gateway.address(), method, Some(ADMIN_TOKEN), &request);
    (status == 200).then(|| key["status"]["state"].as_str().unwrap().to_owned())
}

/// The ids of the service account's keys, as the API tells them.
#[must_use]
pub fn keys_of(gateway: &Gateway, token: &str, account: &str) -> Vec<String> {
    let request = json!({ "account": { "serviceAccount": { "id": account } }, "pageSize": 100 });
    let method = "nebius.iam.v1.AuthPublicKeyService/ListByAccount";
    let (status, answer) = tools::curl(&gateway.address(), method, Some(token), &request);
    assert_eq!(status, 200, "{answer}");
    let items = answer["items"].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .map(|key| key["metadata"]["id"].as_str().unwrap().to_owned())
        .collect()
}
