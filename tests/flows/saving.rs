//! The files of the main job under a passphrase, and straight into a folder.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use keyside_e2e::{
    browser::Browser,
    folder::{self, PICKER, in_folder},
    gateway::Gateway,
    netlog,
    outcome::{self, Files},
    page, tools,
    waiting::Waiting,
};
use serde_json::json;

/// Connected to the gateway; the first account's key is uploaded, and nothing is saved.
async fn uploaded(gateway: &Gateway, before_page: &'static str) -> Browser {
    let browser = page::connected_with(gateway, before_page).await;
    page::choose_first_account(&browser).await;
    page::generate(&browser).await;
    page::upload(&browser).await;
    browser
}

/// The private key without its passphrase, by openssl.
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
async fn an_encrypted_private_key_is_opened_by_openssl_with_its_passphrase_alone() {
    const PASSPHRASE: &str = "for a copy: ä \"鍵\"";
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    // A browser that has no folders to offer.
    let browser = uploaded(&gateway, "delete window.showDirectoryPicker").await;
    browser.find("#download-step").await;
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

    // As they are without.
    for id in ["#passphrase", "#passphrase-again"] {
        // As a person empties it: one letter after the other.
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

    page::verify(&browser).await;
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

/// Waits until the page tells what became of this file; gives what is in the folder then.
async fn wait_for_file(browser: &Browser, name: &str, told: &str) -> Vec<u8> {
    let told = format!("{name} {told}");
    browser.wait_for_text("#download-status", &told).await;
    let file = folder::wait_for_file(browser, |found| found == name).await;
    file.1
}

const SAVED: &str = "is in the folder keys of the flow.";
const KEPT: &str = "in the folder keys of the flow is as it was; nothing was saved.";

#[tokio::test(flavor = "multi_thread")]
async fn files_go_into_a_chosen_folder_as_the_downloads_give_them_and_replace_nothing_unasked() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let credentials = format!("{account}-credentials.json");
    let browser = uploaded(&gateway, PICKER).await;

    // None is chosen.
    browser.run("window.chooses = false").await;
    browser.click("#choose-folder").await;
    browser
        .run_until_done(
            "const look = () => window.asked.length ? setTimeout(done) : setTimeout(look); look();",
        )
        .await;
    assert!(browser.has("#choose-folder").await);
    assert!(!browser.has("#download-step .problem").await);
    browser.run("window.chooses = true").await;
    browser.click("#choose-folder").await;
    browser
        .wait_for_text("#destination", "straight into the folder keys of the flow")
        .await;
    assert_eq!(
        browser.run("return window.asked").await,
        json!([{ "mode": "readwrite" }, { "mode": "readwrite" }])
    );
    browser.picture("folder", 1280, false).await;

    assert!(browser.asks_before_leaving().await);
    browser.click("#download-public").await;
    let public_pem = wait_for_file(&browser, "public.pem", SAVED).await;
    assert!(browser.asks_before_leaving().await, "that one is no secret");
    browser.click("#download-private").await;
    let private_pem = wait_for_file(&browser, "private.pem", SAVED).await;
    assert!(!browser.asks_before_leaving().await);
    browser.click("#download-credentials").await;
    let json = wait_for_file(&browser, &credentials, SAVED).await;
    assert_eq!(in_folder(&browser).await.len(), 3);

    browser.click("#to-downloads").await;
    browser.find("#download-status:empty").await;
    let files = page::download(&browser, &account).await;
    assert_eq!(files.private_pem, private_pem);
    assert_eq!(files.public_pem, public_pem);
    assert_eq!(files.credentials, json);
    assert!(tools::sdk_lists_keys(&gateway.address(), &files.credentials_path, &account).is_ok());

    page::verify(&browser).await;

    // Another pair: the file of the first is replaced after a yes.
    browser.click("#generate-again").await;
    browser.find("#upload").await;
    browser.click("#choose-folder").await;
    browser.find("#download-status:empty").await;
    browser.click("#download-private").await;
    let question = question(&browser).await;
    assert!(
        question.contains("private.pem") && question.contains("keys of the flow"),
        "{question}"
    );
    browser.client.dismiss_alert().await.unwrap();
    assert_eq!(
        wait_for_file(&browser, "private.pem", KEPT).await,
        private_pem
    );
    assert!(browser.asks_before_leaving().await, "it was not saved");
    browser.click("#download-private").await;
    self::question(&browser).await;
    browser.client.accept_alert().await.unwrap();
    let second = wait_for_file(&browser, "private.pem", SAVED).await;
    assert_ne!(second, private_pem);
    tools::openssl(&["rsa", "-check", "-noout"], &second);
    assert!(!browser.asks_before_leaving().await);

    folder::remove(&browser).await;
    let log = browser.close().await;
    let sent = netlog::sent(&log);
    outcome::the_private_key_is_nowhere(&gateway, &sent, &log, &files);
}

/// The browser's own question, once it is asked.
async fn question(browser: &Browser) -> String {
    for _ in 0..200 {
        if let Ok(text) = browser.client.get_alert_text().await {
            return text;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_takes_no_file_is_told_and_the_key_is_kept() {
    let gateway = Gateway::start();
    let browser = uploaded(&gateway, PICKER).await;
    browser.click("#choose-folder").await;
    browser.find("#to-downloads").await;
    browser.run("window.refuses = true").await;
    browser.click("#download-private").await;
    let problem = browser.text("#download-step .problem").await;
    assert!(
        problem.contains("could not be written into the folder"),
        "{problem}"
    );
    assert!(problem.contains("The key is still here"), "{problem}");
    browser.picture("folder-refuses", 1280, false).await;
    assert!(browser.asks_before_leaving().await);
    // No empty file that looks like a key, and that would be asked for at the next try.
    assert_eq!(in_folder(&browser).await, []);
    browser.run("window.refuses = false").await;
    browser.click("#download-private").await;
    browser.wait_gone("#download-step .problem").await;
    let private_pem = wait_for_file(&browser, "private.pem", SAVED).await;
    tools::openssl(&["rsa", "-check", "-noout"], &private_pem);
    assert!(!browser.asks_before_leaving().await);
    // A file that was there is whole after a refusal.
    browser.run("window.refuses = true").await;
    browser.click("#download-private").await;
    question(&browser).await;
    browser.client.accept_alert().await.unwrap();
    browser.find("#download-step .problem").await;
    browser.find("#download-status:empty").await;
    let (_, there) = folder::wait_for_file(&browser, |name| name == "private.pem").await;
    assert_eq!(there, private_pem);
    folder::remove(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_comes_late_does_not_speak_for_another_pair_or_place() {
    let gateway = Gateway::start();
    let browser = uploaded(&gateway, PICKER).await;
    browser.click("#choose-folder").await;
    browser.find("#to-downloads").await;
    folder::hold_back(&browser).await;
    browser.click("#download-private").await;
    browser
        .wait_for_text("#download-status", "Making the file")
        .await;
    for file in ["private", "public", "credentials"] {
        browser.find(&format!("#download-{file}:disabled")).await;
    }
    browser.click("#generate-again").await;
    question(&browser).await;
    browser.client.accept_alert().await.unwrap();
    browser.find("#upload").await;
    folder::let_go(&browser).await;
    let (_, first) = folder::wait_for_file(&browser, |name| name == "private.pem").await;
    browser.find("#download-private:enabled").await;
    assert!(browser.asks_before_leaving().await, "it is another pair's");
    assert_eq!(browser.text("#download-status").await, "");

    // The same pair's counts, wherever the next file is to go.
    folder::hold_back(&browser).await;
    browser.click("#download-private").await;
    question(&browser).await;
    browser.client.accept_alert().await.unwrap();
    browser
        .wait_for_text("#download-status", "Making the file")
        .await;
    browser.click("#to-downloads").await;
    browser.find("#download-status:empty").await;
    browser.find("#download-private:enabled").await;
    folder::let_go(&browser).await;
    let second = wait_for_file(&browser, "private.pem", SAVED).await;
    assert!(!browser.asks_before_leaving().await);
    for pem in [&first, &second] {
        tools::openssl(&["rsa", "-check", "-noout"], pem);
    }
    assert_ne!(first, second);
    folder::remove(&browser).await;
}

/// A minute lasts two seconds, and `window.addresses` has for each blob's address when it was made and when
/// it was revoked.
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
    let browser = uploaded(&gateway, SHORT_MINUTES).await;
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
