//! The official SDK and the embedded IAM: updates, errors, impersonation and revoked tokens, as the SDK
//! understands them.

use keyside_e2e::{
    gateway::{ADMIN_TOKEN, Gateway},
    made, tools,
};
use serde_json::json;

#[test]
fn the_official_sdk_updates_impersonates_and_revokes() {
    let gateway = Gateway::start();
    let account = made::account(&gateway, "worker");
    let key = made::Key::new(&gateway, &account, "by openssl", None);
    let result = tools::sdk_calls(&gateway.address(), &[ADMIN_TOKEN, &key.id, &account]);
    assert_eq!(
        result["descriptions"],
        json!(["of the SDK", "of the SDK", ""]),
        "an update keeps what it doesn't change, and an empty text clears"
    );
    assert_eq!(result["impersonated"], json!(account));
    assert_eq!(result["revoked"], "UNAUTHENTICATED");
    // The SDK decodes the error detail.
    let error = result["error"].as_str().unwrap();
    for part in ["ResourceNotFound", "publickey-e00unknown", "iam"] {
        assert!(error.contains(part), "{part}: {error}");
    }
}
