//! Rotation of a key: from end to end, and interrupted at every stage.

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

/// The lifetime of the old keys, in days.
const LIFE: i64 = 90;

/// Creates the first service account's old key, which expires.
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
    let key = made::read(gateway, key_id);
    key["status"]["state"].as_str().unwrap().to_owned()
}

/// Uses the credentials with the official SDK, which gets a token with them first.
fn work(gateway: &Gateway, credentials: &Path) -> Result<Vec<String>, String> {
    let account = gateway.printed("service account");
    tools::sdk_lists_keys(&gateway.address(), credentials, &account)
}

/// The IDs of the first service account's keys at the API.
fn keys(gateway: &Gateway) -> Vec<String> {
    page::keys_of(gateway, ADMIN_TOKEN, &gateway.printed("service account"))
}

/// Clicks a button that changes a key, and confirms the change.
async fn confirm(browser: &Browser, button: &str) {
    browser.click(button).await;
    browser.click("#change-dialog #confirm").await;
    browser.wait_gone("#change-dialog").await;
}

/// Starts the rotation of a key from the list.
async fn choose(browser: &Browser, old_id: &str) {
    page::go(browser, "keys").await;
    browser.fill("#key-search", old_id).await;
    browser
        .click(&format!("button[aria-label='Rotate {old_id}']"))
        .await;
    is_of(browser, old_id).await;
}

/// Waits until the form is for rotating this key.
async fn is_of(browser: &Browser, old_id: &str) {
    browser
        .wait_for_text("#create-form-heading", &format!("Rotate key {old_id}"))
        .await;
    browser.find("#target").await;
}

