//! A new key in the place of an old one: from end to end, and interrupted wherever it can be.

use std::{path::Path, process::Command};

use keyside_e2e::{
    browser::{Browser, Options},
    filled::filled_gateway,
    folder::{self, PICKER},
    gateway::{ADMIN_TOKEN, Gateway},
    made, netlog,
    outcome::{self, Files},
    page, tools,
};
use serde_json::{Value, json};

/// Of the old keys, in days.
const LIFE: i64 = 90;

/// The first service account's old key, which expires.
fn old_key(gateway: &Gateway) -> made::Key {
    let at = Command::new("date")
        .args(["--utc", "--date", &format!("{LIFE} days"), "+%FT%TZ"])
        .output()
        .unwrap();
    let at = String::from_utf8(at.stdout).unwrap();
    let account = gateway.printed("service account");
    made::Key::new(gateway, &account, "CI runner", Some(at.trim()))
}

fn state(gateway: &Gateway, key_id: &str) -> String {
    let key = made::told(gateway, key_id);
    key["status"]["state"].as_str().unwrap().to_owned()
}

/// By the official SDK, which gets a token for them first.
fn work(gateway: &Gateway, credentials: &Path) -> Result<Vec<String>, String> {
    let account = gateway.printed("service account");
    tools::sdk_lists_keys(&gateway.address(), credentials, &account)
}

/// The ids of the first service account's keys, as the API tells them.
fn keys(gateway: &Gateway) -> Vec<String> {
    page::keys_of(gateway, ADMIN_TOKEN, &gateway.printed("service account"))
}

/// Answers yes to the question whether a key is to be changed.
async fn confirm(browser: &Browser, button: &str) {
    browser.click(button).await;
    browser.click("#change-dialog #confirm").await;
    browser.wait_gone("#change-dialog").await;
}

/// Chooses the first service account's only key, on the screen.
async fn choose(browser: &Browser, old_id: &str) {
    page::choose_first_account(browser).await;
    browser.click("#old-keys li:first-child button").await;
    assert_eq!(browser.text("#old-key").await, old_id);
}

