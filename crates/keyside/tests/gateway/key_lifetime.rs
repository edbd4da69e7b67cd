//! The gateway limits the lifetime of keys, with the embedded IAM and with an upstream.

use connectrpc::ErrorCode::InvalidArgument;
use keyside_iam::Timestamp;

use crate::support::{ADMIN_TOKEN, Folders, Gateway, get, new_key, now_s};

const DAY_S: i64 = 24 * 3600;

#[tokio::test]
async fn keys_that_live_too_long_are_refused_before_they_reach_the_api() {
    let folders = Folders::new();
    let mut command = folders.command();
    command.args(["--key-lifetime-max", "30d"]);
    let limited = Gateway::start(command);
    refuses_what_lives_longer_than_30_days(&limited, &limited).await;
}

#[tokio::test]
async fn an_upstream_that_allows_more_changes_nothing() {
    let folders = Folders::new();
    let api = folders.start();
    let others = Folders::new();
    let mut command = others.command();
    command
        .args(["--upstream", &api.address])
        .args(["--key-lifetime-max", "30d"]);
    let limited = Gateway::start(command);
    refuses_what_lives_longer_than_30_days(&limited, &api).await;
    // The API itself would accept it.
    api.admin().create_key(new_key(&api)).await.unwrap();
}

/// `ids` is the gateway that printed the IDs of the project and its service account.
async fn refuses_what_lives_longer_than_30_days(limited: &Gateway, ids: &Gateway) {
    let client = limited.client(Some(ADMIN_TOKEN));
    let create = async |expires_at_s: Option<i64>| {
        let mut request = new_key(ids);
        request.spec.get_or_insert_default().expires_at =
            expires_at_s.map(Timestamp::from_unix_secs).into();
        client.create_key(request).await
    };
    let now = now_s();
    for (expires_at_s, part) in [
        (None, "has no expiration date. Choose one"),
        (Some(now + 31 * DAY_S), "Choose an earlier expiration date"),
        (Some(253_402_300_799), "Choose an earlier expiration date"),
    ] {
        let refused = create(expires_at_s).await.unwrap_err();
        assert_eq!(refused.code, InvalidArgument);
        let message = refused.message.unwrap_or_default();
        assert!(message.contains("within 30 days"), "{message}");
        assert!(message.contains(part), "{message}");
    }
    let account = &ids.service_account_id;
    assert_eq!(client.keys_of(account).await.unwrap(), []);
    let id = create(Some(now + 30 * DAY_S)).await.unwrap();
    assert_eq!(client.keys_of(account).await.unwrap().len(), 1);
    assert!(id.starts_with("publickey-"));
}

#[test]
fn the_page_learns_both_settings_from_config_json() {
    let folders = Folders::new();
    let mut command = folders.command();
    command.args(["--key-lifetime-default", "14d", "--key-lifetime-max", "30d"]);
    let gateway = Gateway::start(command);
    let answer = get(&gateway.address, "/config.json");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let config = r#"{"key-lifetime-default":"14d","key-lifetime-max":"30d"}"#;
    assert!(answer.ends_with(config), "{answer}");
}
