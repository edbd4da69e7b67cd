//! The page's steps, done as a user does them.

use std::path::Path;

use serde_json::json;

use crate::{
    browser::{Browser, Options},
    gateway::{ADMIN_TOKEN, Gateway},
    outcome::Files,
    tools,
};

/// Makes the page take the browser for one without relaxed SIMD.
pub const WITHOUT_RELAXED_SIMD: &str = "WebAssembly.validate = () => false;";

/// Chromium with the gateway's page, signed in by the address that the gateway printed.
pub async fn connected(gateway: &Gateway) -> Browser {
    connected_as(gateway, Options::default()).await
}

/// Like [`connected`], with a script that runs before the page's own.
pub async fn connected_with(gateway: &Gateway, before_page: &'static str) -> Browser {
    connected_as(gateway, Options::default().before_page(before_page)).await
}

/// Like [`connected`], in a process that logs what it sends: [`Browser::close`] returns it.
pub async fn connected_and_logged(gateway: &Gateway) -> Browser {
    connected_as(gateway, Options::own_process()).await
}

/// Like [`connected`], in a browser that is started with these options.
pub async fn connected_as(gateway: &Gateway, options: Options) -> Browser {
    let browser = Browser::start(options).await;
    connect(&browser, gateway).await;
    browser
}

/// Like [`connected`], in Firefox.
pub async fn connected_in_firefox(gateway: &Gateway) -> Browser {
    let browser = Browser::start_firefox().await;
    connect(&browser, gateway).await;
    browser
}

/// Opens the address that the gateway printed, which signs in.
async fn connect(browser: &Browser, gateway: &Gateway) {
    browser.open(&gateway.printed_url()).await;
    browser.wait_for_text("#who", "Local admin").await;
}

/// The message of a failed call, with its details open.
pub async fn problem(browser: &Browser, within: &str) -> String {
    let problem = format!("{within} .problem");
    browser.find(&problem).await;
    let closed = format!("{problem} details:not([open]) > summary");
    if browser.has(&closed).await {
        browser.click(&closed).await;
    }
    browser.text(&problem).await
}

/// Goes to another screen by the page's navigation: `create`, `keys`, `inspect`.
pub async fn go(browser: &Browser, screen: &str) {
    browser.click(&format!("nav a[href^='#/{screen}']")).await;
}

/// Signs in by typing the admin's token, after signing out or a reload.
pub async fn reconnect(browser: &Browser) {
    browser.fill("#token", ADMIN_TOKEN).await;
    browser.click("#connect-button").await;
    browser.wait_for_text("#who", "Local admin").await;
}

/// Chooses only the first service account of the list. A single account is preselected.
pub async fn choose_first_account(browser: &Browser) {
    let first = "#account-list li:first-child input";
    browser.find(first).await;
    if browser.has("#choose-none:enabled").await {
        browser.click("#choose-none").await;
    }
    if !browser.has(&format!("{first}:checked")).await {
        browser.click(first).await;
    }
    browser.find(&format!("{first}:checked")).await;
}

/// Generates a pair and stops there to review the request; returns its fingerprint.
pub async fn generate(browser: &Browser) -> String {
    browser.find("#create").await;
    if browser.has("#review:not(:checked)").await {
        browser.click("#review").await;
    }
    browser.click("#create").await;
    browser.text("#fingerprint").await
}

/// Generates a pair without an API; returns its fingerprint.
pub async fn generate_alone(browser: &Browser) -> String {
    browser.click("#create").await;
    browser.text("#fingerprint").await
}

/// Creates a key without a stop; returns its ID.
pub async fn create(browser: &Browser) -> String {
    browser.click("#create").await;
    browser.text("#key-id").await
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

/// Chooses the day and time when the key expires, in the picker's format and local time. Uses a script,
/// because the keys that a date picker accepts depend on its language.
pub async fn choose_date(browser: &Browser, local: &str) {
    choose_lifetime(browser, "date").await;
    browser.find("#key-expires").await;
    let script = "const field = document.getElementById('key-expires');
        field.value = arguments[0];
        field.dispatchEvent(new Event('input', { bubbles: true }));";
    let set = browser.client.execute(script, vec![json!(local)]).await;
    set.unwrap();
}

/// Uploads a generated pair; returns the key's ID.
pub async fn upload(browser: &Browser) -> String {
    browser.click("#upload").await;
    browser.text("#key-id").await
}

/// Waits until the new key is verified.
pub async fn verified(browser: &Browser) {
    browser
        .wait_for_text("#verify-result", "the API accepts the key")
        .await;
}

/// Opens a part of the page that starts closed, like `#more-formats`.
pub async fn unfold(browser: &Browser, details: &str) {
    browser.find(details).await;
    if browser.has(&format!("{details}:not([open])")).await {
        browser.click(&format!("{details} > summary")).await;
    }
}

/// The name of a credentials file.
#[must_use]
pub fn credentials_name(account: &str, key_id: &str) -> String {
    format!("{account}-{key_id}-credentials.json")
}

/// Downloads the three files of a new key.
pub async fn download(browser: &Browser, account: &str, key_id: &str) -> Files {
    let credentials_name = credentials_name(account, key_id);
    unfold(browser, "#more-formats").await;
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

/// Continues until a pair is ready to be uploaded for the gateway's first service account.
pub async fn ready_to_upload(gateway: &Gateway) -> Browser {
    let browser = connected(gateway).await;
    choose_first_account(&browser).await;
    generate(&browser).await;
    browser.find("#upload").await;
    browser
}

/// Adds a file to the Inspect screen, as if chosen from a folder.
pub async fn choose_file(browser: &Browser, path: &Path) {
    let field = browser.find("#key-file").await;
    field.send_keys(path.to_str().unwrap()).await.unwrap();
}

/// The state of an authorized key at the API, if it exists.
#[must_use]
pub fn state_of(gateway: &Gateway, key_id: &str) -> Option<String> {
    let method = "nebius.iam.v1.AuthPublicKeyService/Get";
    let request = json!({ "id": key_id });
    let (status, key) = tools::curl(&gateway.address(), method, Some(ADMIN_TOKEN), &request);
    (status == 200).then(|| key["status"]["state"].as_str().unwrap().to_owned())
}

/// The IDs of the service account's keys at the API.
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