/// `end` is as far from now as the old key's end was from its beginning.
async fn lives_as_long_as(gateway: &Gateway, browser: &Browser, old_id: &str, end: &Value) {
    let old = made::told(gateway, old_id);
    let texts = [
        &old["metadata"]["createdAt"],
        &old["spec"]["expiresAt"],
        end,
    ];
    let script = "return [...arguments[0].map((text) => new Date(text).getTime()), Date.now()]";
    let times = browser.client.execute(script, vec![json!(texts)]).await;
    let [created, expires, end, now]: [f64; 4] = serde_json::from_value(times.unwrap()).unwrap();
    // The picker knows minutes, and was filled when the step came.
    let off = (end - now) - (expires - created);
    assert!(off.abs() < 180_000.0, "{off} ms off: {old}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_rotated_from_the_list_to_the_deletion_of_the_old_one() {
    let gateway = filled_gateway(2, 20);
    let account = gateway.printed("service account");
    let old = old_key(&gateway);
    let folder = tempfile::tempdir().unwrap();
    let old_credentials = folder.path().join("old.json");
    old.write_credentials(&old_credentials);
    let browser = page::connected(&gateway).await;

    // One that is years old, so that its life is told from its end.
    let aged = "publickey-e000000000000000002";
    page::go(&browser, "keys").await;
    browser.fill("#key-search", aged).await;
    browser
        .click(&format!("button[aria-label='Rotate {aged}']"))
        .await;
    assert_eq!(browser.text("#old-key").await, aged);
    browser.find("#key-expires").await;
    let picker = "return document.getElementById('key-expires').value";
    let end = browser.run(picker).await;
    lives_as_long_as(&gateway, &browser, aged, &end).await;
    let whole = browser.text("#whole-description").await;
    assert!(
        whole.contains("Replaces publickey-e000000000000000002: key 2 of machine-00000"),
        "{whole}"
    );
    browser.click("#leave-rotation").await;
    browser.find("#account-list").await;

    page::go(&browser, "keys").await;
    browser.fill("#key-search", &old.id).await;
    browser
        .click(&format!("button[aria-label='Rotate {}']", old.id))
        .await;
    assert_eq!(browser.text("#old-key").await, old.id);
    browser
        .wait_for_text("#retire-step", "Waits for the new key")
        .await;
    browser.picture("rotate-begin", 1280, false).await;
    browser.picture("rotate-begin-narrow", 400, true).await;
    browser.click("#make-new-key").await;
    let new_id = browser.text("#key-id").await;
    let told = made::told(&gateway, &new_id);
    let words = format!("Replaces {}: CI runner", old.id);
    assert_eq!(told["spec"]["description"], json!(words));
    lives_as_long_as(&gateway, &browser, &old.id, &told["spec"]["expiresAt"]).await;
    // Nobody may deactivate before the files are there.
    browser
        .wait_for_text("#retire-step", "Waits for the files of step 4")
        .await;
    assert!(!browser.has("#retire").await);
    assert!(browser.asks_before_leaving().await);
    let files = page::download(&browser, &account).await;
    assert!(!browser.asks_before_leaving().await);
    let configure = browser.wait_for_text("#configure-step", &account).await;
    for part in [
        &new_id,
        "--profile first-service-account",
        &format!("{account}-credentials.json"),
    ] {
        assert!(configure.contains(part), "{part} is not in {configure}");
    }
    assert!(work(&gateway, &old_credentials).is_ok());
    let listed = work(&gateway, &files.credentials_path).unwrap();
    assert!(listed.contains(&new_id) && listed.contains(&old.id));

    assert!(!browser.find("#retire").await.is_enabled().await.unwrap());
    browser.click("#in-place").await;
    browser.picture("rotate-retire", 1280, false).await;
    browser.click("#retire").await;
    browser
        .wait_for_text("#other-keys", "1 active key besides")
        .await;
    // Not by a stray click.
    browser.click("#cancel-change").await;
    assert_eq!(state(&gateway, &old.id), "ACTIVE");
    confirm(&browser, "#retire").await;
    browser.wait_for_text("#retire-step", "is inactive").await;
    let refused = work(&gateway, &old_credentials).unwrap_err();
    assert!(refused.contains("not active"), "{refused}");
    assert!(work(&gateway, &files.credentials_path).is_ok());
    confirm(&browser, "#undo-retire").await;
    browser.wait_for_text("#retire-step", "still works").await;
    assert!(work(&gateway, &old_credentials).is_ok());
    confirm(&browser, "#retire").await;
    browser.picture("rotate-inactive", 1280, false).await;
    confirm(&browser, "#delete-old").await;
    browser
        .wait_for_text("#retire-step", "the rotation is at its end")
        .await;
    assert_eq!(keys(&gateway), [new_id.as_str()]);
    assert!(work(&gateway, &old_credentials).is_err());
    assert!(work(&gateway, &files.credentials_path).is_ok());
    browser.click("#rotate-another").await;
    browser.find("#account-list").await;

    page::go(&browser, "keys").await;
    browser.fill("#key-search", &new_id).await;
    browser.wait_for_text("#key-count", "1 of ").await;
    let fingerprint = browser.text("#all-keys .fingerprint").await;
    outcome::files_are_right(&files, &fingerprint, &account, &new_id);
    let log = browser.close().await;
    let sent = netlog::sent(&log);
    outcome::the_private_key_is_nowhere(&gateway, &sent, &log, &files);
}

/// Makes `fetch` lose the answer of the next upload, and hold proofs back until `letGo` is called.
const DEAF_AND_SLOW: &str = "const real = window.fetch; let deaf = true;
    const gate = new Promise((resolve) => { window.letGo = resolve; });
    window.fetch = async (...call) => {
        const url = call[0].url ?? call[0];
        if (url.includes('/Exchange')) await gate;
        const answer = await real(...call);
        if (deaf && url.includes('AuthPublicKeyService/Create')) {
            deaf = false;
            throw new TypeError('lost');
        }
        return answer;
    };";

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_goes_on_from_wherever_it_was_interrupted() {
    let mut gateway = Gateway::start();
    let account = gateway.printed("service account");
    let old = old_key(&gateway);
    let browser = page::connected(&gateway).await;
    page::go(&browser, "rotate").await;
    choose(&browser, &old.id).await;

    // Nothing of a generation that was cancelled stays.
    let cancel = "const observer = new MutationObserver(() => {
            const button = document.querySelector('#cancel-generate');
            if (button) { observer.disconnect(); setTimeout(() => { button.click(); done(); }); }
        });
        observer.observe(document.body, { subtree: true, childList: true });
        document.querySelector('#make-new-key').click();";
    browser.run_until_done(cancel).await;
    browser.wait_for_text("#new-key-step", "was stopped").await;
    assert!(!browser.asks_before_leaving().await);

    // The gateway stops during the upload.
    gateway.pause(true);
    browser.click("#make-new-key").await;
    browser
        .wait_for_text("#new-key-status", "Uploading the public key")
        .await;
    gateway.kill();
    let problem = browser.text("#new-key-step .problem").await;
    assert!(problem.contains("gave no answer"), "{problem}");
    assert!(problem.contains("The pair is still here"), "{problem}");
    assert!(browser.asks_before_leaving().await);
    // The pair outlives the connection, and a visit to another screen.
    browser.click("#disconnect").await;
    browser.click("#download-private").await;
    let private_pem = browser.download("private.pem").await;
    page::go(&browser, "make").await;
    browser.find("#token").await;
    page::go(&browser, "rotate").await;
    browser.find("#download-private").await;
    gateway.start_again();
    assert_eq!(keys(&gateway), [old.id.as_str()]);
    page::reconnect(&browser).await;
    assert_eq!(browser.text("#old-key").await, old.id);

    // The key arrives, and the page does not hear of it.
    browser.run(DEAF_AND_SLOW).await;
    browser.click("#make-new-key").await;
    let problem = browser.text("#new-key-step .problem").await;
    assert!(problem.contains("gave no answer"), "{problem}");
    let made = keys(&gateway);
    assert_eq!(made.len(), 2, "{made:?}");

    // It is found again, and the gateway stops before the proof.
    browser.click("#make-new-key").await;
    browser
        .wait_for_text("#new-key-status", "Proving that the new key works")
        .await;
    gateway.kill();
    browser.run("window.letGo()").await;
    let problem = browser.text("#new-key-step .problem").await;
    assert!(problem.contains("gave no answer"), "{problem}");
    browser.picture("rotate-not-proven", 1280, false).await;
    gateway.start_again();
    let uploads = uploads(&gateway);
    browser.click("#make-new-key").await;
    let new_id = browser.text("#key-id").await;
    assert_eq!(keys(&gateway), made);
    assert!(made.contains(&new_id));
    assert_eq!(self::uploads(&gateway), uploads, "only proven");

    let credentials_name = format!("{account}-credentials.json");
    browser.click("#download-credentials").await;
    let credentials = browser.download(&credentials_name).await;
    let file: Value = serde_json::from_slice(&credentials).unwrap();
    assert_eq!(
        file["subject-credentials"]["private-key"].as_str().unwrap(),
        String::from_utf8(private_pem).unwrap(),
        "the pair that was there before the first upload"
    );
    assert!(work(&gateway, &browser.download_path(&credentials_name)).is_ok());
}

