//! The whole page shares one session. When it ends, the page asks for a new sign-in in place and keeps
//! the work in progress.

use keyside_e2e::{
    accessible::{Rules, assert_accessible},
    browser::{Browser, Options},
    gateway::{ADMIN_TOKEN, Gateway},
    made, outcome, page,
};
use serde_json::{Value, json};

/// The admin's token after the first one is refused.
const NEXT_TOKEN: &str = "the-next-admin-token-0123456789abcd";

/// Signs in again with the next token, once the page asks for it.
async fn sign_in_again(browser: &Browser) {
    browser.find("#session-ended").await;
    assert!(!browser.has("#who").await);
    browser.fill("#token", NEXT_TOKEN).await;
    browser.click("#connect-button").await;
    browser.wait_for_text("#who", "Local admin").await;
    assert!(!browser.has("#connect").await);
}

fn keys(gateway: &Gateway, account: &str) -> Vec<String> {
    page::keys_of(gateway, NEXT_TOKEN, account)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_during_a_create_loses_nothing() {
    let mut gateway = Gateway::start();
    let account = gateway.printed("service account");
    let browser = page::connected(&gateway).await;
    browser.fill("#key-description", "kept").await;
    let fingerprint = page::generate(&browser).await;
    gateway.change_token(NEXT_TOKEN);
    browser.click("#upload").await;
    browser
        .wait_for_text("#create-form .problem", "Your key pair is still here")
        .await;
    browser.picture("session-ended", 1280, false).await;
    assert_accessible(&browser, "session-ended", Rules::All).await;
    // Other screens ask as well, and keep everything meanwhile.
    page::go(&browser, "keys").await;
    browser.find("#session-ended").await;
    page::go(&browser, "create").await;
    assert_eq!(browser.text("#fingerprint").await, fingerprint);
    assert!(browser.asks_before_leaving().await);
    sign_in_again(&browser).await;
    assert_eq!(browser.text("#fingerprint").await, fingerprint);
    let key_id = page::upload(&browser).await;
    page::verified(&browser).await;
    assert_eq!(keys(&gateway, &account), [key_id.as_str()]);
    let files = page::download(&browser, &account, &key_id).await;
    outcome::files_are_right(&files, &fingerprint, &account, &key_id);
    page::go(&browser, "keys").await;
    browser.wait_for_text("#all-keys", "kept").await;
}

/// Holds back uploads from the third on until `letGo` is called; `held` is set while one is held back.
const HOLDS_THE_THIRD: &str = "const real = window.fetch; let uploads = 0;
    const gate = new Promise((resolve) => { window.letGo = resolve; });
    window.fetch = async (...call) => {
        const url = call[0].url ?? call[0];
        if (url.includes('AuthPublicKeyService/Create') && ++uploads === 3) {
            window.held = true;
            await gate;
        }
        return real(...call);
    };";

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_during_a_batch_loses_nothing() {
    let mut gateway = Gateway::start();
    let more = (0..4).map(|n| made::account(&gateway, &format!("machine-{n}")));
    let accounts: Vec<_> = [gateway.printed("service account")]
        .into_iter()
        .chain(more)
        .collect();
    let browser = page::connected(&gateway).await;
    browser.click("#choose-all").await;
    browser.run(HOLDS_THE_THIRD).await;
    browser.click("#create").await;
    browser
        .run_until_done("const look = () => window.held ? done() : setTimeout(look, 20); look();")
        .await;
    gateway.change_token(NEXT_TOKEN);
    browser.run("window.letGo()").await;
    // Work stops there: the other accounts would fail the same way.
    browser
        .wait_for_text("#many-status", "2 of 5 created, 1 failed.")
        .await;
    browser.wait_gone("#stop-many").await;
    sign_in_again(&browser).await;
    assert_eq!(
        browser.text("#many-status").await,
        "2 of 5 created, 1 failed."
    );
    browser.click("#go-on-many").await;
    browser
        .wait_for_text("#many-status", "5 of 5 created.")
        .await;
    for account in &accounts {
        assert_eq!(keys(&gateway, account).len(), 1, "{account}");
    }
    browser.click("#save-zip").await;
    let zip = browser.new_download(&mut Vec::new()).await;
    let json_text = crate::passphrases::by_python("zip", &zip, None).unwrap();
    let files: Vec<Value> = serde_json::from_str(&json_text).unwrap();
    assert_eq!(files.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_during_a_rotation_loses_nothing() {
    let mut gateway = Gateway::start();
    let account = gateway.printed("service account");
    let old = made::Key::new(&gateway, &account, "CI", None);
    let browser = page::connected(&gateway).await;
    page::go(&browser, "keys").await;
    browser
        .click(&format!("button[aria-label='Rotate {}']", old.id))
        .await;
    let fingerprint = page::generate(&browser).await;
    gateway.change_token(NEXT_TOKEN);
    browser.click("#upload").await;
    browser
        .wait_for_text("#create-form .problem", "Your key pair is still here")
        .await;
    sign_in_again(&browser).await;
    let key_id = page::upload(&browser).await;
    page::verified(&browser).await;
    assert_eq!(browser.text("#fingerprint").await, fingerprint);
    browser.click("#download-credentials").await;
    browser
        .download(&page::credentials_name(&account, &key_id))
        .await;
    // The session ends again before the old key is deactivated.
    gateway.change_token(ADMIN_TOKEN);
    browser.click("#in-place").await;
    browser.click("#retire").await;
    browser.click("#confirm").await;
    browser.find("#change-dialog .problem").await;
    browser.click("#cancel-change").await;
    browser.find("#session-ended").await;
    page::reconnect(&browser).await;
    assert!(browser.has("#in-place:checked").await);
    browser.click("#retire").await;
    browser.click("#confirm").await;
    browser.wait_for_text("#retire-step", "is inactive").await;
    assert_eq!(page::state_of(&gateway, &old.id).unwrap(), "INACTIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sign_in_serves_every_screen_however_slow_it_is() {
    let gateway = Gateway::start();
    let browser = Browser::start(Options::default()).await;
    browser.open(&gateway.url()).await;
    browser.find("#create").await;
    gateway.pause(true);
    browser.fill("#token", ADMIN_TOKEN).await;
    browser.click("#connect-button").await;
    browser.wait_for_text("#connect", "Signing in").await;
    for screen in ["keys", "inspect", "create", "keys"] {
        page::go(&browser, screen).await;
        browser.wait_for_text("#connect", "Signing in").await;
    }
    gateway.pause(false);
    browser.wait_for_text("#who", "Local admin").await;
    browser.wait_for_text("#key-count", "no keys yet").await;
    page::go(&browser, "create").await;
    browser.find("#account-list input:checked").await;
    assert!(!browser.has("#connect").await);
    let signed_in = browser
        .run("return document.querySelectorAll('#who').length")
        .await;
    assert_eq!(signed_in, json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_address_signs_in_once() {
    let gateway = Gateway::start();
    let first = gateway.first_url();
    let browser = Browser::start(Options::default()).await;
    browser.open(&first).await;
    browser.wait_for_text("#who", "Local admin").await;
    // What the browser recorded of the address is worthless now.
    let recorded = "return performance.getEntriesByType('navigation')[0].name";
    let recorded = browser.run(recorded).await;
    let recorded = recorded.as_str().unwrap().to_owned();
    assert!(recorded.contains("#code=") && !recorded.contains(ADMIN_TOKEN));
    for used in [&first, &recorded] {
        browser.open("about:blank").await;
        browser.open(used).await;
        let problem = browser.text("#connect .problem").await;
        assert!(problem.contains("no longer works"), "{problem}");
        assert!(problem.contains("keyside open"), "{problem}");
        assert!(!browser.has("#who").await);
    }
    // A new one can be opened or pasted.
    browser.fill("#token", &gateway.printed_url()).await;
    browser.click("#connect-button").await;
    browser.wait_for_text("#who", "Local admin").await;
    // The session survives a restart of the gateway. What loads until then would fail.
    browser.find("#create:enabled").await;
    let mut gateway = gateway;
    gateway.kill();
    gateway.start_again();
    page::create(&browser).await;
}
