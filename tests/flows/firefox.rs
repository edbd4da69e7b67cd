//! The main job in Firefox: an engine that is not Chromium's, by the same judges.

use keyside_e2e::{gateway::Gateway, needles::Needles, outcome, page};

#[tokio::test(flavor = "multi_thread")]
async fn firefox_makes_working_credentials_and_the_private_key_goes_nowhere() {
    let gateway = Gateway::start();
    let browser = page::connected_in_firefox(&gateway).await;
    assert_eq!(
        browser.client.current_url().await.unwrap().as_str(),
        gateway.url(),
        "the token is gone from the address"
    );
    page::choose_first_account(&browser).await;
    let account = gateway.printed("service account");
    let fingerprint = page::generate(&browser).await;
    assert!(
        browser.asks_before_leaving().await,
        "an unsaved private key"
    );
    browser
        .fill("#key-description", "made end to end in Firefox")
        .await;
    let key_id = page::upload(&browser).await;

    let files = page::download(&browser, &account).await;
    page::verify(&browser).await;
    outcome::files_are_right(&files, &fingerprint, &account, &key_id);
    outcome::real_clients_use_them(&gateway, &files.credentials_path, &account, &key_id);

    browser.click("#forget").await;
    browser.find("#generate").await;
    let console = browser.console().await;
    assert!(console.is_empty(), "the console stays silent: {console:?}");
    let private = Needles::private(&String::from_utf8_lossy(&files.private_pem));
    let profile = browser.profile_files();
    assert!(profile.len() > 10, "{} files", profile.len());
    for (path, content) in profile {
        let found = private.in_bytes(&content);
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
    let (sent, said) = browser.recorded();
    let to = gateway.address();
    let others: Vec<_> = sent
        .iter()
        .map(|sent| &sent.to)
        .filter(|at| **at != to)
        .collect();
    assert!(others.is_empty(), "the gateway alone is asked: {others:?}");
    let sent: Vec<_> = sent.into_iter().map(|sent| sent.bytes).collect();
    outcome::the_private_key_is_nowhere(&gateway, &sent, &said, &files);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_firefox_asks_for_elsewhere_is_seen() {
    let gateway = Gateway::start();
    let browser = page::connected_in_firefox(&gateway).await;
    let elsewhere = "http://elsewhere.invalid/";
    assert!(browser.client.goto(elsewhere).await.is_err());
    let (sent, _) = browser.recorded();
    let asked = |to: &str| sent.iter().any(|sent| sent.to == to);
    assert!(asked("elsewhere.invalid:80"));
    assert!(asked(&gateway.address()));
    // Where nothing can be stored: the page that tells of the failure cannot be looked at.
    browser.open("about:blank").await;
}
