//! The main job from the printed address to working credentials, and proof from what the browser sent
//! that the private key stays in it.

use keyside_e2e::{
    browser::Browser,
    gateway::{ADMIN_TOKEN, Gateway},
    netlog, outcome, page,
};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_gets_working_credentials_and_the_private_key_never_leaves_the_browser() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let browser = page::connected_and_logged(&gateway).await;

    // The token is removed from the address and from the history.
    let address = browser.client.current_url().await.unwrap();
    assert!(!address.as_str().contains(ADMIN_TOKEN), "{address}");
    assert!(
        address
            .as_str()
            .starts_with(&format!("{}#/create", gateway.url()))
    );
    assert_eq!(
        browser.run("return history.length").await,
        json!(1 + 1),
        "blank page, then ours"
    );
    // The only tenant and project are preselected.
    for place in ["tenant", "project"] {
        let id = gateway.printed(place);
        browser
            .find(&format!("#{place} option[value='{id}']:checked"))
            .await;
    }
    // So is the only service account; the address contains both and nothing else.
    browser.find(&format!("#choose-{account}:checked")).await;
    let (url, project) = (gateway.url(), gateway.printed("project"));
    assert_eq!(
        browser.client.current_url().await.unwrap().as_str(),
        format!("{url}#/create?project={project}&account={account}")
    );
    page::go(&browser, "keys").await;
    browser.wait_for_text("#key-count", "no keys yet").await;
    page::go(&browser, "create").await;
    assert_eq!(page::keys_of(&gateway, ADMIN_TOKEN, &account), [""; 0]);

    assert!(!browser.asks_before_leaving().await);
    let fingerprint = page::generate(&browser).await;
    assert!(browser.text("#elapsed").await.ends_with(" s"));
    assert!(
        browser.asks_before_leaving().await,
        "an unsaved private key"
    );

    browser.fill("#key-description", "made end to end").await;
    let (key_id, expires) = upload_with_expiry(&browser).await;
    assert!(key_id.starts_with("publickey-"));

    let files = page::download(&browser, &account, &key_id).await;
    assert!(
        !browser.asks_before_leaving().await,
        "the private key is saved"
    );

    page::verified(&browser).await;
    snippets_are_filled_in(&browser, &account, &key_id).await;
    the_keys_page_shows_it(&browser, &key_id, &fingerprint, &expires).await;

    outcome::files_are_right(&files, &fingerprint, &account, &key_id);
    outcome::real_clients_use_them(&gateway, &files.credentials_path, &account, &key_id);

    page::go(&browser, "create").await;
    browser.click("#create-another").await;
    browser.find("#create").await;
    let console = browser.console().await;
    assert!(console.is_empty(), "the console stays silent: {console:?}");

    let log = browser.close().await;
    let sent = netlog::sent(&log);
    outcome::the_private_key_is_nowhere(&gateway, &sent, &log, &files);
}

/// Uploads a key that expires in 30 days; checks that local time and UTC are shown. Returns the key's
/// ID and the UTC expected from the API.
async fn upload_with_expiry(browser: &Browser) -> (String, String) {
    let times = "const at = new Date(Date.now() + 30 * 24 * 3600 * 1000); at.setSeconds(0, 0);
        const pad = n => String(n).padStart(2, '0');
        const local = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}T`
            + `${pad(at.getHours())}:${pad(at.getMinutes())}`;
        return [local, at.toISOString(),
            at.toLocaleString('default', { dateStyle: 'long', timeStyle: 'short' })];";
    let times = browser.run(times).await;
    let [local, iso, date]: [String; 3] = serde_json::from_value(times).unwrap();
    page::choose_date(browser, &local).await;
    let utc = format!("{} UTC", iso[..16].replace('T', " "));
    browser.wait_for_text("#expires-shown", &utc).await;
    assert_eq!(
        browser.text("#expires-shown").await,
        format!("Expires {date} ({utc}).")
    );
    (page::upload(browser).await, utc)
}

async fn snippets_are_filled_in(browser: &Browser, account: &str, key_id: &str) {
    page::unfold(browser, "#other-ways").await;
    let text = browser.text("#configure-step").await;
    for part in [
        "nebius profile create --endpoint api.nebius.cloud",
        &format!(
            "--service-account-file ~/.nebius/{}",
            page::credentials_name(account, key_id)
        ),
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

/// The key's page shows everything that the API reports about it, and the list shows the key.
async fn the_keys_page_shows_it(browser: &Browser, key_id: &str, fingerprint: &str, expires: &str) {
    browser.click("#view-key").await;
    // The heading contains the ID before the key is read.
    let page = browser.text("#key-page dl").await;
    for part in [key_id, fingerprint, "RSA 4096", "made end to end", expires] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    // "inactive" also contains "active".
    let state = browser.text("#key-state").await;
    assert!(state.starts_with("active"), "{state}");
    browser.click("#back-to-keys").await;
    let row = browser.text("#all-keys tbody tr").await;
    for part in [key_id, fingerprint, "made end to end", expires] {
        assert!(row.contains(part), "{part} is not in {row}");
    }
    assert_eq!(browser.text("#all-keys tbody .state").await, "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clicks_lead_from_the_printed_address_to_a_verified_credentials_file() {
    const COUNT: &str = "window.clicks = [];
        addEventListener('click', ({ isTrusted, target }) => {
            if (isTrusted) window.clicks.push(target.id);
        }, true);";
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let browser = page::connected_with(&gateway, COUNT).await;
    // The button moves while these load, which a person sees.
    browser.wait_for_text("#rights", "admins group").await;
    browser.wait_for_text("#groups", "isn't in any group").await;
    browser.click("#create").await;
    browser.click("#download-credentials").await;
    page::verified(&browser).await;
    let key_id = browser.text("#key-id").await;
    let fingerprint = browser.text("#fingerprint").await;
    let name = page::credentials_name(&account, &key_id);
    browser.download(&name).await;
    assert!(!browser.asks_before_leaving().await, "it is saved");
    // The page starts the download with a click of its own, which isn't a trusted event.
    let clicks = browser.run("return window.clicks").await;
    assert_eq!(clicks, json!(["create", "download-credentials"]));
    let files = outcome::Files::of_credentials(&browser.download_path(&name));
    outcome::files_are_right(&files, &fingerprint, &account, &key_id);
    outcome::real_clients_use_them(&gateway, &files.credentials_path, &account, &key_id);
}
