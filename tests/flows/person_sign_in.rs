//! A person who signs in at the issuer, by authorization code with PKCE, pastes no token, and none is in the browser.

use keyside_e2e::{
    browser::{Browser, Options},
    gateway::{ADMIN_TOKEN, Gateway, More},
    netlog, page, setting,
    tools::Service,
};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_at_the_issuer_and_the_browser_never_has_their_token() {
    let api = Gateway::start();
    // Its access token is the API's admin token.
    let settings = json!({ "redirect": "http://127.0.0.1:", "access_token": ADMIN_TOKEN });
    let issuer = Service::start("team/issuer.py", &[&settings.to_string()]);
    let arguments = [
        "--upstream",
        &format!("http://{}", api.address()),
        "--sign-in-client-id",
        "keyside",
        "--sign-in-issuer",
        &issuer.url(""),
    ];
    let more = More {
        arguments: arguments.map(str::to_owned).to_vec(),
        ..More::default()
    };
    let gateway = Gateway::with(setting("KEYSIDE_DIST"), more);
    let browser = Browser::start(Options::own_process()).await;
    browser.open(&format!("{}sign-in", gateway.url())).await;
    page::choose_first_account(&browser).await;
    let id = page::create(&browser).await;
    page::verified(&browser).await;
    let account = api.printed("service account");
    assert_eq!(page::keys_of(&api, ADMIN_TOKEN, &account), [&*id]);
    let address = browser.client.current_url().await.unwrap();
    assert!(!address.as_str().contains("code="), "{address}");

    // Another browser is nobody.
    let other = Browser::start(Options::default()).await;
    other.open(&gateway.url()).await;
    other.find("#token").await;

    let log = browser.close().await;
    let sent = netlog::sent(&log).concat();
    let sent = String::from_utf8_lossy(&sent);
    assert!(sent.contains("AuthPublicKeyService/Create"));
    assert!(!sent.contains(ADMIN_TOKEN));
    let printed = String::from_utf8_lossy(&gateway.output()).into_owned();
    assert!(!printed.contains(ADMIN_TOKEN) && !printed.contains("eyJ"));
}