/// How often the gateway's log tells of an upload.
fn uploads(gateway: &Gateway) -> usize {
    let output = String::from_utf8_lossy(&gateway.output()).into_owned();
    output.matches("AuthPublicKeyService/Create\"").count()
}

/// Goes on with the only rotation that was begun, which is told to be at `stage`.
async fn go_on(browser: &Browser, old_id: &str, stage: &str) {
    let told = browser.wait_for_text("#unfinished", stage).await;
    assert!(told.contains(old_id), "{told}");
    assert!(told.contains("first-service-account"), "{told}");
    assert_eq!(browser.stored().await, Vec::<String>::new());
    browser.click("#unfinished li:first-child button").await;
    assert_eq!(browser.text("#old-key").await, old_id);
}

/// Loads the page anew, on the same screen.
async fn reload(browser: &Browser) {
    browser.client.refresh().await.unwrap();
    page::reconnect(browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_rotation_stands_is_known_in_any_browser_and_stored_in_none() {
    const ACTIVE: &str = "the old one is still active";
    const INACTIVE: &str = "the old one opens nothing any more";
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let old = old_key(&gateway);
    let browser = page::connected(&gateway).await;
    page::go(&browser, "rotate").await;
    browser.find("#account-list").await;
    // All keys were looked at, and there is none.
    browser.find("#looking-for-rotations:empty").await;
    choose(&browser, &old.id).await;
    browser.click("#make-new-key").await;
    let lost = browser.text("#key-id").await;

    // The page is left before anything was saved.
    assert!(browser.asks_before_leaving().await);
    reload(&browser).await;
    go_on(&browser, &old.id, ACTIVE).await;
    browser.picture("rotate-resumed", 1280, false).await;
    let resumed = browser.text("#resumed").await;
    assert!(resumed.contains(&lost), "{resumed}");
    assert!(!browser.has("#download-private").await);
    confirm(&browser, "#give-up-new").await;
    assert_eq!(keys(&gateway), [old.id.as_str()]);
    if !browser.has("#make-new-key").await {
        choose(&browser, &old.id).await;
    }
    assert!(!browser.has("#unfinished").await);
    browser.click("#make-new-key").await;
    let new_id = browser.text("#key-id").await;
    browser.click("#download-credentials").await;
    let name = format!("{account}-credentials.json");
    browser.download(&name).await;

    // It is left after the files were saved.
    assert!(!browser.asks_before_leaving().await);
    reload(&browser).await;
    browser.wait_for_text("#unfinished", &new_id).await;

    // On another machine, from the list of keys.
    let other = Browser::start(Options::default()).await;
    other.open(&gateway.printed_url()).await;
    page::go(&other, "rotate").await;
    go_on(&other, &old.id, ACTIVE).await;
    other.click("#leave-rotation").await;
    page::go(&other, "keys").await;
    other.fill("#key-search", &old.id).await;
    other
        .click(&format!("button[aria-label='Rotate {}']", old.id))
        .await;
    let resumed = other.text("#resumed").await;
    assert!(resumed.contains(&new_id), "{resumed}");
    other.click("#in-place").await;
    confirm(&other, "#retire").await;
    other.wait_for_text("#retire-step", "is inactive").await;
    assert_eq!(state(&gateway, &old.id), "INACTIVE");

    // The first one sees it when it looks again.
    page::go(&browser, "make").await;
    page::go(&browser, "rotate").await;
    go_on(&browser, &old.id, INACTIVE).await;
    reload(&browser).await;
    go_on(&browser, &old.id, INACTIVE).await;
    assert!(!browser.has("#retire").await);
    confirm(&browser, "#delete-old").await;
    browser
        .wait_for_text("#retire-step", "the rotation is at its end")
        .await;
    assert_eq!(keys(&gateway), [new_id.as_str()]);
    assert!(work(&gateway, &browser.download_path(&name)).is_ok());
    reload(&browser).await;
    browser.find("#account-list").await;
    // All keys were looked at, and there is none.
    browser.find("#looking-for-rotations:empty").await;

    // What was saved is found nowhere but in the file.
    let files = Files::of_credentials(&browser.download_path(&name));
    let log = browser.close().await;
    outcome::the_private_key_is_nowhere(&gateway, &netlog::sent(&log), &log, &files);
}

/// A rotation whose new key is uploaded and saved; gives the old key and the new one's id.
async fn begun(gateway: &Gateway, browser: &Browser) -> (made::Key, String) {
    let account = gateway.printed("service account");
    let old = old_key(gateway);
    page::go(browser, "rotate").await;
    choose(browser, &old.id).await;
    browser.click("#make-new-key").await;
    let new_id = browser.text("#key-id").await;
    browser.click("#download-credentials").await;
    browser
        .download(&format!("{account}-credentials.json"))
        .await;
    (old, new_id)
}

/// Somebody else deletes the key; the page is told so when it wants to deactivate it.
async fn is_gone(gateway: &Gateway, browser: &Browser, id: &str, ask: &str, deactivate: &str) {
    tools::ask(gateway, "AuthPublicKeyService/Delete", &json!({ "id": id }));
    browser.click(ask).await;
    browser.click(deactivate).await;
    browser
        .wait_for_text("#change-dialog .problem", "NOT_FOUND")
        .await;
    browser.click("#cancel-change").await;
    browser.wait_gone("#change-dialog").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_key_that_somebody_else_deletes_is_the_end_of_its_rotation() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    let (old, _) = begun(&gateway, &browser).await;
    browser.click("#in-place").await;
    is_gone(&gateway, &browser, &old.id, "#retire", "#confirm").await;
    browser
        .wait_for_text("#retire-step", "the rotation is at its end")
        .await;
    browser
        .wait_for_text("#retire-said", &format!("{} is not there any more", old.id))
        .await;
    browser.click("#rotate-another").await;
    browser.find("#account-list").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_that_somebody_else_deletes_leaves_the_old_one_to_be_rotated() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    let (old, new_id) = begun(&gateway, &browser).await;
    reload(&browser).await;
    go_on(&browser, &old.id, "the old one is still active").await;
    is_gone(
        &gateway,
        &browser,
        &new_id,
        "#give-up-new",
        "#confirm-deactivate",
    )
    .await;
    choose(&browser, &old.id).await;
    browser.find("#make-new-key").await;
    assert_eq!(state(&gateway, &old.id), "ACTIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_an_earlier_rotation_does_not_count_for_the_next() {
    let gateway = Gateway::start();
    let old = old_key(&gateway);
    let second = made::account(&gateway, "z-second");
    let next = made::Key::new(&gateway, &second, "", None);
    let browser = page::connected_with(&gateway, PICKER).await;
    page::go(&browser, "rotate").await;
    choose(&browser, &old.id).await;
    browser.click("#make-new-key").await;
    browser.find("#key-id").await;
    browser.click("#choose-folder").await;
    browser.find("#to-downloads").await;
    folder::hold_back(&browser).await;
    browser.click("#download-private").await;
    browser
        .wait_for_text("#download-status", "Making the file")
        .await;
    browser.click("#leave-rotation").await;
    browser.client.accept_alert().await.unwrap();
    browser.click("#account-list li:nth-child(2) button").await;
    browser.click("#old-keys li:first-child button").await;
    assert_eq!(browser.text("#old-key").await, next.id);
    browser.click("#make-new-key").await;
    browser.find("#key-id").await;
    browser
        .wait_for_text("#retire-step", "Waits for the files of step 4")
        .await;
    folder::let_go(&browser).await;
    folder::wait_for_file(&browser, |name| name == "private.pem").await;
    browser
        .wait_for_text("#retire-step", "Waits for the files of step 4")
        .await;
    assert!(browser.asks_before_leaving().await);
    folder::remove(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_of_the_list_takes_the_place_of_the_one_at_hand() {
    let gateway = filled_gateway(2, 8);
    let browser = page::connected(&gateway).await;
    // Both are active; 5 is asked for again while it is at hand.
    for number in [5, 3, 5, 5] {
        let id = format!("publickey-e00{number:016}");
        page::go(&browser, "keys").await;
        browser.fill("#key-search", &id).await;
        browser
            .click(&format!("button[aria-label='Rotate {id}']"))
            .await;
        browser.wait_for_text("#old-key", &id).await;
        // It is read from the screen's beginning, also when it was loaded just now.
        let place = browser.run("return document.activeElement.id").await;
        assert_eq!(place, "page");
    }
    browser.click("#leave-rotation").await;
    browser.find("#account-list").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_asks_before_it_is_left_while_a_new_key_is_on_its_way() {
    let gateway = Gateway::start();
    let old = old_key(&gateway);
    let browser = page::connected(&gateway).await;
    page::go(&browser, "rotate").await;
    choose(&browser, &old.id).await;
    assert!(!browser.asks_before_leaving().await);
    gateway.pause(true);
    browser.click("#make-new-key").await;
    browser.wait_for_text("#new-key-status", "Uploading").await;
    assert!(browser.asks_before_leaving().await);
    gateway.pause(false);
    browser.find("#key-id").await;
}