/// Checks that the new key, which expires at `end`, lives as long as the old key did.
async fn lives_as_long_as(gateway: &Gateway, browser: &Browser, old_id: &str, end: &Value) {
    let old = made::read(gateway, old_id);
    let texts = [
        &old["metadata"]["createdAt"],
        &old["spec"]["expiresAt"],
        end,
    ];
    let script = "return [...arguments[0].map((text) => new Date(text).getTime()), Date.now()]";
    let times = browser.client.execute(script, vec![json!(texts)]).await;
    let [created, expires, end, now]: [f64; 4] = serde_json::from_value(times.unwrap()).unwrap();
    // The picker has minutes, and was filled when the step appeared.
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
    let browser = page::connected_and_logged(&gateway).await;

    // A key that is years old, so that its lifetime differs from its remaining time.
    let aged = "publickey-e000000000000000002";
    choose(&browser, aged).await;
    browser.find("#key-expires").await;
    let picker = "return document.getElementById('key-expires').value";
    let end = browser.run(picker).await;
    lives_as_long_as(&gateway, &browser, aged, &end).await;
    let whole = browser.text("#whole-description").await;
    assert!(
        whole.contains("Replaces publickey-e000000000000000002: key 2 of machine-00000"),
        "{whole}"
    );
    // Leaving the rotation clears it.
    page::go(&browser, "create").await;
    browser.find("#account-list").await;
    assert!(!browser.has("#target").await);

    choose(&browser, &old.id).await;
    assert!(!browser.has("#retire-step").await);
    browser.picture("rotate-begin", 1280, false).await;
    browser.picture("rotate-begin-narrow", 400, true).await;
    browser.click("#create").await;
    let new_id = browser.text("#key-id").await;
    let key = made::read(&gateway, &new_id);
    let description = format!("Replaces {}: CI runner", old.id);
    assert_eq!(key["spec"]["description"], json!(description));
    lives_as_long_as(&gateway, &browser, &old.id, &key["spec"]["expiresAt"]).await;
    // The old key can't be deactivated before the files are saved.
    browser
        .wait_for_text("#retire-step", "First download the new credentials file")
        .await;
    assert!(!browser.has("#retire").await);
    assert!(browser.asks_before_leaving().await);
    page::verified(&browser).await;
    let files = page::download(&browser, &account, &new_id).await;
    assert!(!browser.asks_before_leaving().await);
    let configure = browser.wait_for_text("#configure-step", &account).await;
    for part in [
        "--profile first-service-account",
        &page::credentials_name(&account, &new_id),
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
        .wait_for_text("#other-keys", "1 other active key")
        .await;
    // An accidental click doesn't do it.
    browser.click("#cancel-change").await;
    assert_eq!(state(&gateway, &old.id), "ACTIVE");
    confirm(&browser, "#retire").await;
    browser.wait_for_text("#retire-step", "is inactive").await;
    let refused = work(&gateway, &old_credentials).unwrap_err();
    assert!(refused.contains("not active"), "{refused}");
    assert!(work(&gateway, &files.credentials_path).is_ok());
    confirm(&browser, "#undo-retire").await;
    browser
        .wait_for_text("#retire-step", "is still active")
        .await;
    assert!(work(&gateway, &old_credentials).is_ok());
    confirm(&browser, "#retire").await;
    browser.picture("rotate-inactive", 1280, false).await;
    confirm(&browser, "#delete-old").await;
    browser
        .wait_for_text("#retire-step", "The rotation is finished")
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

/// Makes `fetch` lose the answer of the next upload, and hold back verifications until `letGo` is called.
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
async fn a_rotation_resumes_wherever_it_was_interrupted() {
    let mut gateway = Gateway::start();
    let account = gateway.printed("service account");
    let old = old_key(&gateway);
    let browser = page::connected(&gateway).await;
    choose(&browser, &old.id).await;

    // A canceled generation leaves nothing behind.
    let cancel = "const observer = new MutationObserver(() => {
            const button = document.querySelector('#cancel-generate');
            if (button) { observer.disconnect(); setTimeout(() => { button.click(); done(); }); }
        });
        observer.observe(document.body, { subtree: true, childList: true });
        document.querySelector('#create').click();";
    browser.run_until_done(cancel).await;
    browser.find("#create:enabled").await;
    assert!(!browser.has("#generate-progress").await);
    assert!(!browser.asks_before_leaving().await);

    // The gateway stops during the upload.
    gateway.pause(true);
    browser.click("#create").await;
    browser
        .wait_for_text("#create-status", "Uploading the public key")
        .await;
    gateway.kill();
    let problem = browser.text("#create-form .problem").await;
    assert!(problem.contains("didn't answer"), "{problem}");
    assert!(problem.contains("Your key pair is still here"), "{problem}");
    assert!(browser.asks_before_leaving().await);
    // The pair survives the lost connection and a visit to another screen.
    browser.click("#disconnect").await;
    browser.click("#download-private").await;
    let private_pem = browser.download("private.pem").await;
    page::go(&browser, "inspect").await;
    browser.find("#token").await;
    page::go(&browser, "create").await;
    browser.find("#download-private").await;
    gateway.start_again();
    assert_eq!(keys(&gateway), [old.id.as_str()]);
    page::reconnect(&browser).await;
    is_of(&browser, &old.id).await;

    // The key is created, but the answer never reaches the page.
    browser.run(DEAF_AND_SLOW).await;
    browser.click("#upload").await;
    let problem = browser.text("#create-form .problem").await;
    assert!(problem.contains("didn't answer"), "{problem}");
    let made = keys(&gateway);
    assert_eq!(made.len(), 2, "{made:?}");

    // The page finds the key, and the gateway stops before the key is verified.
    browser.click("#upload").await;
    browser
        .wait_for_text("#create-status", "Verifying the key")
        .await;
    gateway.kill();
    browser.run("window.letGo()").await;
    let problem = browser.text("#verify-result .problem").await;
    assert!(problem.contains("didn't answer"), "{problem}");
    browser
        .wait_for_text("#retire-step", "First verify the new key")
        .await;
    browser.picture("rotate-not-verified", 1280, false).await;
    gateway.start_again();
    let uploads = uploads(&gateway);
    browser.click("#verify").await;
    page::verified(&browser).await;
    let new_id = browser.text("#key-id").await;
    assert_eq!(keys(&gateway), made);
    assert!(made.contains(&new_id));
    assert_eq!(self::uploads(&gateway), uploads, "only verified");

    let credentials_name = page::credentials_name(&account, &new_id);
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

/// The number of uploads in the gateway's log.
fn uploads(gateway: &Gateway) -> usize {
    let output = String::from_utf8_lossy(&gateway.output()).into_owned();
    output.matches("AuthPublicKeyService/Create\"").count()
}

/// Continues the only unfinished rotation, which the page shows at `stage`.
async fn resume(browser: &Browser, old_id: &str, stage: &str) {
    page::go(browser, "keys").await;
    let listed = browser.wait_for_text("#unfinished", stage).await;
    assert!(listed.contains(old_id), "{listed}");
    assert!(listed.contains("first-service-account"), "{listed}");
    assert_eq!(browser.stored().await, Vec::<String>::new());
    browser.click("#unfinished li:first-child a").await;
    browser
        .wait_for_text(
            "#resumed-card-heading",
            &format!("Rotation of key {old_id}"),
        )
        .await;
}

/// Reloads the page on the same screen.
async fn reload(browser: &Browser) {
    browser.client.refresh().await.unwrap();
    page::reconnect(browser).await;
}

/// Checks that the complete list has no unfinished rotation.
async fn none_is_unfinished(browser: &Browser) {
    page::go(browser, "keys").await;
    browser.find("#all-keys").await;
    assert!(!browser.has("#find-rotations").await);
    assert!(!browser.has("#unfinished").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotations_progress_shows_in_any_browser_and_is_stored_in_none() {
    const ACTIVE: &str = "The old key is still active";
    const INACTIVE: &str = "The old key is inactive";
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let old = old_key(&gateway);
    let browser = page::connected_and_logged(&gateway).await;
    none_is_unfinished(&browser).await;
    choose(&browser, &old.id).await;
    let lost = page::create(&browser).await;

    // The page is left before anything is saved. Its address leads back to the rotation.
    assert!(browser.asks_before_leaving().await);
    reload(&browser).await;
    browser.wait_for_text("#resumed", &lost).await;
    resume(&browser, &old.id, ACTIVE).await;
    browser.picture("rotate-resumed", 1280, false).await;
    let resumed = browser.text("#resumed").await;
    assert!(resumed.contains(&lost), "{resumed}");
    assert!(!browser.has("#download-credentials").await);
    confirm(&browser, "#give-up-new").await;
    browser.find("#account-list").await;
    assert_eq!(keys(&gateway), [old.id.as_str()]);
    none_is_unfinished(&browser).await;
    choose(&browser, &old.id).await;
    let new_id = page::create(&browser).await;
    browser.click("#download-credentials").await;
    let name = page::credentials_name(&account, &new_id);
    browser.download(&name).await;

    // The page is left after the files are saved.
    assert!(!browser.asks_before_leaving().await);
    reload(&browser).await;
    browser.wait_for_text("#resumed", &new_id).await;

    // On another machine, from the list of keys.
    let other = Browser::start(Options::default()).await;
    other.open(&gateway.printed_url()).await;
    other.wait_for_text("#who", "Local admin").await;
    resume(&other, &old.id, ACTIVE).await;
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

    // The first browser shows it after a reload.
    resume(&browser, &old.id, INACTIVE).await;
    browser.wait_for_text("#retire-step", "is inactive").await;
    reload(&browser).await;
    browser.wait_for_text("#retire-step", "is inactive").await;
    assert!(!browser.has("#retire").await);
    confirm(&browser, "#delete-old").await;
    browser
        .wait_for_text("#retire-step", "The rotation is finished")
        .await;
    assert_eq!(keys(&gateway), [new_id.as_str()]);
    assert!(work(&gateway, &browser.download_path(&name)).is_ok());
    reload(&browser).await;
    none_is_unfinished(&browser).await;

    // The saved private key is nowhere but in the file.
    let files = Files::of_credentials(&browser.download_path(&name));
    let log = browser.close().await;
    outcome::the_private_key_is_nowhere(&gateway, &netlog::sent(&log), &log, &files);
}

/// Starts a rotation and saves the uploaded new key; returns the old key and the new key's ID.
async fn begun(gateway: &Gateway, browser: &Browser) -> (made::Key, String) {
    let account = gateway.printed("service account");
    let old = old_key(gateway);
    choose(browser, &old.id).await;
    let new_id = page::create(browser).await;
    page::verified(browser).await;
    browser.click("#download-credentials").await;
    browser
        .download(&page::credentials_name(&account, &new_id))
        .await;
    (old, new_id)
}

/// Deletes the key outside the page, then tries to change it on the page.
async fn is_gone(gateway: &Gateway, browser: &Browser, id: &str, ask: &str, change: &str) {
    tools::ask(gateway, "AuthPublicKeyService/Delete", &json!({ "id": id }));
    browser.click(ask).await;
    browser.click(change).await;
    browser.wait_gone("#change-dialog").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_ends_when_somebody_else_deletes_the_old_key() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    let (old, _) = begun(&gateway, &browser).await;
    browser.click("#in-place").await;
    is_gone(&gateway, &browser, &old.id, "#retire", "#confirm").await;
    browser
        .wait_for_text("#retire-step", "The rotation is finished")
        .await;
    browser
        .wait_for_text("#retire-said", &format!("Key {} no longer exists", old.id))
        .await;
    browser.click("#rotate-another").await;
    browser.find("#account-list").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_key_can_be_rotated_after_somebody_else_deletes_the_new_one() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    let (old, new_id) = begun(&gateway, &browser).await;
    reload(&browser).await;
    resume(&browser, &old.id, "The old key is still active").await;
    is_gone(
        &gateway,
        &browser,
        &new_id,
        "#give-up-new",
        "#confirm-deactivate",
    )
    .await;
    browser.find("#account-list").await;
    choose(&browser, &old.id).await;
    browser.find("#create").await;
    assert_eq!(state(&gateway, &old.id), "ACTIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_an_earlier_rotation_does_not_count_for_the_next() {
    let gateway = Gateway::start();
    let old = old_key(&gateway);
    let second = made::account(&gateway, "z-second");
    let next = made::Key::new(&gateway, &second, "", None);
    let browser = page::connected_with(&gateway, PICKER).await;
    choose(&browser, &old.id).await;
    page::create(&browser).await;
    page::unfold(&browser, "#more-formats").await;
    browser.click("#choose-folder").await;
    browser.find("#to-downloads").await;
    folder::hold_back(&browser).await;
    browser.click("#download-private").await;
    browser
        .wait_for_text("#download-status", "Preparing the file")
        .await;
    // The next rotation is requested before this one is saved.
    page::go(&browser, "keys").await;
    browser.fill("#key-search", &next.id).await;
    browser
        .click(&format!("button[aria-label='Rotate {}']", next.id))
        .await;
    browser.find("#other-rotation").await;
    assert!(browser.has("#key-id").await, "the key that is not saved");
    browser.picture("rotate-other-key-first", 1280, false).await;
    browser.click("#discard-and-rotate").await;
    browser.click("#confirm").await;
    is_of(&browser, &next.id).await;
    page::create(&browser).await;
    page::verified(&browser).await;
    browser
        .wait_for_text("#retire-step", "First download the new credentials file")
        .await;
    folder::let_go(&browser).await;
    folder::wait_for_file(&browser, |name| name == "private.pem").await;
    browser
        .wait_for_text("#retire-step", "First download the new credentials file")
        .await;
    assert!(browser.asks_before_leaving().await);
    folder::remove(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn choosing_another_key_in_the_list_replaces_the_previous_one() {
    let gateway = filled_gateway(2, 8);
    let browser = page::connected(&gateway).await;
    // Both are active; 5 is requested again while it's on the screen.
    for number in [5, 3, 5, 5] {
        let id = format!("publickey-e00{number:016}");
        choose(&browser, &id).await;
        // The screen starts at its top, also right after a load.
        let place = browser.run("return document.activeElement.id").await;
        assert_eq!(place, "page");
    }
    page::go(&browser, "create").await;
    browser.find("#account-list").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_the_page_asks_first_while_a_new_key_is_in_progress() {
    let gateway = Gateway::start();
    let old = old_key(&gateway);
    let browser = page::connected(&gateway).await;
    choose(&browser, &old.id).await;
    assert!(!browser.asks_before_leaving().await);
    gateway.pause(true);
    browser.click("#create").await;
    browser.wait_for_text("#create-status", "Uploading").await;
    assert!(browser.asks_before_leaving().await);
    gateway.pause(false);
    browser.find("#key-id").await;
}
