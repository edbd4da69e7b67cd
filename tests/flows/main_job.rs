//! The main job from the printed address to working credentials, and the proof of the promise
//! from what the browser really sent.

use std::fs;

use keyside_e2e::{
    browser::Browser,
    gateway::{ADMIN_TOKEN, Gateway},
    needles::Needles,
    netlog, page, tools,
};
use serde_json::{Value, json};

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

    let credentials_name = format!("{account}-credentials.json");
    browser.click("#download-private").await;
    let private_pem = browser.download("private.pem").await;
    browser.click("#download-public").await;
    let public_pem = browser.download("public.pem").await;
    browser.click("#download-credentials").await;
    let credentials = browser.download(&credentials_name).await;
    assert!(
        !browser.asks_before_leaving().await,
        "the private key is saved"
    );

    browser.click("#verify").await;
    browser
        .wait_for_text("#verify-result", "These credentials work")
        .await;
    snippets_are_filled_in(&browser, &account, &key_id).await;
    the_table_marks_the_new_key(&browser, &key_id, &fingerprint).await;

    files_are_right(
        &private_pem,
        &public_pem,
        &credentials,
        &fingerprint,
        &account,
        &key_id,
    );
    let credentials_path = browser.download_path(&credentials_name);
    real_clients_use_them(&gateway, &credentials_path, &account, &key_id);

    browser.click("#forget").await;
    browser.find("#generate").await;
    let console = browser.console().await;
    assert!(console.is_empty(), "the console stays silent: {console:?}");

    let log = browser.close().await;
    the_private_key_is_nowhere(&gateway, &log, &private_pem, &public_pem);
}

