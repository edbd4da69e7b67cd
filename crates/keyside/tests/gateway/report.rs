//! `keyside report`: every key with what is known about it, and an exit code for cron and CI.

use std::{
    fs,
    process::{Command, Output},
};

use keyside_iam::{MessageField, Timestamp, iam::CreateAuthPublicKeyRequest};
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use serde_json::{Value, json};

use crate::{
    groups::add_member,
    support::{ADMIN_TOKEN, Folders, Gateway, key, new_key, now_s},
};

const DAY_S: i64 = 24 * 60 * 60;

fn report(gateway: &Gateway, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_keyside"))
        .arg("report")
        .args(["--upstream", &gateway.address])
        .args(arguments)
        .output()
        .unwrap()
}

/// With the admin token, printed by a command.
fn by_command(gateway: &Gateway, arguments: &[&str]) -> Output {
    let command = format!("echo {ADMIN_TOKEN}");
    report(
        gateway,
        &[&["--token-command", &command], arguments].concat(),
    )
}

/// A request for a key that expires in this many days and an hour.
fn lasting(gateway: &Gateway, days: i64, description: &str) -> CreateAuthPublicKeyRequest {
    let mut request = new_key(gateway);
    let spec = request.spec.get_or_insert_default();
    spec.description = description.to_owned();
    spec.expires_at = MessageField::some(Timestamp::from_unix_secs(now_s() + days * DAY_S + 3600));
    request
}

#[tokio::test]
async fn every_key_is_listed_and_those_that_end_soon_fail_the_report() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let later = lasting(&gateway, 90, "=HYPERLINK(\"x\"), of \"ops\"\nlater");
    let later = admin.create_key(later).await.unwrap();
    let soon = admin
        .create_key(lasting(&gateway, 10, "soon"))
        .await
        .unwrap();
    let never = admin.create_key(new_key(&gateway)).await.unwrap();

    let output = by_command(&gateway, &["--format", "json", "--fail-on", "10d"]);
    assert!(output.status.success(), "{output:?}");
    let rows: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = rows.as_array().unwrap();
    let ids: Vec<_> = rows
        .iter()
        .map(|row| row["key_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [&*soon, &*later, &*never]);
    let first = &rows[0];
    assert_eq!(first["days_left"], 10);
    assert_eq!(first["age_days"], 0);
    assert_eq!(first["state"], "active");
    assert_eq!(first["created_by"], "tenantuseraccount-e00admin");
    assert_eq!(first["service_account_id"], gateway.service_account_id);
    assert_eq!(first["service_account"], "first-service-account");
    assert_eq!(first["project_id"], gateway.project_id);
    assert_eq!(rows[2]["days_left"], Value::Null);
    assert_eq!(rows[2]["violations"], "");

    let fails = |arguments: &[&str]| !by_command(&gateway, arguments).status.success();
    assert!(fails(&["--fail-on", "11d"]));
    assert!(fails(&["--key-lifetime-max", "365d"]), "one never expires");
    // An inactive key doesn't matter.
    for id in [&soon, &never] {
        let request = keyside_iam::iam::DeactivateAuthPublicKeyRequest {
            id: id.clone(),
            ..Default::default()
        };
        admin.keys().deactivate(request).await.unwrap();
    }
    assert!(!fails(&["--fail-on", "11d", "--key-lifetime-max", "365d"]));

    // Read by the parser of another project, with no formula in it.
    let output = by_command(&gateway, &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let description = csv
        .headers()
        .unwrap()
        .iter()
        .position(|name| name == "description");
    let records: Vec<_> = csv.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 3);
    assert_eq!(
        &records[1][description.unwrap()],
        "'=HYPERLINK(\"x\"), of \"ops\"\nlater"
    );
}

#[tokio::test]
async fn a_service_accounts_credentials_file_works_and_problems_are_named() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let account = gateway.service_account_id.as_str();
    add_member(&admin, "admins", account).await.unwrap();
    let kid = admin.create_key(new_key(&gateway)).await.unwrap();
    let pem = key().to_pkcs8_pem(LineEnding::LF).unwrap();
    let file = folders.root.path().join("credentials.json");
    let write = |kid: &str| {
        let credentials = json!({ "subject-credentials": { "type": "JWT", "alg": "RS256",
            "private-key": &**pem, "kid": kid, "iss": account, "sub": account } });
        fs::write(&file, credentials.to_string()).unwrap();
    };
    let by_file = || report(&gateway, &["--credentials", file.to_str().unwrap()]);
    write(&kid);
    let output = by_file();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8(output.stdout).unwrap().contains(&kid));
    write("publickey-e00unknown");
    let output = by_file();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(
        error.contains("--credentials") && error.contains("kid"),
        "{error}"
    );
    assert!(!error.contains("BEGIN"), "{error}");
    fs::write(&file, "{}").unwrap();
    let error = String::from_utf8(by_file().stderr).unwrap();
    assert!(error.contains("isn't a credentials file"), "{error}");
    let error = String::from_utf8(report(&gateway, &[]).stderr).unwrap();
    assert!(error.contains("there is no access token"), "{error}");
}
