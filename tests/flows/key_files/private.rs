//! Private keys on this screen never leave the browser, and *Forget file* removes them.

use keyside_e2e::{
    browser::{Browser, Options},
    gateway::{ADMIN_TOKEN, Gateway},
    memory::{webassembly_memory, workers},
    needles::Needles,
    netlog,
    outcome::{self, Files},
    page,
    waiting::Waiting,
};

use serde_json::json;

use super::{Way, bring, credentials, forms::Pair, shown_public};

const PASSPHRASE: &str = "a passphrase of 7 words, never sent";

#[tokio::test(flavor = "multi_thread")]
async fn a_private_key_of_any_kind_stays_in_the_browser_and_can_be_forgotten() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let pair = Pair::make();
    // Files can be read without signing in.
    let browser = Browser::start(Options::own_process()).await;
    browser.open(&format!("{}#/inspect", gateway.url())).await;
    browser.find("#key-file").await;
    let private = Needles::private(&pair.private);
    for (name, file) in pair.privates() {
        for way in [Way::Dropped, Way::Chosen, Way::Pasted] {
            if matches!(way, Way::Pasted) && str::from_utf8(&file).is_err() {
                continue;
            }
            let report = bring(&browser, name, &file, way).await;
            assert!(report.contains("The file wasn't sent."), "{name}: {report}");
            assert!(report.contains("Its public key"), "{name}: {report}");
            assert_eq!(shown_public(&browser).await, pair.public, "{name}, {way:?}");
        }
    }
    // Undo doesn't bring the pasted text back.
    browser.click("#pasted").await;
    let undone = "document.execCommand('undo'); return document.getElementById('pasted').value";
    assert_eq!(browser.run(undone).await, json!(""));
    for (message, file) in pair.unread_privates() {
        let report = bring(&browser, "unread", &file, Way::Dropped).await;
        assert!(
            report.contains("The file wasn't sent."),
            "{message}: {report}"
        );
        assert!(report.contains(message), "{message}: {report}");
        assert!(!browser.has("#public-half").await && !browser.has("#lookup").await);
    }
    browser.picture("file-unread-private", 1280, false).await;
    for way in [&["-v2", "aes-256-cbc"][..], &["-scrypt"]] {
        let locked = pair.locked(way, PASSPHRASE);
        let report = bring(&browser, "locked.pem", &locked, Way::Dropped).await;
        assert!(report.contains("The file wasn't sent."), "{report}");
        assert!(!browser.has("#public-half").await);
        browser.fill("#open-passphrase", PASSPHRASE).await;
        browser.click("#open-file").await;
        assert_eq!(shown_public(&browser).await, pair.public, "{way:?}");
        assert!(
            browser
                .text("#told")
                .await
                .contains("The file wasn't sent.")
        );
    }

    // A file that is still being decrypted is forgotten too, without a message about other work.
    let slow = ["-v2", "aes-256-cbc", "-iter", "3000000"];
    let locked = pair.locked(&slow, PASSPHRASE);
    bring(&browser, "slow.pem", &locked, Way::Dropped).await;
    browser.fill("#open-passphrase", PASSPHRASE).await;
    browser.click("#open-file").await;
    browser.wait_for_text("#reading", "Reading…").await;
    browser.click("#forget-file").await;
    browser.wait_gone("#report").await;
    assert_eq!(browser.text("#reading").await, "");
    assert!(!browser.has("#page .problem").await);

    // A valid file isn't reported as fine before its key was looked up.
    let file = credentials(&pair.private, "publickey-e00unknown", &account).to_string();
    bring(&browser, "unknown.json", file.as_bytes(), Way::Dropped).await;
    let verdict = browser.text("#verdict").await;
    assert!(verdict.contains("Sign in to see"), "{verdict}");

    // Matching starts after sign-in, without asking for anything again.
    let hint = browser.text("#lookup").await;
    assert!(hint.contains("Sign in to look for it"), "{hint}");
    browser.fill("#token", ADMIN_TOKEN).await;
    browser.click("#connect-button").await;
    browser
        .wait_for_text("#lookup-result", "No match: none of the 0 keys")
        .await;
    browser
        .wait_for_text("#findings", "No key has this kid")
        .await;
    // The credentials file names the account for the new key.
    browser.click("#bring").await;
    browser.find(&format!("#choose-{account}:checked")).await;
    let key_id = page::upload(&browser).await;
    let file = credentials(&pair.private, &key_id, &account).to_string();
    bring(&browser, "credentials.json", file.as_bytes(), Way::Pasted).await;
    browser.click("#prove-file").await;
    browser
        .wait_for_text("#proof", "the API accepts the key")
        .await;
    assert!(browser.text("#proof").await.contains(&key_id));

    let memory = webassembly_memory(&browser).await;
    let public = Needles::public(&pair.public);
    assert!(
        !public.in_bytes(&memory).is_empty(),
        "the public key is in the {} bytes, so the search can find",
        memory.len()
    );
    // The page's own memory never held it.
    assert_eq!(private.in_bytes(&memory), Vec::<&str>::new());
    assert_eq!(workers(&browser).await, 1, "the keeper alone");
    browser.click("#forget-file").await;
    browser.wait_gone("#report").await;
    for gone in ["#lookup", "#accounts", "#upload-step"] {
        assert!(!browser.has(gone).await, "{gone}");
    }
    no_worker_is_left(&browser).await;
    let memory = webassembly_memory(&browser).await;
    assert_eq!(private.in_bytes(&memory), Vec::<&str>::new());
    for (path, content) in browser.profile_files() {
        // The network log is searched below, once it's complete.
        let found = private.in_bytes(&content);
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
    // The screen still works, with a new worker.
    bring(&browser, "again.pem", pair.public.as_bytes(), Way::Dropped).await;
    browser.wait_for_text("#match-key", &key_id).await;
    let console = browser.console().await;
    // The browser logs the call that was refused: the one with the unknown kid.
    let is_noted =
        |line: &String| line.contains("AuthPublicKeyService/Get") && line.contains("404");
    assert!(console.iter().all(is_noted), "{console:?}");

    let log = browser.close().await;
    let sent = netlog::sent(&log);
    let files = Files {
        private_pem: pair.private.clone().into(),
        public_pem: pair.public.clone().into(),
        credentials: file.into(),
        credentials_path: "credentials.json".into(),
    };
    outcome::the_private_key_is_nowhere(&gateway, &sent, &log, &files);
    let output = gateway.output();
    for place in [&log, &sent.concat(), &output] {
        assert!(!String::from_utf8_lossy(place).contains(PASSPHRASE));
    }
}

/// Waits, because the debugger learns of a worker's end a little later.
async fn no_worker_is_left(browser: &Browser) {
    let mut waiting = Waiting::begin();
    while workers(browser).await > 0 {
        waiting.again(|| "a worker stays".to_owned()).await;
    }
}
