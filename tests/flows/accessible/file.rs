//! The Inspect screen.

use std::path::PathBuf;

use keyside_e2e::{
    gateway::{ADMIN_TOKEN, Gateway},
    page, tools,
};
use serde_json::json;
use tempfile::TempDir;

use super::{is_for_everybody, is_for_everybody_too};

const PASSPHRASE: &str = "correct horse";

/// Key files as an administrator might have them.
struct Shelf(TempDir);

impl Shelf {
    fn put(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

/// Uploads a public key for the gateway's first service account through the API; returns its ID.
fn upload(gateway: &Gateway, public_pem: &[u8]) -> String {
    let request = json!({
        "metadata": { "parentId": gateway.printed("project") },
        "spec": {
            "account": { "serviceAccount": { "id": gateway.printed("service account") } },
            "data": String::from_utf8_lossy(public_pem),
        },
    });
    let method = "nebius.iam.v1.AuthPublicKeyService/Create";
    let (status, made) = tools::curl(&gateway.address(), method, Some(ADMIN_TOKEN), &request);
    assert_eq!(status, 200, "{made}");
    made["resourceId"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_inspect_a_key_file() {
    let gateway = Gateway::start();
    let shelf = Shelf(tempfile::tempdir().unwrap());
    let private = tools::rsa_4096();
    let public = tools::openssl(&["rsa", "-pubout"], &private);
    let pass = format!("pass:{PASSPHRASE}");
    let encrypt = ["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", &pass];
    let locked = tools::openssl(&encrypt, &private);

    let browser = page::connected(&gateway).await;
    page::go(&browser, "inspect").await;
    browser.find("#key-file").await;
    is_for_everybody(&browser, "file-1-empty").await;
    browser.click("#paste summary").await;
    browser.find("#pasted").await;
    is_for_everybody_too(&browser, "file-2-paste").await;
    browser.click("#paste summary").await;

    page::choose_file(&browser, &shelf.put("private.pem", &private)).await;
    browser.find("#bring").await;
    is_for_everybody_too(&browser, "file-3-unknown").await;
    browser.click("#bring").await;
    page::choose_first_account(&browser).await;
    browser.find("#upload").await;
    is_for_everybody(&browser, "file-4-upload").await;

    page::choose_file(&browser, &shelf.put("locked.pem", &locked)).await;
    browser.find("#open-passphrase").await;
    is_for_everybody_too(&browser, "file-5-locked").await;
    browser.fill("#open-passphrase", "wrong").await;
    browser.click("#open-file").await;
    browser.find("#report .problem").await;
    is_for_everybody(&browser, "file-6-wrong-passphrase").await;

    let key_id = upload(&gateway, &public);
    page::choose_file(&browser, &shelf.put("public.pem", &public)).await;
    browser.wait_for_text("#match-key", &key_id).await;
    is_for_everybody(&browser, "file-7-matched").await;

    // Names two service accounts, and has line breaks that no key parser accepts.
    let credentials = json!({ "subject-credentials": {
        "type": "JWT", "alg": "RS256", "kid": "publickey-e00unknown", "iss": "serviceaccount-e00a",
        "sub": "serviceaccount-e00b",
        "private-key": String::from_utf8_lossy(&private).replace('\n', "\\n"),
    }});
    let path = shelf.put("credentials.json", credentials.to_string().as_bytes());
    page::choose_file(&browser, &path).await;
    browser.find("#findings .by-api").await;
    browser.wait_for_text("#match-key", &key_id).await;
    is_for_everybody(&browser, "file-8-findings").await;

    page::choose_file(&browser, &shelf.put("letter.txt", b"Dear all,")).await;
    browser.find("#report .problem").await;
    is_for_everybody(&browser, "file-9-refused").await;
}
