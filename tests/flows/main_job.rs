//! The main job from the printed address to working credentials, and the proof of the promise
//! from what the browser really sent.

use keyside_e2e::{browser::Browser, gateway::Gateway, netlog, outcome, page};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_gets_working_credentials_and_the_private_key_goes_nowhere() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let browser = page::connected(&gateway).await;

    // The token is gone from the address and from the history.
    assert_eq!(
        browser.client.current_url().await.unwrap().as_str(),
        gateway.url()
    );
    assert_eq!(
        browser.run("return history.length").await,
        json!(1 + 1),
        "blank page, then ours"
    );
    // The only tenant and project are chosen.
    browser
        .wait_for_text("#project", &gateway.printed("project"))
        .await;
    assert!(
        browser
            .text("#tenant")
            .await
            .contains(&gateway.printed("tenant"))
    );
    page::choose_first_account(&browser).await;
    assert!(browser.text("#chosen-account").await.contains(&account));
    browser.find("#no-keys").await;

    assert!(!browser.asks_before_leaving().await);
    let fingerprint = page::generate(&browser).await;
    assert!(browser.text("#elapsed").await.ends_with(" s"));
    assert!(
        browser.asks_before_leaving().await,
        "an unsaved private key"
    );

    browser.fill("#key-description", "made end to end").await;
    let key_id = upload_with_expiry(&browser).await;
    assert!(key_id.starts_with("publickey-"));

    let files = page::download(&browser, &account).await;
    assert!(
        !browser.asks_before_leaving().await,
        "the private key is saved"
    );

    page::verify(&browser).await;
    snippets_are_filled_in(&browser, &account, &key_id).await;
    the_table_marks_the_new_key(&browser, &key_id, &fingerprint).await;

    outcome::files_are_right(&files, &fingerprint, &account, &key_id);
    outcome::real_clients_use_them(&gateway, &files.credentials_path, &account, &key_id);

    browser.click("#forget").await;
    browser.find("#generate").await;
    let console = browser.console().await;
    assert!(console.is_empty(), "the console stays silent: {console:?}");

    let log = browser.close().await;
    let sent = netlog::sent(&log);
    outcome::the_private_key_is_nowhere(&gateway, &sent, &log, &files);
}

/// Uploads with an expiry in 30 days; checks that local time and UTC are shown, and UTC is sent.
async fn upload_with_expiry(browser: &Browser) -> String {
    let times = "const at = new Date(Date.now() + 30 * 24 * 3600 * 1000); at.setSeconds(0, 0);
        const pad = n => String(n).padStart(2, '0');
        const local = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}T`
            + `${pad(at.getHours())}:${pad(at.getMinutes())}`;
        return [local, at.toISOString(),
            at.toLocaleString('default', { dateStyle: 'long', timeStyle: 'short' })];";
    let times = browser.run(times).await;
    let [local, iso, words]: [String; 3] = serde_json::from_value(times).unwrap();
    page::choose_date(browser, &local).await;
    let utc = format!("{} UTC", iso[..16].replace('T', " "));
    browser.wait_for_text("#expires-shown", &utc).await;
    assert_eq!(
        browser.text("#expires-shown").await,
        format!("Expires {words} ({utc}).")
    );
    let key_id = page::upload(browser).await;
    browser.wait_for_text("#keys-table tr.new", &utc).await;
    key_id
}

async fn snippets_are_filled_in(browser: &Browser, account: &str, key_id: &str) {
    let text = browser.text("#configure-step").await;
    for part in [
        "nebius profile create --endpoint api.nebius.cloud",
        &format!("--service-account-file ~/.nebius/{account}-credentials.json"),
        "--profile first-service-account",
        "nebius profile list",
        &format!("public-key-id: \"{key_id}\""),
        &format!("service-account-id: \"{account}\""),
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    browser
        .click("#configure-step button[aria-label='Copy: CLI, list the profiles']")
        .await;
    browser.wait_for_text("#configure-step", "Copied.").await;
}

async fn the_table_marks_the_new_key(browser: &Browser, key_id: &str, fingerprint: &str) {
    let row = browser.text("#keys-table tr.new").await;
    for part in [
        key_id,
        "new",
        "active",
        fingerprint,
        "RSA 4096",
        "made end to end",
    ] {
        assert!(row.contains(part), "{part} is not in {row}");
    }
}
