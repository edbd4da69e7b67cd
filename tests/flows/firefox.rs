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

    let credentials_name = format!("{account}-credentials.json");
    browser.click("#download-private").await;
    let private_pem = browser.download("private.pem").await;
    browser.click("#download-public").await;
    let public_pem = browser.download("public.pem").await;
    browser.click("#download-credentials").await;
    let credentials = browser.download(&credentials_name).await;
    browser.click("#verify").await;
    browser
        .wait_for_text("#verify-result", "These credentials work")
        .await;
    outcome::files_are_right(
        &private_pem,
        &public_pem,
        &credentials,
        &fingerprint,
        &account,
        &key_id,
    );
    let credentials_path = browser.download_path(&credentials_name);
    outcome::real_clients_use_them(&gateway, &credentials_path, &account, &key_id);

    browser.click("#forget").await;
    browser.find("#generate").await;
    let console = browser.console().await;
    assert!(console.is_empty(), "the console stays silent: {console:?}");
    let private = Needles::private(&String::from_utf8_lossy(&private_pem));
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
    outcome::the_private_key_is_nowhere(&gateway, &sent, &said, &private_pem, &public_pem);
}
