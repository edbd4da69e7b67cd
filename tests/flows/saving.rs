//! Saving the files of a new key with a passphrase, and directly into a folder.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use keyside_e2e::{
    browser::{Browser, Options},
    folder::{self, PICKER, in_folder},
    gateway::Gateway,
    netlog,
    outcome::{self, Files},
    page, tools,
    waiting::Waiting,
};
use serde_json::json;

/// Signs in at the gateway and creates a key for the first account without saving it. Also returns the
/// key's ID.
async fn created(gateway: &Gateway, options: Options) -> (Browser, String) {
    let browser = page::connected_as(gateway, options).await;
    page::choose_first_account(&browser).await;
    let key_id = page::create(&browser).await;
    page::verified(&browser).await;
    page::unfold(&browser, "#more-formats").await;
    (browser, key_id)
}

/// Decrypts the private key with openssl.
fn opened(file: &Path, passphrase: &str) -> Result<Vec<u8>, String> {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("passphrase");
    std::fs::write(&secret, passphrase).unwrap();
    let output = Command::new("openssl")
        .arg("pkey")
        .arg("-passin")
        .arg(format!("file:{}", secret.display()))
        .arg("-in")
        .arg(file)
        .output()
        .unwrap();
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_opens_an_encrypted_private_key_only_with_its_passphrase() {
    const PASSPHRASE: &str = "for a copy: ä \"鍵\"";
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    // A browser that can't save into folders.
    let (browser, _) = created(
        &gateway,
        Options::own_process().before_page("delete window.showDirectoryPicker"),
    )
    .await;
    browser.find("#download-private").await;
    assert!(!browser.has("#destination").await);

    browser.click("#passphrase-option summary").await;
    browser.fill("#passphrase", PASSPHRASE).await;
    let private = browser.find("#download-private").await;
    assert!(!private.is_enabled().await.unwrap(), "typed once only");
    browser
        .fill("#passphrase-again", "for a copy: a slip")
        .await;
    browser
        .wait_for_text("#passphrase-hint", "The two passphrases differ")
        .await;
    assert!(!private.is_enabled().await.unwrap());
    browser.fill("#passphrase-again", PASSPHRASE).await;
    browser
        .wait_for_text("#download-private", "private.pem, encrypted")
        .await;
    browser.picture("passphrase", 1280, false).await;
    assert!(browser.asks_before_leaving().await);
    let mut known = Vec::new();
    browser.click("#download-private").await;
    let encrypted = browser.new_download(&mut known).await;
    assert!(!browser.asks_before_leaving().await);
    browser.click("#download-credentials").await;
    let credentials = browser.new_download(&mut known).await;

    // Downloads the files again without a passphrase.
    for id in ["#passphrase", "#passphrase-again"] {
        // Clears the field letter by letter, as a person does.
        let field = browser.find(id).await;
        let keys = "\u{e003}".repeat(PASSPHRASE.chars().count());
        field.send_keys(&keys).await.unwrap();
    }
    browser.wait_gone("#download-private:disabled").await;
    assert_eq!(browser.text("#download-private").await, "private.pem");
    browser.click("#download-private").await;
    let plain = std::fs::read(browser.new_download(&mut known).await).unwrap();
    browser.click("#download-credentials").await;
    let same: PathBuf = browser.new_download(&mut known).await;
    assert_eq!(
        std::fs::read(&credentials).unwrap(),
        std::fs::read(same).unwrap()
    );

    assert_eq!(opened(&encrypted, PASSPHRASE).unwrap(), plain);
    assert!(opened(&encrypted, "for a copy: a slip").is_err());
    assert!(opened(&encrypted, "").is_err());
    let bytes = std::fs::read(&encrypted).unwrap();
    let parsed = tools::openssl(&["asn1parse"], &bytes);
    let parsed = String::from_utf8(parsed).unwrap();
    for part in ["PBES2", "PBKDF2", "hmacWithSHA256", "aes-256-cbc"] {
        assert!(parsed.contains(part), "{part} is not in {parsed}");
    }
    // 600,000 rounds, in hex.
    assert!(parsed.contains("INTEGER           :0927C0"), "{parsed}");

    let files = Files::of_credentials(&credentials);
    assert_eq!(files.private_pem, plain);
    assert!(tools::sdk_lists_keys(&gateway.address(), &credentials, &account).is_ok());
    let log = browser.close().await;
    let sent = netlog::sent(&log);
    outcome::the_private_key_is_nowhere(&gateway, &sent, &log, &files);
    for place in [&log, &gateway.output(), &sent.concat()] {
        let text = String::from_utf8_lossy(place);
        assert!(!text.contains("for a copy") && !text.contains("鍵"));
        // Control: the same search finds what was sent.
        assert!(text.contains("AuthPublicKeyService/Create"));
    }
}

/// Waits until the page reports that this file was saved into the folder; returns its content.
async fn wait_for_file(browser: &Browser, name: &str) -> Vec<u8> {
    wait_for_status(
        browser,
        &format!("Saved {name} in the folder keys of the flow."),
    )
    .await;
    let file = folder::wait_for_file(browser, |found| found == name).await;
    file.1
}

async fn wait_for_status(browser: &Browser, status: &str) {
    browser.wait_for_text("#download-status", status).await;
}

/// Clicks a button of the page's dialog.
async fn answer(browser: &Browser, button: &str) {
    browser.find("#confirm-dialog:modal").await;
    browser.click(button).await;
    browser.wait_gone("#confirm-dialog").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_saved_into_a_folder_equal_the_downloads_and_replace_nothing_unasked() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let (browser, key_id) = created(&gateway, Options::own_process().before_page(PICKER)).await;
    let credentials = page::credentials_name(&account, &key_id);

    // No folder is chosen.
    browser.run("window.chooses = false").await;
    browser.click("#choose-folder").await;
    browser
        .run_until_done(
            "const look = () => window.asked.length ? setTimeout(done) : setTimeout(look); look();",
        )
        .await;
    assert!(browser.has("#choose-folder").await);
    assert!(!browser.has("#result .problem").await);
    browser.run("window.chooses = true").await;
    browser.click("#choose-folder").await;
    browser
        .wait_for_text("#destination", "saved into the folder keys of the flow")
        .await;
    assert_eq!(
        browser.run("return window.asked").await,
        json!([{ "mode": "readwrite" }, { "mode": "readwrite" }])
    );
    browser.picture("folder", 1280, false).await;

    assert!(browser.asks_before_leaving().await);
    browser.click("#download-public").await;
    let public_pem = wait_for_file(&browser, "public.pem").await;
    assert!(browser.asks_before_leaving().await, "that one is no secret");
    browser.click("#download-private").await;
    let private_pem = wait_for_file(&browser, "private.pem").await;
    assert!(!browser.asks_before_leaving().await);
    browser.click("#download-credentials").await;
    let json = wait_for_file(&browser, &credentials).await;
    assert_eq!(in_folder(&browser).await.len(), 3);

    browser.click("#to-downloads").await;
    browser.find("#download-status:empty").await;
    let files = page::download(&browser, &account, &key_id).await;
    assert_eq!(files.private_pem, private_pem);
    assert_eq!(files.public_pem, public_pem);
    assert_eq!(files.credentials, json);
    assert!(tools::sdk_lists_keys(&gateway.address(), &files.credentials_path, &account).is_ok());

    // Another key: the first key's file is replaced only after a confirmation.
    browser.click("#create-another").await;
    page::create(&browser).await;
    page::verified(&browser).await;
    page::unfold(&browser, "#more-formats").await;
    browser.click("#choose-folder").await;
    browser.find("#download-status:empty").await;
    browser.click("#download-private").await;
    let question = browser.text("#confirm-dialog").await;
    assert!(
        question.contains("Replace private.pem?") && question.contains("keys of the flow"),
        "{question}"
    );
    browser.picture("folder-replace", 1280, false).await;
    answer(&browser, "#cancel").await;
    wait_for_status(
        &browser,
        "Kept the existing private.pem in the folder keys of the flow. Nothing was saved.",
    )
    .await;
    let (_, kept) = folder::wait_for_file(&browser, |name| name == "private.pem").await;
    assert_eq!(kept, private_pem);
    assert!(browser.asks_before_leaving().await, "it was not saved");
    browser.click("#download-private").await;
    answer(&browser, "#confirm").await;
    let second = wait_for_file(&browser, "private.pem").await;
    assert_ne!(second, private_pem);
    tools::openssl(&["rsa", "-check", "-noout"], &second);
    assert!(!browser.asks_before_leaving().await);

    folder::remove(&browser).await;
    let log = browser.close().await;
    let sent = netlog::sent(&log);
    outcome::the_private_key_is_nowhere(&gateway, &sent, &log, &files);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_refuses_a_file_is_reported_and_the_key_is_kept() {
    let gateway = Gateway::start();
    let (browser, _) = created(&gateway, Options::default().before_page(PICKER)).await;
    browser.click("#choose-folder").await;
    browser.find("#to-downloads").await;
    browser.run("window.refuses = true").await;
    browser.click("#download-private").await;
    let problem = browser.text("#result .problem").await;
    assert!(
        problem.contains("couldn't be written into the folder"),
        "{problem}"
    );
    assert!(problem.contains("The key is still here"), "{problem}");
    browser.picture("folder-refuses", 1280, false).await;
    assert!(browser.asks_before_leaving().await);
    // No empty file is left that looks like a key and would need a confirmation at the next attempt.
    assert_eq!(in_folder(&browser).await, []);
    browser.run("window.refuses = false").await;
    browser.click("#download-private").await;
    browser.wait_gone("#result .problem").await;
    let private_pem = wait_for_file(&browser, "private.pem").await;
    tools::openssl(&["rsa", "-check", "-noout"], &private_pem);
    assert!(!browser.asks_before_leaving().await);
    // An existing file stays intact after a refused write.
    browser.run("window.refuses = true").await;
    browser.click("#download-private").await;
    answer(&browser, "#confirm").await;
    browser.find("#result .problem").await;
    browser.find("#download-status:empty").await;
    let (_, there) = folder::wait_for_file(&browser, |name| name == "private.pem").await;
    assert_eq!(there, private_pem);
    folder::remove(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_saved_late_does_not_count_for_another_pair_or_place() {
    let gateway = Gateway::start();
    let (browser, _) = created(&gateway, Options::default().before_page(PICKER)).await;
    browser.click("#choose-folder").await;
    browser.find("#to-downloads").await;
    folder::hold_back(&browser).await;
    browser.click("#download-private").await;
    browser
        .wait_for_text("#download-status", "Preparing the file")
        .await;
    for file in ["private", "public", "credentials"] {
        browser.find(&format!("#download-{file}:disabled")).await;
    }
    browser.click("#create-another").await;
    answer(&browser, "#confirm").await;
    page::create(&browser).await;
    page::verified(&browser).await;
    page::unfold(&browser, "#more-formats").await;
    folder::let_go(&browser).await;
    let (_, first) = folder::wait_for_file(&browser, |name| name == "private.pem").await;
    browser.find("#download-private:enabled").await;
    assert!(browser.asks_before_leaving().await, "it is another pair's");
    assert_eq!(browser.text("#download-status").await, "");

    // A file of the same pair counts, wherever the next one is to be saved.
    browser.click("#choose-folder").await;
    browser.find("#to-downloads").await;
    folder::hold_back(&browser).await;
    browser.click("#download-private").await;
    answer(&browser, "#confirm").await;
    browser
        .wait_for_text("#download-status", "Preparing the file")
        .await;
    browser.click("#to-downloads").await;
    browser.find("#download-status:empty").await;
    browser.find("#download-private:enabled").await;
    folder::let_go(&browser).await;
    browser
        .wait_for_text("#uploaded", "You saved the private key")
        .await;
    let second = wait_for_file(&browser, "private.pem").await;
    assert!(!browser.asks_before_leaving().await);
    for pem in [&first, &second] {
        tools::openssl(&["rsa", "-check", "-noout"], pem);
    }
    assert_ne!(first, second);
    folder::remove(&browser).await;
}

/// Shortens a minute to two seconds; `window.addresses` has the times when each blob's address was
/// created and revoked.
const SHORT_MINUTES: &str = "const timer = setTimeout;
    window.setTimeout = (then, ms, ...more) => timer(then, ms === 60000 ? 2000 : ms, ...more);
    window.addresses = {};
    const { createObjectURL, revokeObjectURL } = URL;
    URL.createObjectURL = (blob) => {
        const address = createObjectURL(blob);
        addresses[address] = { made: performance.now() };
        return address;
    };
    URL.revokeObjectURL = (address) => {
        if (addresses[address]) addresses[address].revoked ??= performance.now();
        revokeObjectURL(address);
    };";

#[tokio::test(flavor = "multi_thread")]
async fn each_download_has_its_own_minute() {
    let gateway = Gateway::start();
    let (browser, _) = created(&gateway, Options::default().before_page(SHORT_MINUTES)).await;
    browser.run("window.addresses = {};").await;
    browser.click("#download-private").await;
    browser.download("private.pem").await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    browser.click("#download-public").await;
    let lives = "const all = Object.values(addresses);
        return all.length === 2 && all.every((it) => it.revoked)
            ? all.map((it) => it.revoked - it.made) : [];";
    let mut waiting = Waiting::begin();
    let lives: Vec<f64> = loop {
        let now: Vec<f64> = serde_json::from_value(browser.run(lives).await).unwrap();
        if !now.is_empty() {
            break now;
        }
        waiting
            .again(|| "addresses are not revoked".to_owned())
            .await;
    };
    assert!(lives.iter().all(|ms| *ms >= 1990.0), "{lives:?} ms");
}
