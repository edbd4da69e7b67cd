//! Service accounts and authorized keys, created with curl and openssl instead of the page.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    gateway::{ADMIN_TOKEN, Gateway},
    tools,
};

/// Calls the IAM API as the admin; returns the answer.
///
/// # Panics
/// If the API refuses.
pub fn call(gateway: &Gateway, method: &str, request: &Value) -> Value {
    let method = format!("nebius.iam.v1.{method}");
    let (status, answer) = tools::curl(&gateway.address(), &method, Some(ADMIN_TOKEN), request);
    assert_eq!(status, 200, "{method}: {answer}");
    answer
}

/// Creates a service account in the first project; returns its ID.
pub fn account(gateway: &Gateway, name: &str) -> String {
    let request = json!({ "metadata": { "parentId": gateway.printed("project"), "name": name } });
    let operation = call(gateway, "ServiceAccountService/Create", &request);
    operation["resourceId"].as_str().unwrap().to_owned()
}

/// An authorized key whose pair openssl made.
pub struct Key {
    /// `publickey-…`
    pub id: String,
    /// PKCS#8.
    pub private_pem: String,
    account: String,
}

impl Key {
    /// Creates one. `expires_at`, if any, is in the format of RFC 3339.
    #[must_use]
    pub fn new(
        gateway: &Gateway,
        account: &str,
        description: &str,
        expires_at: Option<&str>,
    ) -> Self {
        let private_pem = tools::rsa_4096();
        let public = tools::openssl(&["rsa", "-pubout"], &private_pem);
        let mut spec = json!({
            "account": { "serviceAccount": { "id": account } },
            "data": String::from_utf8(public).unwrap(),
            "description": description,
        });
        if let Some(at) = expires_at {
            spec["expiresAt"] = json!(at);
        }
        let metadata = json!({ "parentId": gateway.printed("project") });
        let request = json!({ "metadata": metadata, "spec": spec });
        let operation = call(gateway, "AuthPublicKeyService/Create", &request);
        Self {
            id: operation["resourceId"].as_str().unwrap().to_owned(),
            private_pem: String::from_utf8(private_pem).unwrap(),
            account: account.to_owned(),
        }
    }

    /// Writes its credentials file.
    pub fn write_credentials(&self, path: &Path) {
        let content = json!({ "subject-credentials": {
            "type": "JWT", "alg": "RS256", "private-key": self.private_pem,
            "kid": self.id, "iss": self.account, "sub": self.account,
        }});
        std::fs::write(path, content.to_string()).unwrap();
    }
}

/// Reads an authorized key from the API.
#[must_use]
pub fn read(gateway: &Gateway, key_id: &str) -> Value {
    call(
        gateway,
        "AuthPublicKeyService/Get",
        &json!({ "id": key_id }),
    )
}
