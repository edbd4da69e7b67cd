//! The page's addresses: they show which screen is open, survive a reload, work for a colleague, and
//! never contain a secret.

use keyside_e2e::{
    browser::{Browser, Options},
    filled::add_project,
    gateway::{ADMIN_TOKEN, Gateway},
    made, page,
};
use serde_json::json;

/// The fragment of the page's address.
async fn hash(browser: &Browser) -> String {
    let hash = browser.run("return location.hash").await;
    hash.as_str().unwrap().to_owned()
}

/// Waits until the address contains `part`.
async fn wait_for_hash(browser: &Browser, part: &str) {
    let look = format!(
        "const look = () => location.hash.includes('{part}') ? done() : setTimeout(look, 20); look();"
    );
    browser.run_until_done(&look).await;
}

/// Loads the page again and signs in.
async fn reload(browser: &Browser) {
    browser.client.refresh().await.unwrap();
    page::reconnect(browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_is_in_the_address_and_survives_a_reload() {
    let gateway = Gateway::start();
    let second = made::account(&gateway, "z-second");
    let browser = page::connected(&gateway).await;
    let choice = format!("#choose-{second}");
    browser.click(&choice).await;
    wait_for_hash(&browser, &format!("account={second}")).await;
    assert!(!hash(&browser).await.contains(ADMIN_TOKEN));
    reload(&browser).await;
    browser.find(&format!("{choice}:checked")).await;

    // It works for a colleague, who signs in there.
    let address = browser.run("return location.href").await;
    let other = Browser::start(Options::default()).await;
    other.open(address.as_str().unwrap()).await;
    page::reconnect(&other).await;
    other.find(&format!("{choice}:checked")).await;
    let first = gateway.printed("service account");
    assert!(!other.has(&format!("#choose-{first}:checked")).await);
    page::create(&other).await;
    assert_eq!(page::keys_of(&gateway, ADMIN_TOKEN, &second).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_project_is_in_the_address_on_every_screen() {
    let mut gateway = Gateway::start();
    let first = gateway.printed("project");
    add_project(&mut gateway, "project-e00another");
    let browser = Browser::start(Options::default()).await;
    let address = format!("{}#/keys?project=project-e00another", gateway.url());
    browser.open(&address).await;
    page::reconnect(&browser).await;
    browser.wait_for_text("#key-count", "no keys yet").await;
    let chosen = "return document.getElementById('project').value";
    assert_eq!(browser.run(chosen).await, json!("project-e00another"));
    for screen in ["create", "inspect", "keys"] {
        page::go(&browser, screen).await;
        wait_for_hash(&browser, "project=project-e00another").await;
    }
    // Another one is chosen on the page; going back returns to the first one.
    let choose = format!(
        "const list = document.getElementById('project'); list.value = '{first}';
        list.dispatchEvent(new Event('change', {{ bubbles: true }}));"
    );
    browser.run(&choose).await;
    wait_for_hash(&browser, &format!("project={first}")).await;
    reload(&browser).await;
    assert_eq!(browser.run(chosen).await, json!(first));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_address_leads_to_create_with_a_message() {
    let gateway = Gateway::start();
    let browser = Browser::start(Options::default()).await;
    for nonsense in [
        "constructor",
        "__proto__",
        "//evil.example",
        "/keys/a/b",
        "%",
        "make",
    ] {
        browser.open("about:blank").await;
        browser.open(&format!("{}#{nonsense}", gateway.url())).await;
        browser
            .wait_for_text("#not-found", "nothing at this address")
            .await;
        browser.find("#create").await;
    }
    // The same when it's typed while the page is open, and nothing is lost.
    page::go(&browser, "create").await;
    page::generate_alone(&browser).await;
    let fingerprint = browser.text("#fingerprint").await;
    browser.run("location.hash = 'constructor'").await;
    browser.find("#not-found").await;
    assert_eq!(browser.text("#fingerprint").await, fingerprint);
    page::go(&browser, "keys").await;
    browser.wait_gone("#not-found").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_the_address_signs_in_and_is_removed_from_it() {
    let gateway = Gateway::start();
    let browser = Browser::start(Options::default()).await;
    browser.open(&format!("{}#/inspect", gateway.url())).await;
    browser.find("#token").await;
    // The printed address is opened in a tab that already has the page.
    browser
        .run(&format!("location.hash = 'token={ADMIN_TOKEN}'"))
        .await;
    browser.wait_for_text("#who", "Local admin").await;
    wait_for_hash(&browser, "project=").await;
    assert!(!hash(&browser).await.contains(ADMIN_TOKEN));
    browser.client.back().await.unwrap();
    assert!(!hash(&browser).await.contains(ADMIN_TOKEN));
    assert!(browser.has("#who").await);
}
