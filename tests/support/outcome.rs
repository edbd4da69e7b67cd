//! Verifies the result of the main job: the files, that they work, and that the private key is only
//! where it belongs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
    gateway::{ADMIN_TOKEN, Gateway},
    needles::Needles,
    tools,
};

/// The three downloads.
pub struct Files {
    /// `private.pem`.
    pub private_pem: Vec<u8>,
    /// `public.pem`.
    pub public_pem: Vec<u8>,
    /// The credentials file.
    pub credentials: Vec<u8>,
    /// The credentials file's path.
    pub credentials_path: PathBuf,
}

impl Files {
    /// Derives the other files with openssl, for a credentials file that came alone.
    #[must_use]
    pub fn of_credentials(path: &Path) -> Self {
        let credentials = fs::read(path).unwrap();
        let value: Value = serde_json::from_slice(&credentials).unwrap();
        let pem = value["subject-credentials"]["private-key"].as_str();
        let private_pem = pem.expect("a private key").as_bytes().to_vec();
        Self {
            public_pem: tools::openssl(&["rsa", "-pubout"], &private_pem),
            private_pem,
            credentials,
            credentials_path: path.to_owned(),
        }
    }
}

/// Verifies the three files with openssl, and compares them with what the page and the API show.
pub fn files_are_right(files: &Files, fingerprint: &str, account: &str, key_id: &str) {
    let Files {
        private_pem,
        public_pem,
        credentials,
        ..
    } = files;
    let check = tools::openssl(&["rsa", "-check", "-noout"], private_pem);
    assert_eq!(String::from_utf8_lossy(&check).trim(), "RSA key ok");
    assert_eq!(
        &tools::openssl(&["pkey"], private_pem),
        private_pem,
        "as openssl would write it"
    );
    assert_eq!(
        &tools::openssl(&["rsa", "-pubout"], private_pem),
        public_pem
    );
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

/// Verifies with the official SDK over gRPC and curl over Connect that the credentials work until the
/// key is deactivated.
pub fn real_clients_use_them(gateway: &Gateway, credentials: &Path, account: &str, key_id: &str) {
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

fn curl_does_the_same(gateway: &Gateway, credentials: &Path, account: &str, key_id: &str) {
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

/// Searches for the private key in what the browser sent, by connection, in the browser's log, and in
/// the gateway's log and data; verifies that the search finds the public key.
pub fn the_private_key_is_nowhere(gateway: &Gateway, sent: &[Vec<u8>], log: &[u8], files: &Files) {
    let private = Needles::private(&String::from_utf8_lossy(&files.private_pem));
    let public = Needles::public(&String::from_utf8_lossy(&files.public_pem));
    assert!(private.len() > 1_000, "{} forms", private.len());
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
    for connection in sent {
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
        "the log records the call"
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
