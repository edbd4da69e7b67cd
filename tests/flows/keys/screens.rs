//! All screens share one session, and the address shows which screen is open.

use keyside_e2e::{
    browser::{Browser, Options},
    filled::{add_project, fill},
    gateway::Gateway,
    netlog, outcome, page, tools,
    waiting::Waiting,
};
use serde_json::json;

use super::{at_keys, choose, read, row, wait_for_count};

const SCREENS: [(&str, &str); 3] = [
    ("create", "Create"),
    ("keys", "Keys"),
    ("inspect", "Inspect"),
];

async fn go(browser: &Browser, screen: &str) {
    page::go(browser, screen).await;
    is_at(browser, screen).await;
}

/// Checks that the address and the visible screen are `screen`.
async fn is_at(browser: &Browser, screen: &str) {
    let (_, title) = SCREENS.iter().find(|(name, _)| *name == screen).unwrap();
    browser
        .find(&format!("nav a[href^='#/{screen}'][aria-current=page]"))
        .await;
    let shown = browser
        .run("return [location.hash.split('?')[0], document.title]")
        .await;
    assert_eq!(
        shown,
        json!([format!("#/{screen}"), format!("{title} · Keyside")])
    );
}

/// Waits until the address contains `part`.
async fn wait_for_address(browser: &Browser, part: &str) {
    let look = format!(
        "const look = () => location.hash.includes('{part}') ? done() : setTimeout(look, 20);
        look();"
    );
    browser.run_until_done(&look).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_created_across_screens_that_share_one_session() {
    const ANOTHER: &str = "project-e00another";
    let mut gateway = Gateway::start();
    fill(&mut gateway, 2, 60);
    let (project, account) = (
        gateway.printed("project"),
        gateway.printed("service account"),
    );
    add_project(&mut gateway, ANOTHER);
    let builder = json!({ "metadata": { "parentId": ANOTHER, "name": "builder" } });
    let builder = tools::ask(&gateway, "ServiceAccountService/Create", &builder);
    let other_key = read::make_key(&gateway, ANOTHER, builder["resourceId"].as_str().unwrap());

    let browser = page::connected_and_logged(&gateway).await;
    is_at(&browser, "create").await;
    for project in [ANOTHER, &project] {
        choose(&browser, "#project", project).await;
    }
    page::choose_first_account(&browser).await;
    let fingerprint = page::generate(&browser).await;

    // The page doesn't ask for the token or the project again.
    let chosen = "return document.querySelector('#project').value";
    for (screen, _) in SCREENS {
        go(&browser, screen).await;
        browser.wait_for_text("#who", "Local admin").await;
        browser.find("#project").await;
        assert_eq!(browser.run(chosen).await, json!(project), "{screen}");
        assert!(browser.asks_before_leaving().await, "an unsaved key");
    }

    go(&browser, "keys").await;
    wait_for_count(&browser, 60, 60).await;
    choose(&browser, "#project", ANOTHER).await;
    browser.wait_for_text("#key-count", "1 key.").await;
    assert!(row(&browser, &other_key).await.unwrap().contains("builder"));
    go(&browser, "create").await;
    browser.wait_for_text("#account-list", "builder").await;
    assert_eq!(browser.run(chosen).await, ANOTHER, "chosen on Keys");
    assert_eq!(browser.text("#fingerprint").await, fingerprint);
    go(&browser, "keys").await;
    choose(&browser, "#project", &project).await;
    wait_for_count(&browser, 60, 60).await;
    assert_eq!(row(&browser, &other_key).await, None);

    // The next visit shows what changed meanwhile.
    let keys = read::keys(&gateway, &project);
    let key = keys.iter().find(|key| key.state == "ACTIVE").unwrap();
    assert!(!row(&browser, &key.id).await.unwrap().contains("inactive"));
    go(&browser, "create").await;
    tools::ask(
        &gateway,
        "AuthPublicKeyService/Deactivate",
        &json!({ "id": key.id }),
    );
    go(&browser, "keys").await;
    let mut waiting = Waiting::begin();
    while !row(&browser, &key.id)
        .await
        .is_some_and(|row| row.contains("inactive"))
    {
        let fault = || format!("{} is shown as it was", key.id);
        waiting.again(fault).await;
    }

    // Signing out on one screen signs out of all, and signing in works the same way.
    go(&browser, "inspect").await;
    browser.click("#disconnect").await;
    for screen in ["create", "keys"] {
        go(&browser, screen).await;
        browser.find("#token").await;
        assert!(
            !browser.has("#who").await && !browser.has("#all-keys").await,
            "{screen}"
        );
    }
    page::reconnect(&browser).await;
    for screen in ["keys", "inspect", "create"] {
        go(&browser, screen).await;
        browser.wait_for_text("#who", "Local admin").await;
    }

    // The pair is still there.
    assert_eq!(browser.text("#fingerprint").await, fingerprint);
    browser.click(&format!("#choose-{account}")).await;
    let key_id = page::upload(&browser).await;
    page::verified(&browser).await;
    let files = page::download(&browser, &account, &key_id).await;
    outcome::files_are_right(&files, &fingerprint, &account, &key_id);
    assert!(!browser.asks_before_leaving().await);
    go(&browser, "keys").await;
    wait_for_count(&browser, 61, 61).await;

    let log = browser.close().await;
    outcome::the_private_key_is_nowhere(&gateway, &netlog::sent(&log), &log, &files);
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_and_reloading_lead_to_the_same_screen() {
    let mut gateway = Gateway::start();
    fill(&mut gateway, 1, 10);
    let browser = at_keys(&gateway).await;
    is_at(&browser, "keys").await;
    go(&browser, "inspect").await;
    go(&browser, "create").await;
    browser.client.back().await.unwrap();
    is_at(&browser, "inspect").await;
    browser.client.back().await.unwrap();
    is_at(&browser, "keys").await;
    browser.find("#all-keys tbody tr").await;
    browser.client.forward().await.unwrap();
    is_at(&browser, "inspect").await;

    // A reload stays on its screen, and the session is gone.
    go(&browser, "keys").await;
    browser.client.refresh().await.unwrap();
    browser.find("#token").await;
    is_at(&browser, "keys").await;
    assert!(!browser.has("#all-keys").await);
    page::reconnect(&browser).await;
    browser.find("#all-keys tbody tr").await;
    let history = browser.run("return history.length").await;
    assert!(history.as_u64().is_some_and(|n| n >= 5), "{history}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_search_the_filter_and_the_order_are_in_the_address_and_survive_a_reload() {
    let mut gateway = Gateway::start();
    fill(&mut gateway, 3, 30);
    let browser = at_keys(&gateway).await;
    browser.fill("#key-search", "machine-00001").await;
    choose(&browser, "#key-filter", "active").await;
    choose(&browser, "#key-order", "oldest").await;
    for part in ["q=machine-00001", "show=active", "sort=oldest", "project="] {
        wait_for_address(&browser, part).await;
    }
    let rows =
        "return [...document.querySelectorAll('#all-keys tbody th a')].map((a) => a.textContent)";
    let seen = browser.run(rows).await;
    assert!(seen.as_array().is_some_and(|seen| seen.len() > 1), "{seen}");
    let count = browser.text("#key-count").await;
    browser.client.refresh().await.unwrap();
    page::reconnect(&browser).await;
    browser.wait_for_text("#key-count", &count).await;
    assert_eq!(browser.run(rows).await, seen);
    let fields = "return ['key-search', 'key-filter', 'key-order']
        .map((id) => document.getElementById(id).value)";
    assert_eq!(
        browser.run(fields).await,
        json!(["machine-00001", "active", "oldest"])
    );
    // Opening a key's page and going back keeps them.
    browser.click("#all-keys tbody tr th a").await;
    browser.find("#key-page dl").await;
    browser.click("#back-to-keys").await;
    browser.wait_for_text("#key-count", &count).await;
    assert_eq!(browser.run(rows).await, seen);
    for part in ["q=machine-00001", "show=active", "sort=oldest"] {
        wait_for_address(&browser, part).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keys_page_has_an_address_that_works_elsewhere_and_changes_the_key() {
    let gateway = Gateway::start();
    let (project, account) = (
        gateway.printed("project"),
        gateway.printed("service account"),
    );
    let id = read::make_key(&gateway, &project, &account);
    let browser = at_keys(&gateway).await;
    browser.click("#all-keys tbody tr th a").await;
    browser.wait_for_text("#key-page", &id).await;
    let address = browser.client.current_url().await.unwrap();
    let other = Browser::start(Options::default()).await;
    other.open(address.as_str()).await;
    page::reconnect(&other).await;
    for part in [
        id.as_str(),
        &account,
        &project,
        "made elsewhere",
        "RSA 4096",
    ] {
        other.wait_for_text("#key-page", part).await;
    }
    // Signing in stayed on the same screen.
    wait_for_address(&other, &format!("#/keys/{id}")).await;
    for (button, state, message) in [
        ("#deactivate-key", "INACTIVE", "is inactive"),
        ("#activate-key", "ACTIVE", "is active"),
    ] {
        other.click(button).await;
        other.click("#change-dialog #confirm").await;
        other.wait_for_text("#key-message", message).await;
        assert_eq!(read::state(&gateway, &id).as_deref(), Some(state));
    }
    other.click("#delete-key").await;
    other.click("#change-dialog #confirm").await;
    other.wait_for_text("#no-key", &id).await;
    assert_eq!(read::state(&gateway, &id), None);
    // The other tab shows it on its next visit.
    page::go(&browser, "inspect").await;
    browser.client.back().await.unwrap();
    browser.wait_for_text("#no-key", &id).await;
}
