//! One connection serves all screens, and their addresses hold nothing but their names.

use keyside_e2e::{
    browser::{Browser, Options},
    filled::{add_project, fill},
    gateway::{ADMIN_TOKEN, Gateway},
    netlog, outcome, page, tools,
    waiting::Waiting,
};
use serde_json::json;

use super::{at_keys, choose, read, row, wait_for_count};

const OTHERS: [(&str, &str); 4] = [
    ("keys", "Keys"),
    ("rotate", "Rotate a key"),
    ("many", "Many at once"),
    ("file", "Check or bring a key file"),
];

async fn go(browser: &Browser, screen: &str) {
    browser.click(&format!("nav a[href='#{screen}']")).await;
    is_at(browser, &format!("#{screen}"), screen).await;
}

/// The address and the screen that it shows.
async fn is_at(browser: &Browser, fragment: &str, screen: &str) {
    let name = OTHERS.iter().find(|(name, _)| *name == screen);
    let title = name.map_or("Make a key", |(_, title)| title);
    browser
        .find(&format!("nav a[href='#{screen}'][aria-current=page]"))
        .await;
    let told = browser.run("return [location.hash, document.title]").await;
    assert_eq!(told, json!([fragment, format!("{title} · Keyside")]));
}

async fn connect(browser: &Browser) {
    browser.fill("#token", ADMIN_TOKEN).await;
    browser.click("#connect-button").await;
    browser.wait_for_text("#who", "Local admin").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_made_across_screens_that_share_one_connection() {
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

    let browser = page::connected(&gateway).await;
    is_at(&browser, "", "make").await;
    for project in [ANOTHER, &project] {
        choose(&browser, "#project", project).await;
    }
    page::choose_first_account(&browser).await;
    let fingerprint = page::generate(&browser).await;

    // Nobody asks for the token, or for the project, again.
    for (screen, _) in OTHERS {
        go(&browser, screen).await;
        browser.wait_for_text("#who", "Local admin").await;
        browser.find("#project").await;
        let chosen = browser
            .run("return document.querySelector('#project').value")
            .await;
        assert_eq!(chosen, json!(project), "{screen}");
        assert!(browser.asks_before_leaving().await, "an unsaved key");
    }

    go(&browser, "keys").await;
    wait_for_count(&browser, 60, 60).await;
    choose(&browser, "#project", ANOTHER).await;
    browser.wait_for_text("#key-count", "1 key.").await;
    assert!(row(&browser, &other_key).await.unwrap().contains("builder"));
    go(&browser, "make").await;
    let shown = "return document.querySelector('#project').value";
    assert_eq!(
        browser.run(shown).await,
        ANOTHER,
        "chosen on another screen"
    );
    browser.wait_for_text("#account-list", "builder").await;
    go(&browser, "keys").await;
    choose(&browser, "#project", &project).await;
    wait_for_count(&browser, 60, 60).await;
    assert_eq!(row(&browser, &other_key).await, None);

    // What changed meanwhile is seen on the next visit.
    let keys = read::keys(&gateway, &project);
    let key = keys.iter().find(|key| key.state == "ACTIVE").unwrap();
    assert!(!row(&browser, &key.id).await.unwrap().contains("inactive"));
    go(&browser, "make").await;
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

    // Disconnecting here does it everywhere, and so does connecting.
    go(&browser, "file").await;
    browser.click("#disconnect").await;
    for screen in ["make", "keys", "rotate", "many"] {
        go(&browser, screen).await;
        browser.find("#token").await;
        assert!(
            !browser.has("#who").await && !browser.has("#all-keys").await,
            "{screen}"
        );
    }
    connect(&browser).await;
    for screen in ["keys", "file", "make"] {
        go(&browser, screen).await;
        browser.wait_for_text("#who", "Local admin").await;
    }

    // The pair waited.
    choose(&browser, "#project", &project).await;
    assert_eq!(browser.text("#fingerprint").await, fingerprint);
    if !browser.has("#chosen-account").await {
        page::choose_first_account(&browser).await;
    }
    let key_id = page::upload(&browser).await;
    let files = page::download(&browser, &account).await;
    page::verify(&browser).await;
    outcome::files_are_right(&files, &fingerprint, &account, &key_id);
    assert!(!browser.asks_before_leaving().await);
    go(&browser, "keys").await;
    wait_for_count(&browser, 61, 61).await;

    let log = browser.close().await;
    outcome::the_private_key_is_nowhere(&gateway, &netlog::sent(&log), &log, &files);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_holds_the_screens_name_alone() {
    let mut gateway = Gateway::start();
    fill(&mut gateway, 1, 10);
    let browser = at_keys(&gateway).await;
    is_at(&browser, "#keys", "keys").await;
    go(&browser, "many").await;
    go(&browser, "rotate").await;
    browser.client.back().await.unwrap();
    is_at(&browser, "#many", "many").await;
    browser.client.back().await.unwrap();
    is_at(&browser, "#keys", "keys").await;
    browser.find("#all-keys tbody tr").await;
    browser.client.forward().await.unwrap();
    is_at(&browser, "#many", "many").await;
    browser.run("location.hash = '#no-such-screen'").await;
    is_at(&browser, "#no-such-screen", "make").await;
    browser.find("#generate").await;

    // A reload stays at its screen, and knows nothing any more.
    go(&browser, "keys").await;
    browser.client.refresh().await.unwrap();
    browser.find("#token").await;
    is_at(&browser, "#keys", "keys").await;
    assert!(!browser.has("#all-keys").await);
    connect(&browser).await;
    browser.find("#all-keys tbody tr").await;
    let history = browser.run("return history.length").await;
    assert!(history.as_u64().is_some_and(|n| n >= 6), "{history}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_names_no_screen_leads_to_the_first_one() {
    let gateway = Gateway::start();
    let browser = Browser::start(Options::default()).await;
    for fragment in ["#constructor", "#__proto__", "#nonsense"] {
        browser.open(&format!("{}{fragment}", gateway.url())).await;
        is_at(&browser, fragment, "make").await;
        browser.find("#token").await;
        browser.open("about:blank").await;
    }
}
