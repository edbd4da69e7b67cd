//! Keys for several service accounts at once: one ZIP, and failures that don't affect the others.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use keyside_e2e::{
    browser::{Browser, Options},
    folder::{self, PICKER},
    gateway::{ADMIN_TOKEN, Gateway},
    made, netlog,
    outcome::{self, Files},
    page, tools,
};
use serde_json::{Value, json};

use crate::passphrases::{by_bsdtar, by_python};

/// Creates this many service accounts beside the first one; returns all IDs.
fn accounts(gateway: &Gateway, more: usize) -> Vec<String> {
    let made = (0..more).map(|n| made::account(gateway, &format!("machine-{n}")));
    [gateway.printed("service account")]
        .into_iter()
        .chain(made)
        .collect()
}

/// The IDs of the account's keys at the API.
fn keys(gateway: &Gateway, account: &str) -> Vec<String> {
    page::keys_of(gateway, ADMIN_TOKEN, account)
}

/// The Create screen with all service accounts chosen.
async fn all_chosen(gateway: &Gateway, count: usize) -> Browser {
    let browser = page::connected_and_logged(gateway).await;
    choose_all(&browser, count).await;
    browser
}

async fn choose_all(browser: &Browser, count: usize) {
    browser.click("#choose-all").await;
    browser
        .wait_for_text("#create", &format!("Create {count} keys"))
        .await;
}

/// Waits until the work has ended; returns the status.
async fn wait_for_end(browser: &Browser) -> String {
    browser.wait_gone("#stop-many").await;
    browser.text("#many-status").await
}

/// Saves the ZIP without a passphrase; returns its credentials files by name, as Python reads them.
async fn save_zip(browser: &Browser, known: &mut Vec<PathBuf>) -> BTreeMap<String, String> {
    browser.click("#save-zip").await;
    let path = browser.new_download(known).await;
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(
        name.starts_with("credentials-") && path.extension().unwrap() == "zip",
        "{name}"
    );
    texts(&by_python("zip", &path, None).unwrap())
}

/// The files of a ZIP as `open_files.py` lists them. Only their owner may read them.
fn texts(listing: &str) -> BTreeMap<String, String> {
    let files: Vec<Value> = serde_json::from_str(listing).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let count = files.len();
    let texts: BTreeMap<_, _> = files
        .iter()
        .map(|file| {
            assert_eq!(file[2], json!(0o100_600), "{}", file[0]);
            (text(&file[0]), text(&file[1]))
        })
        .collect();
    assert_eq!(texts.len(), count, "a name came twice");
    texts
}