/// Uploads with an expiry in 30 days; checks that local time and UTC are shown, and UTC is sent.
async fn upload_with_expiry(browser: &Browser) -> String {
    // Typed by script: what keys a date picker takes depends on its language.
    let set = "const at = new Date(Date.now() + 30 * 24 * 3600 * 1000); at.setSeconds(0, 0);
        const pad = n => String(n).padStart(2, '0');
        const field = document.getElementById('key-expires');
        field.value = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}T`
            + `${pad(at.getHours())}:${pad(at.getMinutes())}`;
        field.dispatchEvent(new Event('input', { bubbles: true }));
        return at.toISOString();";
    let iso = browser.run(set).await.as_str().unwrap().to_owned();
    let utc = format!("{} UTC", iso[..16].replace('T', " "));
    browser.wait_for_text("#expires-shown", &utc).await;
    assert!(browser.text("#expires-shown").await.contains("local time"));
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

fn files_are_right(
    private_pem: &[u8],
    public_pem: &[u8],
    credentials: &[u8],
    fingerprint: &str,
    account: &str,
    key_id: &str,
) {
    let check = tools::openssl(&["rsa", "-check", "-noout"], private_pem);
    assert_eq!(String::from_utf8_lossy(&check).trim(), "RSA key ok");
    assert_eq!(
        tools::openssl(&["pkey"], private_pem),
        private_pem,
        "as openssl would write it"
    );
    assert_eq!(tools::openssl(&["rsa", "-pubout"], private_pem), public_pem);
    let text = tools::openssl(&["rsa", "-noout", "-text"], private_pem);
    assert!(String::from_utf8_lossy(&text).contains("4096 bit"));
    let der = tools::openssl(&["rsa", "-pubin", "-outform", "DER"], public_pem);
    let digest = tools::openssl(&["dgst", "-sha256", "-c"], &der);
    assert!(
        String::from_utf8_lossy(&digest)
            .to_uppercase()
            .contains(fingerprint)
    );
    let value: Value = serde_json::from_slice(credentials).unwrap();
    let expected = json!({ "subject-credentials": {
        "type": "JWT", "alg": "RS256", "private-key": String::from_utf8_lossy(private_pem),
        "kid": key_id, "iss": account, "sub": account,
    }});
    assert_eq!(value, expected);
    assert!(credentials.starts_with(b"{"), "no BOM");
}

/// The official SDK over gRPC, and curl over Connect, until the key is deactivated.
fn real_clients_use_them(
    gateway: &Gateway,
    credentials: &std::path::Path,
    account: &str,
    key_id: &str,
) {
    let address = gateway.address();
    let listed = tools::sdk_lists_keys(&address, credentials, account);
    assert_eq!(listed, Ok(vec![key_id.to_owned()]));
    curl_does_the_same(gateway, credentials, account, key_id);

    let deactivate = "nebius.iam.v1.AuthPublicKeyService/Deactivate";
    let (status, _) = tools::curl(
        &address,
        deactivate,
        Some(ADMIN_TOKEN),
        &json!({ "id": key_id }),
    );
    assert_eq!(status, 200);
    let refused = tools::sdk_lists_keys(&address, credentials, account).unwrap_err();
    assert!(refused.contains("not active"), "{refused}");
}

fn curl_does_the_same(
    gateway: &Gateway,
    credentials: &std::path::Path,
    account: &str,
    key_id: &str,
) {
    let address = gateway.address();
    let file: Value = serde_json::from_slice(&fs::read(credentials).unwrap()).unwrap();
    let pem = file["subject-credentials"]["private-key"].as_str().unwrap();
    let (status, token) = tools::curl(
        &address,
        "nebius.iam.v1.TokenExchangeService/Exchange",
        None,
        &json!({
            "grantType": "urn:ietf:params:oauth:grant-type:token-exchange",
            "requestedTokenType": "urn:ietf:params:oauth:token-type:access_token",
            "subjectTokenType": "urn:ietf:params:oauth:token-type:jwt",
            "subjectToken": tools::jwt_by_openssl(pem, key_id, account),
        }),
    );
    assert_eq!(
        (status, &token["tokenType"]),
        (200, &json!("Bearer")),
        "{token}"
    );
    let list = "nebius.iam.v1.AuthPublicKeyService/ListByAccount";
    let request = json!({ "account": { "serviceAccount": { "id": account } } });
    let (status, keys) = tools::curl(&address, list, token["accessToken"].as_str(), &request);
    assert_eq!(status, 200);
    assert_eq!(keys["items"][0]["metadata"]["id"], json!(key_id));
    let (status, refused) = tools::curl(&address, list, None, &request);
    assert_eq!((status, &refused["code"]), (401, &json!("unauthenticated")));
}

fn the_private_key_is_nowhere(
    gateway: &Gateway,
    log: &[u8],
    private_pem: &[u8],
    public_pem: &[u8],
) {
    let private = Needles::private(&String::from_utf8_lossy(private_pem));
    let public = Needles::public(&String::from_utf8_lossy(public_pem));
    assert!(private.len() > 1_000, "{} forms", private.len());
    let sent = netlog::sent(log);
    let all_sent = sent.concat();
    assert!(
        !public.in_bytes(&all_sent).is_empty(),
        "the public key was sent"
    );
    assert!(contains(
        &all_sent,
        b"/nebius.iam.v1.AuthPublicKeyService/Create"
    ));
    assert!(contains(
        &all_sent,
        b"/nebius.iam.v1.TokenExchangeService/Exchange"
    ));
    for connection in &sent {
        assert!(
            private.in_bytes(connection).is_empty(),
            "sent: {:?}",
            private.in_bytes(connection)
        );
    }
    assert!(
        private.in_bytes(log).is_empty(),
        "in the log: {:?}",
        private.in_bytes(log)
    );
    let output = gateway.output();
    assert!(
        contains(&output, b"AuthPublicKeyService/Create"),
        "the log tells of the call"
    );
    assert!(
        private.in_bytes(&output).is_empty(),
        "server log: {:?}",
        private.in_bytes(&output)
    );
    let mut public_found = false;
    for (path, content) in gateway.data_files() {
        let found = private.in_bytes(&content);
        assert!(found.is_empty(), "{}: {found:?}", path.display());
        public_found |= !public.in_bytes(&content).is_empty();
    }
    assert!(public_found, "the public key is in the database");
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}
