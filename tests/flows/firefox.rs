//! The main job and the life of keys in Firefox, another browser engine, verified by the same tools.

use std::{fs, path::PathBuf};

use keyside_e2e::{
    browser::Browser,
    gateway::{ADMIN_TOKEN, Gateway},
    keyboard::assert_focus_comes_to,
    made,
    needles::Needles,
    outcome::{self, Files},
    page, tools,
};
use serde_json::Value;

use crate::passphrases::by_bsdtar;

#[tokio::test(flavor = "multi_thread")]
async fn firefox_makes_working_credentials_and_the_private_key_never_leaves_it() {
    let gateway = Gateway::start();
    let browser = page::connected_in_firefox(&gateway).await;
    let address = browser.client.current_url().await.unwrap();
    assert!(
        !address.as_str().contains(ADMIN_TOKEN),
        "the token is gone from the address: {address}"
    );
    page::choose_first_account(&browser).await;
    let account = gateway.printed("service account");
    let fingerprint = page::generate(&browser).await;
    assert!(
        browser.asks_before_leaving().await,
        "an unsaved private key"
    );
    browser
        .fill("#key-description", "made end to end in Firefox")
        .await;
    let key_id = page::upload(&browser).await;

    page::verified(&browser).await;
    let files = page::download(&browser, &account, &key_id).await;
    outcome::files_are_right(&files, &fingerprint, &account, &key_id);
    outcome::real_clients_use_them(&gateway, &files.credentials_path, &account, &key_id);

    browser.click("#create-another").await;
    browser.find("#create").await;
    let console = browser.console().await;
    assert!(console.is_empty(), "the console stays silent: {console:?}");
    let private = Needles::private(&String::from_utf8_lossy(&files.private_pem));
    let profile = browser.profile_files();
    assert!(profile.len() > 10, "{} files", profile.len());
    for (path, content) in profile {
        let found = private.in_bytes(&content);
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
    let (sent, printed) = browser.recorded();
    let to = gateway.address();
    let others: Vec<_> = sent
        .iter()
        .map(|sent| &sent.to)
        .filter(|at| **at != to)
        .collect();
    assert!(others.is_empty(), "the gateway alone is asked: {others:?}");
    let sent: Vec<_> = sent.into_iter().map(|sent| sent.bytes).collect();
    outcome::the_private_key_is_nowhere(&gateway, &sent, &printed, &files);
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_manages_keys_through_their_life_and_no_private_key_leaves_it() {
    let gateway = Gateway::start();
    let first = gateway.printed("service account");
    let second = made::account(&gateway, "second-service-account");
    let browser = page::connected_in_firefox(&gateway).await;

    let (passphrase, zip) = many(&browser).await;
    let folder = tempfile::tempdir().unwrap();
    let unzip = |account: &str| {
        let name = only_credentials_name(&gateway, account);
        let text = by_bsdtar(&zip, &name, &passphrase).unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        Credentials::read(account, path)
    };
    let (of_first, of_second) = (unzip(&first), unzip(&second));
    let name = only_credentials_name(&gateway, &first);
    let wrong = by_bsdtar(&zip, &name, "another");
    assert!(wrong.unwrap_err().contains("passphrase"));
    let old_key = of_first.key_id();
    assert_eq!(of_first.lists_keys(&gateway), Ok(vec![old_key.clone()]));

    deactivate(&browser, &of_second.key_id()).await;
    let refused = of_second.lists_keys(&gateway).unwrap_err();
    assert!(refused.contains("not active"), "{refused}");

    let new_key = rotate(&browser, &old_key).await;
    let name = page::credentials_name(&first, &new_key);
    browser.download(&name).await;
    let credentials = browser.download_path(&name);
    let rotated = Credentials::read(&first, credentials);
    assert_eq!(rotated.key_id(), new_key);
    let listed = rotated.lists_keys(&gateway).unwrap();
    assert!(listed.contains(&new_key), "{listed:?}");
    assert!(
        of_first.lists_keys(&gateway).is_err(),
        "the old key is retired"
    );

    page::go(&browser, "inspect").await;
    page::choose_file(&browser, &rotated.path).await;
    browser.wait_for_text("#match-key", &new_key).await;
    browser
        .wait_for_text("#verdict", "This file is valid, and its key is active")
        .await;
    browser.click("#prove-file").await;
    browser
        .wait_for_text("#proof", "the API accepts the key")
        .await;

    let console = browser.console().await;
    assert!(console.is_empty(), "the console stays silent: {console:?}");
    let (sent, printed) = browser.recorded();
    assert!(sent.iter().all(|sent| sent.to == gateway.address()));
    let sent: Vec<_> = sent.into_iter().map(|sent| sent.bytes).collect();
    assert!(!String::from_utf8_lossy(&sent.concat()).contains(&passphrase));
    let profile = browser.profile_files();
    for credentials in [of_first, of_second, rotated] {
        let files = credentials.files();
        outcome::the_private_key_is_nowhere(&gateway, &sent, &printed, &files);
        let private = Needles::private(&String::from_utf8_lossy(&files.private_pem));
        for (path, content) in &profile {
            let found = private.in_bytes(content);
            assert!(found.is_empty(), "{}: {found:?}", path.display());
        }
    }
}

/// The file name of the credentials of the account's only key.
fn only_credentials_name(gateway: &Gateway, account: &str) -> String {
    let keys = page::keys_of(gateway, ADMIN_TOKEN, account);
    assert_eq!(keys.len(), 1, "{keys:?}");
    page::credentials_name(account, &keys[0])
}

/// Creates keys for all service accounts; returns the passphrase and the encrypted archive.
async fn many(browser: &Browser) -> (String, PathBuf) {
    browser.click("#choose-all").await;
    browser.click("#create").await;
    browser
        .wait_for_text("#many-status", "2 of 2 created.")
        .await;
    browser.click("#zip-passphrase-option summary").await;
    browser.click("#suggest-passphrase").await;
    browser.find("#many-zip .copyable").await;
    let passphrase = browser.text("#many-zip .copyable pre").await;
    browser.click("#save-zip").await;
    browser.find("#zip-status:empty").await;
    (passphrase, browser.new_download(&mut Vec::new()).await)
}

async fn deactivate(browser: &Browser, key_id: &str) {
    page::go(browser, "keys").await;
    let button = format!("button[aria-label='Deactivate {key_id}']");
    browser.click(&button).await;
    browser.find("#last-key").await;
    browser.click("#confirm").await;
    browser.wait_for_text("#key-said", "is inactive").await;
}

/// Rotates a key and deactivates it; returns the new key's ID.
async fn rotate(browser: &Browser, old_key: &str) -> String {
    let button = format!("button[aria-label='Rotate {old_key}']");
    browser.click(&button).await;
    browser.wait_for_text("#create-form", old_key).await;
    browser.click("#create").await;
    let new_key = browser.text("#key-id").await;
    browser.click("#download-credentials").await;
    browser.click("#in-place").await;
    browser.click("#retire").await;
    browser.find("#other-keys").await;
    browser.click("#confirm").await;
    browser.find("#undo-retire").await;
    // The button that had the focus is gone.
    assert_focus_comes_to(browser, "#retire-step").await;
    new_key
}

/// A credentials file in use.
struct Credentials {
    account: String,
    path: PathBuf,
    text: Vec<u8>,
}

impl Credentials {
    fn read(account: &str, path: PathBuf) -> Self {
        Self {
            account: account.to_owned(),
            text: fs::read(&path).unwrap(),
            path,
        }
    }

    fn field(&self, name: &str) -> String {
        let file: Value = serde_json::from_slice(&self.text).unwrap();
        let value = &file["subject-credentials"][name];
        value.as_str().unwrap().to_owned()
    }

    fn key_id(&self) -> String {
        self.field("kid")
    }

    /// Lists the account's keys with the official SDK.
    fn lists_keys(&self, gateway: &Gateway) -> Result<Vec<String>, String> {
        tools::sdk_lists_keys(&gateway.address(), &self.path, &self.account)
    }

    fn files(&self) -> Files {
        let private_pem = self.field("private-key").into_bytes();
        Files {
            public_pem: tools::openssl(&["rsa", "-pubout"], &private_pem),
            private_pem,
            credentials: self.text.clone(),
            credentials_path: self.path.clone(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_of_firefox_to_another_server_is_recorded() {
    let gateway = Gateway::start();
    let browser = page::connected_in_firefox(&gateway).await;
    let elsewhere = "http://elsewhere.invalid/";
    assert!(browser.client.goto(elsewhere).await.is_err());
    let (sent, _) = browser.recorded();
    let asked = |to: &str| sent.iter().any(|sent| sent.to == to);
    assert!(asked("elsewhere.invalid:80"));
    assert!(asked(&gateway.address()));
    // Nothing can be stored here: the browser's error page can't be inspected.
    browser.open("about:blank").await;
}
