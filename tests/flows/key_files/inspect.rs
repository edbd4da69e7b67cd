//! Faults of credentials files, in the file or in its key at the API, verified with the official SDK:
//! it reads the same files and the repaired ones.

use std::{collections::BTreeSet, fs, path::PathBuf};

use keyside_e2e::{
    accessible::{Rules, assert_accessible, assert_fits},
    browser::Browser,
    folder::{self, PICKER},
    gateway::Gateway,
    page, tools,
};
use serde_json::{Value, json};

use super::{Way, bring, credentials, faults::cases, forms::Pair, sdk_lists, show};

const REFUSED: &str = "The official SDKs and the CLI reject this file.";

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_in_a_credentials_file_is_found_and_repaired_files_work() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let browser = page::connected_with(&gateway, PICKER).await;
    let (pair, key_id, cases) = cases(&gateway, &browser, &account).await;
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = (0..cases.len())
        .map(|at| folder.path().join(format!("{at}.json")))
        .collect();
    for (path, case) in files.iter().zip(&cases) {
        fs::write(path, &case.file).unwrap();
    }
    let answers = tools::sdk_reads(&files);
    show(&browser).await;
    let mut repaired = BTreeSet::new();
    for (case, sdk) in cases.iter().zip(answers) {
        bring(&browser, case.name, &case.file, Way::Dropped).await;
        for finding in &case.findings {
            browser.wait_for_text("#findings", finding).await;
        }
        let items = "return document.querySelectorAll('#findings li').length";
        assert_eq!(
            browser.run(items).await,
            json!(case.findings.len()),
            "{}: {}",
            case.name,
            browser.text("#findings").await
        );
        let verdict = browser.text("#verdict").await;
        assert_eq!(
            verdict == REFUSED,
            sdk.is_some(),
            "{}: {verdict} {sdk:?}",
            case.name
        );
        let offered = browser.has("#save-repaired").await;
        assert_eq!(offered, case.repaired, "{}", case.name);
        if offered {
            let name = page::credentials_name(&account, &key_id);
            let file = save_repaired(&browser, &name).await;
            assert_eq!(repaired_into_folder(&browser, &name).await, file);
            // It equals the pair's own credentials file, with the key as openssl writes it.
            let value: Value = serde_json::from_slice(&file).unwrap();
            assert_eq!(value, credentials(&pair.private, &key_id, &account));
            repaired.insert(file);
        } else if sdk.is_none() {
            // The file is valid, but its key can't be used.
            browser.click("#prove-file").await;
            let refused = page::problem(&browser, "#proof").await;
            assert!(refused.contains("UNAUTHENTICATED"), "{refused}");
            // The admin's token isn't used for this.
            assert!(!refused.contains("Sign in again"), "{refused}");
        }
    }
    browser.picture("file-wrong", 1280, false).await;
    assert_accessible(
        &browser,
        "a credentials file that opens nothing",
        Rules::All,
    )
    .await;
    assert_fits(&browser, "a credentials file that opens nothing").await;
    repaired.insert(an_encrypted_key_is_decrypted(&browser, &pair, &key_id, &account).await);
    // They are identical, byte for byte.
    assert_eq!(repaired.len(), 1);
    for file in repaired {
        let listed = sdk_lists(&gateway, &file, &account);
        assert!(listed.unwrap().contains(&key_id));
    }

    let good = credentials(&pair.private, &key_id, &account).to_string();
    bring(&browser, "good.json", good.as_bytes(), Way::Dropped).await;
    browser
        .wait_for_text("#verdict", "This file is valid, and its key is active.")
        .await;
    assert!(!browser.has("#findings").await && !browser.has("#save-repaired").await);
    browser.wait_for_text("#match-key", &key_id).await;
    browser.click("#prove-file").await;
    browser
        .wait_for_text("#proof", "the API accepts the key")
        .await;
    browser.picture("file-good", 1280, false).await;
}

/// Downloads the repaired file.
async fn save_repaired(browser: &Browser, name: &str) -> Vec<u8> {
    browser.click("#save-repaired").await;
    let file = browser.download(name).await;
    fs::remove_file(browser.download_path(name)).unwrap();
    file
}

async fn repaired_into_folder(browser: &Browser, name: &str) -> Vec<u8> {
    browser.click("#choose-folder").await;
    browser.find("#to-downloads").await;
    browser.click("#save-repaired").await;
    let message = format!("Saved {name} in the folder keys of the flow.");
    browser.wait_for_text("#file-status", &message).await;
    let (_, file) = folder::wait_for_file(browser, |found| found == name).await;
    folder::remove(browser).await;
    browser.click("#to-downloads").await;
    file
}

/// A credentials file with an encrypted private key: no tool asks for the passphrase, so the repaired
/// file has none. Returns that file.
async fn an_encrypted_key_is_decrypted(
    browser: &Browser,
    pair: &Pair,
    key_id: &str,
    account: &str,
) -> Vec<u8> {
    let locked = pair.locked(&["-v2", "aes-256-cbc"], "of the file");
    let locked = String::from_utf8(locked).unwrap();
    let file = credentials(&locked, key_id, account).to_string();
    bring(browser, "locked.json", file.as_bytes(), Way::Dropped).await;
    browser
        .wait_for_text("#findings", "Enter the passphrase here")
        .await;
    assert_eq!(browser.text("#verdict").await, REFUSED);
    assert!(!browser.has("#save-repaired").await);
    browser.fill("#open-passphrase", "not of the file").await;
    browser.click("#open-file").await;
    browser
        .wait_for_text("#report .problem", "doesn't open this file")
        .await;
    assert_accessible(browser, "a file under a passphrase", Rules::All).await;
    browser.fill("#open-passphrase", "of the file").await;
    browser.click("#open-file").await;
    browser
        .wait_for_text("#findings", "Your passphrase opened it here")
        .await;
    save_repaired(browser, &page::credentials_name(account, key_id)).await
}