/// Checks that the ZIP has the credentials of exactly these accounts' only keys, and that the official
/// SDK gets tokens with them. Writes the files into `folder` and returns them.
fn all_work(
    gateway: &Gateway,
    texts: &BTreeMap<String, String>,
    accounts: &[String],
    folder: &Path,
) -> Vec<Files> {
    let file_name = |account: &String| {
        let keys = keys(gateway, account);
        assert_eq!(keys.len(), 1, "{account}: {keys:?}");
        page::credentials_name(account, &keys[0])
    };
    let mut names: Vec<_> = accounts.iter().map(file_name).collect();
    names.sort();
    assert_eq!(
        texts.keys().collect::<Vec<_>>(),
        names.iter().collect::<Vec<_>>()
    );
    let file = |account: &String| {
        let name = file_name(account);
        let path = folder.join(&name);
        fs::write(&path, &texts[&name]).unwrap();
        let listed = tools::sdk_lists_keys(&gateway.address(), &path, account);
        assert_eq!(listed, Ok(keys(gateway, account)));
        Files::of_credentials(&path)
    };
    accounts.iter().map(file).collect()
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    let needle = needle.as_bytes();
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

#[tokio::test(flavor = "multi_thread")]
async fn six_accounts_get_a_key_each_in_one_zip_and_nothing_private_leaves_the_browser() {
    let gateway = Gateway::start();
    let accounts = accounts(&gateway, 5);
    let folder = tempfile::tempdir().unwrap();
    let browser = all_chosen(&gateway, 6).await;
    browser.fill("#key-description", "of the night shift").await;
    browser.picture("many-choose", 1280, false).await;
    let begin = "document.getElementById('create').click();
        const observer = new MutationObserver(() => {
            const stop = document.getElementById('stop-many');
            if (stop) { observer.disconnect(); setTimeout(() => { stop.click(); done(); }); }
        });
        observer.observe(document.body, { subtree: true, childList: true });";
    assert_eq!(browser.text("#create").await, "Create 6 keys");

    // Stop ends the work after the first key, and it can be continued.
    browser.run_until_done(begin).await;
    let status = wait_for_end(&browser).await;
    assert_eq!(status, "1 of 6 created.");
    browser.picture("many-stopped", 1280, false).await;
    assert!(browser.asks_before_leaving().await);
    let mut known = Vec::new();
    assert_eq!(save_zip(&browser, &mut known).await.len(), 1);
    assert!(!browser.asks_before_leaving().await);
    browser.click("#go-on-many").await;
    let more = "const look = () => parseInt(document.querySelector('#many-status').textContent) > 1
        ? done() : setTimeout(look, 20); look();";
    browser.run_until_done(more).await;
    assert!(
        browser.asks_before_leaving().await,
        "they are in no ZIP yet"
    );
    // The work continues while another screen is open.
    page::go(&browser, "keys").await;
    browser.find("#all-keys").await;
    page::go(&browser, "create").await;
    browser.find("#many-results").await;
    let status = wait_for_end(&browser).await;
    assert_eq!(status, "6 of 6 created.");
    assert!(!browser.has("#go-on-many").await);
    assert!(!browser.has("#many-failed").await);

    // An accidental click doesn't lose them.
    browser.click("#clear-many").await;
    browser
        .wait_for_text(
            "#confirm-dialog",
            "The ZIP with these private keys isn't saved",
        )
        .await;
    browser.click("#cancel").await;
    browser.wait_gone("#confirm-dialog").await;
    assert_eq!(browser.text("#many-status").await, "6 of 6 created.");

    let texts = save_zip(&browser, &mut known).await;
    assert!(!browser.asks_before_leaving().await);
    let files = all_work(&gateway, &texts, &accounts, folder.path());
    for account in &accounts {
        let key = made::read(&gateway, &keys(&gateway, account)[0]);
        assert_eq!(key["spec"]["description"], json!("of the night shift"));
    }

    let passphrase = encrypted_zip_has_the_same(&browser, &mut known, &texts).await;
    // The page doesn't ask once everything is saved.
    browser.click("#clear-many").await;
    browser.find("#account-list").await;
    assert!(!browser.has("#many-results").await);
    assert!(!browser.has("#save-zip").await);
    assert!(!browser.has("#account-list input:checked").await);
    let description = browser.find("#key-description").await;
    let description = description.prop("value").await.unwrap();
    assert_eq!(description.as_deref(), Some(""));

    let log = browser.close().await;
    let sent = netlog::sent(&log);
    for files in &files {
        outcome::the_private_key_is_nowhere(&gateway, &sent, &log, files);
    }
    // Control: the search finds what was sent.
    assert!(contains(&sent.concat(), "of the night shift"));
    assert!(!contains(&log, &passphrase));
    assert!(!contains(&gateway.output(), &passphrase));
}

/// Saves the ZIP with the suggested passphrase and opens it with bsdtar and pyzipper. Returns the
/// passphrase.
async fn encrypted_zip_has_the_same(
    browser: &Browser,
    known: &mut Vec<PathBuf>,
    texts: &BTreeMap<String, String>,
) -> String {
    browser.click("#zip-passphrase-option summary").await;
    browser.fill("#zip-passphrase", "a slip").await;
    assert!(!browser.find("#save-zip").await.is_enabled().await.unwrap());
    browser.click("#suggest-passphrase").await;
    browser.find("#save-zip:enabled").await;
    assert_eq!(browser.text("#save-zip").await, "Download encrypted ZIP");
    let [passphrase, again] = ["zip-passphrase", "zip-passphrase-again"]
        .map(|id| format!("return document.getElementById('{id}').value"));
    let again = browser.run(&again).await;
    let passphrase = browser.run(&passphrase).await.as_str().unwrap().to_owned();
    assert_eq!(again, json!(passphrase));
    assert_ne!(passphrase, "a slip");
    browser.picture("many-passphrase", 1280, false).await;
    browser.click("#save-zip").await;
    let path = browser.new_download(known).await;
    let opened = by_python("zip", &path, Some(&passphrase)).unwrap();
    assert_eq!(&self::texts(&opened), texts);
    for (name, text) in texts {
        assert_eq!(by_bsdtar(&path, name, &passphrase).as_ref(), Ok(text));
    }
    assert!(by_python("zip", &path, Some("a slip")).is_err());
    let bytes = fs::read(&path).unwrap();
    // Only the names stay readable.
    assert!(contains(&bytes, texts.keys().next().unwrap()));
    assert!(!contains(&bytes, "subject-credentials"));
    passphrase
}

/// The account's row in the table of failures.
async fn failure(browser: &Browser, account: &str) -> String {
    let script = format!(
        "return [...document.querySelectorAll('#many-failed tbody tr')]
            .map((row) => row.innerText).filter((text) => text.includes('{account}')).join()"
    );
    let text = browser.run(&script).await.as_str().unwrap().to_owned();
    assert!(!text.is_empty(), "{account} didn't fail");
    text
}

/// Makes `fetch` lose the first verification, and hold back uploads from the fifth on until `letGo` is
/// called; `held` is set while one is held back.
const LOSES_A_PROOF: &str = "const real = window.fetch; let deaf = true, uploads = 0;
    const gate = new Promise((resolve) => { window.letGo = resolve; });
    window.fetch = async (...call) => {
        const url = call[0].url ?? call[0];
        if (deaf && url.includes('/Exchange')) { deaf = false; throw new TypeError('lost'); }
        if (url.includes('AuthPublicKeyService/Create') && ++uploads > 4) {
            window.held = true;
            await gate;
        }
        return real(...call);
    };";

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_reported_and_retried_without_a_second_key_for_any_account() {
    let mut gateway = Gateway::start();
    let accounts = accounts(&gateway, 5);
    let folder = tempfile::tempdir().unwrap();
    let browser = all_chosen(&gateway, 6).await;
    // One chosen account is deleted meanwhile. Work is in the order of the IDs: it's the first or second.
    let (gone, there) = {
        let mut sorted = accounts.clone();
        sorted.sort();
        let gone = sorted
            .iter()
            .find(|id| **id != accounts[0])
            .unwrap()
            .clone();
        sorted.retain(|id| *id != gone);
        (gone, sorted)
    };
    made::call(
        &gateway,
        "ServiceAccountService/Delete",
        &json!({ "id": gone }),
    );
    browser.run(LOSES_A_PROOF).await;
    browser.click("#create").await;

    // The gateway stops after two keys are created and before the last two are uploaded.
    browser
        .run_until_done("const look = () => window.held ? done() : setTimeout(look, 20); look();")
        .await;
    gateway.kill();
    browser.run("window.letGo()").await;
    let status = wait_for_end(&browser).await;
    assert_eq!(status, "2 of 6 created, 4 failed.");
    browser.picture("many-failed", 1280, false).await;
    browser.picture("many-failed-narrow", 400, false).await;
    let row = failure(&browser, &gone).await;
    assert!(row.contains("NOT_FOUND"), "{row}");
    assert!(row.contains("isn't uploaded"), "{row}");
    let row = failure(&browser, there.last().unwrap()).await;
    assert!(row.contains("didn't answer"), "{row}");
    assert!(
        row.contains("The key pair is generated and kept; it isn't uploaded"),
        "{row}"
    );
    let row = failure(&browser, &there[0]).await;
    assert!(row.contains("not verified"), "{row}");
    assert!(browser.asks_before_leaving().await);

    // Once it's back, only the missing keys are created.
    gateway.start_again();
    assert_eq!(browser.text("#go-on-many").await, "Retry the other 4");
    browser.click("#go-on-many").await;
    browser
        .wait_for_text("#many-status", "5 of 6 created")
        .await;
    wait_for_end(&browser).await;
    let row = failure(&browser, &gone).await;
    assert!(row.contains("NOT_FOUND"), "{row}");
    for account in &there {
        assert_eq!(keys(&gateway, account).len(), 1, "{account}");
    }
    let table = browser.text("#many-made-table").await;
    for account in &there {
        assert!(table.contains(&keys(&gateway, account)[0]), "{table}");
    }
    // Another retry: no account gets a second key.
    browser.click("#go-on-many").await;
    let status = wait_for_end(&browser).await;
    assert_eq!(status, "5 of 6 created, 1 failed.");

    let texts = save_zip(&browser, &mut Vec::new()).await;
    let files = all_work(&gateway, &texts, &there, folder.path());
    let log = browser.close().await;
    let sent = netlog::sent(&log);
    for files in &files {
        outcome::the_private_key_is_nowhere(&gateway, &sent, &log, files);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zip_that_lacks_an_uploaded_key_does_not_count_as_saved() {
    let gateway = Gateway::start();
    accounts(&gateway, 1);
    let browser = all_chosen(&gateway, 2).await;
    browser.run(LOSES_A_PROOF).await;
    // The page also asks while the first one is in progress.
    gateway.pause(true);
    browser.click("#create").await;
    browser.wait_for_text("#many-now", "uploading").await;
    assert!(browser.asks_before_leaving().await);
    gateway.pause(false);
    let status = wait_for_end(&browser).await;
    assert_eq!(status, "1 of 2 created, 1 failed.");
    let mut known = Vec::new();
    assert_eq!(save_zip(&browser, &mut known).await.len(), 1);
    browser.find("#zip-status:empty").await;
    assert!(browser.asks_before_leaving().await);
    browser.click("#go-on-many").await;
    browser
        .wait_for_text("#many-status", "2 of 2 created")
        .await;
    wait_for_end(&browser).await;
    assert_eq!(save_zip(&browser, &mut known).await.len(), 2);
    browser.find("#zip-status:empty").await;
    assert!(!browser.asks_before_leaving().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_zip_is_saved_into_a_chosen_folder() {
    let gateway = Gateway::start();
    let accounts = accounts(&gateway, 1);
    let browser = page::connected_as(&gateway, Options::own_process().before_page(PICKER)).await;
    choose_all(&browser, 2).await;
    browser.click("#create").await;
    browser
        .wait_for_text("#many-status", "2 of 2 created")
        .await;
    wait_for_end(&browser).await;
    browser.click("#choose-folder").await;
    browser
        .wait_for_text("#destination", "saved into the folder keys of the flow")
        .await;
    assert!(browser.asks_before_leaving().await);
    browser.run("window.refuses = true").await;
    browser.click("#save-zip").await;
    browser
        .wait_for_text("#page .problem", "couldn't be written into the folder")
        .await;
    assert!(browser.asks_before_leaving().await, "it was not saved");
    browser.run("window.refuses = false").await;
    browser.click("#save-zip").await;
    let status = browser
        .wait_for_text("#zip-status", " in the folder keys of the flow.")
        .await;
    let is_zip = |name: &str| name.starts_with("credentials-") && name.ends_with(".zip");
    let (name, bytes) = folder::wait_for_file(&browser, is_zip).await;
    assert!(
        status.starts_with(&format!("Saved {name}")),
        "{name}: {status}"
    );
    assert!(!browser.asks_before_leaving().await);
    assert_eq!(folder::in_folder(&browser).await.len(), 1);
    browser.picture("many-folder", 1280, false).await;

    let here = tempfile::tempdir().unwrap();
    let path = here.path().join(name);
    fs::write(&path, bytes).unwrap();
    let texts = texts(&by_python("zip", &path, None).unwrap());
    let files = all_work(&gateway, &texts, &accounts, here.path());
    folder::remove(&browser).await;
    let log = browser.close().await;
    let sent = netlog::sent(&log);
    for files in &files {
        outcome::the_private_key_is_nowhere(&gateway, &sent, &log, files);
    }
}
