//! New keys expire after 90 days, unless the user chooses otherwise or the administrator sets a limit.

use keyside_e2e::{
    browser::Browser,
    gateway::{ADMIN_TOKEN, Gateway, More},
    made, page, setting, tools,
};
use serde_json::{Value, json};

const DAY_S: f64 = 24.0 * 3600.0;

/// The number of days until the key expires, according to the API.
async fn days_left(gateway: &Gateway, browser: &Browser, key_id: &str) -> f64 {
    let key = made::read(gateway, key_id);
    let script = "return (new Date(arguments[0]) - Date.now()) / 1000";
    let at = vec![key["spec"]["expiresAt"].clone()];
    let left = browser.client.execute(script, at).await.unwrap();
    left.as_f64().unwrap() / DAY_S
}

/// The options of the list.
async fn offers(browser: &Browser) -> Value {
    browser.find("#key-lifetime").await;
    let script = "return [...document.getElementById('key-lifetime').options].map((it) => it.text)";
    browser.run(script).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_expires_after_90_days_unless_something_else_is_chosen() {
    let gateway = Gateway::start();
    let browser = page::ready_to_upload(&gateway).await;
    assert_eq!(
        offers(&browser).await,
        json!([
            "30 days",
            "90 days",
            "180 days",
            "365 days",
            "On a date",
            "Never"
        ])
    );
    let shown = browser.text("#expires-shown").await;
    assert!(
        shown.starts_with("Expires ") && shown.ends_with(" UTC)."),
        "{shown}"
    );
    let key_id = page::upload(&browser).await;
    let left = days_left(&gateway, &browser, &key_id).await;
    assert!((left - 90.0).abs() < 0.01, "{left}");

    browser.click("#create-another").await;
    browser.click("#confirm").await;
    page::generate(&browser).await;
    page::choose_lifetime(&browser, "30").await;
    let key_id = page::upload(&browser).await;
    let left = days_left(&gateway, &browser, &key_id).await;
    assert!((left - 30.0).abs() < 0.01, "{left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_administrators_limits_hold_on_the_page_and_at_the_api() {
    let more = More {
        arguments: ["--key-lifetime-default", "14d", "--key-lifetime-max", "45d"]
            .map(str::to_owned)
            .to_vec(),
        ..More::default()
    };
    let gateway = Gateway::with(setting("KEYSIDE_DIST"), more);
    let browser = page::ready_to_upload(&gateway).await;
    assert_eq!(
        offers(&browser).await,
        json!(["14 days", "30 days", "On a date"])
    );
    page::choose_date(&browser, "2999-01-01T00:00").await;
    browser
        .wait_for_text("#expires-shown", "Keys must expire within 45 days")
        .await;
    assert!(!browser.find("#upload").await.is_enabled().await.unwrap());
    page::choose_lifetime(&browser, "14").await;
    let key_id = page::upload(&browser).await;
    let left = days_left(&gateway, &browser, &key_id).await;
    assert!((left - 14.0).abs() < 0.01, "{left}");

    // The limit can't be bypassed.
    let public = tools::openssl(&["rsa", "-pubout"], &tools::rsa_4096());
    let request = json!({
        "metadata": { "parentId": gateway.printed("project") },
        "spec": {
            "account": { "serviceAccount": { "id": gateway.printed("service account") } },
            "data": String::from_utf8(public).unwrap(),
        },
    });
    let method = "nebius.iam.v1.AuthPublicKeyService/Create";
    let (status, answer) = tools::curl(&gateway.address(), method, Some(ADMIN_TOKEN), &request);
    assert_eq!(status, 400, "{answer}");
    assert_eq!(answer["code"], "invalid_argument");
    assert!(
        answer["message"]
            .as_str()
            .unwrap()
            .contains("within 45 days"),
        "{answer}"
    );
}
