//! The audit log: who did what, with nothing left out and nothing secret in it.

use std::{
    fs,
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use crate::{
    groups::add_member,
    support::{ADMIN_TOKEN, Folders, Gateway, claims, get, impersonation, jwt, key, new_key},
};
use keyside_iam::{
    iam::{
        DeactivateAuthPublicKeyRequest, DeleteAuthPublicKeyRequest, DeleteServiceAccountRequest,
    },
    token_exchange::ACCESS_TOKEN_TYPE,
};
use serde_json::Value;

fn start(folders: &Folders, arguments: &[&str]) -> (Gateway, PathBuf) {
    let path = folders.root.path().join("audit.jsonl");
    let mut command = folders.command();
    command.arg("--audit-log").arg(&path).args(arguments);
    (Gateway::start(command), path)
}

fn records(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn the_audit_log_records_who_did_what_and_holds_no_key_material() {
    let folders = Folders::new();
    let (gateway, path) = start(&folders, &[]);
    let admin = gateway.admin();
    let id = admin.create_key(new_key(&gateway)).await.unwrap();
    let account = gateway.service_account_id.as_str();
    let proof = jwt(key(), &id, &claims(account));
    let token = admin.exchange(proof.clone()).await.unwrap().access_token;
    admin.key(&id).await.unwrap();
    let deactivate = DeactivateAuthPublicKeyRequest {
        id: id.clone(),
        ..Default::default()
    };
    admin.keys().deactivate(deactivate).await.unwrap();
    let delete = DeleteAuthPublicKeyRequest {
        id: "publickey-e00unknown".to_owned(),
        ..Default::default()
    };
    admin.keys().delete(delete.clone()).await.unwrap_err();
    gateway
        .client(Some(&token))
        .keys()
        .delete(delete)
        .await
        .unwrap_err();
    gateway
        .client(Some("nobody-knows-it"))
        .create_key(new_key(&gateway))
        .await
        .unwrap_err();
    let mut with_private = new_key(&gateway);
    with_private.spec.get_or_insert_default().description =
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC".to_owned();
    admin.create_key(with_private).await.unwrap_err();

    let text = fs::read_to_string(&path).unwrap();
    let records = records(&path);
    let recorded: Vec<_> = records
        .iter()
        .map(|record| {
            let field = |name: &str| record[name].as_str().unwrap_or("-");
            [
                field("by"),
                field("action"),
                field("target"),
                field("within"),
                field("outcome"),
            ]
        })
        .collect();
    let admin = "tenantuseraccount-e00admin";
    assert_eq!(
        recorded,
        [
            [admin, "AuthPublicKeyService/Create", &id, account, "ok"],
            [admin, "TokenExchangeService/Exchange", &id, account, "ok"],
            [admin, "AuthPublicKeyService/Deactivate", &id, "-", "ok"],
            [
                admin,
                "AuthPublicKeyService/Delete",
                "publickey-e00unknown",
                "-",
                "not_found"
            ],
            [
                account,
                "AuthPublicKeyService/Delete",
                "publickey-e00unknown",
                "-",
                "permission_denied"
            ],
            [
                "-",
                "AuthPublicKeyService/Create",
                "-",
                account,
                "unauthenticated"
            ],
            [
                admin,
                "AuthPublicKeyService/Create",
                "-",
                "-",
                "invalid_argument"
            ],
        ]
    );
    assert!(
        records
            .iter()
            .all(|r| r["request_id"].as_str().unwrap().len() == 24)
    );
    assert!(
        records
            .iter()
            .all(|r| r["time"].as_str().unwrap().ends_with('Z'))
    );
    for secret in [ADMIN_TOKEN, &token, &proof, "BEGIN", "nobody-knows-it"] {
        assert!(!text.contains(secret), "{secret}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

/// Sends a Create over HTTP/1.1 with additional header lines.
fn send_create(gateway: &Gateway, headers: &str) -> TcpStream {
    let host = gateway.address.trim_start_matches("http://");
    let body = serde_json::to_string(&new_key(gateway)).unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "POST /nebius.iam.v1.AuthPublicKeyService/Create HTTP/1.1\r\nhost: {host}\r\n\
         connection: close\r\ncontent-type: application/json\r\n\
         authorization: Bearer {ADMIN_TOKEN}\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
    .unwrap();
    stream
}

#[tokio::test]
async fn a_change_is_finished_and_recorded_when_its_caller_does_not_wait() {
    let folders = Folders::new();
    let (gateway, path) = start(&folders, &["--metrics-listen", "127.0.0.1:0"]);
    let mut answer = String::new();
    send_create(&gateway, "connect-timeout-ms: 1\r\n")
        .read_to_string(&mut answer)
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(records(&path).len(), 1);
    // The others disconnect sooner or later. Some requests arrive, and all that do are recorded.
    for n in 0..20 {
        let gone = send_create(&gateway, "");
        thread::sleep(Duration::from_millis(15 * n));
        gone.shutdown(Shutdown::Both).unwrap();
    }
    let account = gateway.service_account_id.as_str();
    let admin = gateway.admin();
    let mut made = Vec::new();
    let started = Instant::now();
    // Until some requests have arrived, and nothing happens for a while.
    loop {
        thread::sleep(Duration::from_millis(500));
        let before = made.len();
        let keys = admin.keys_of(account).await.unwrap();
        made = keys.iter().map(|key| key.metadata.id.clone()).collect();
        if made.len() > 1 && made.len() == before && records(&path).len() >= before {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{made:?}");
    }
    let records = records(&path);
    let target = |record: &Value| record["target"].as_str().unwrap().to_owned();
    let mut recorded: Vec<_> = records.iter().map(target).collect();
    recorded.sort();
    made.sort();
    assert_eq!(recorded, made);
    assert!(records.iter().all(|record| record["outcome"] == "ok"));
    let text = get(&gateway.metrics_address, "/metrics");
    let counted = format!(
        "method=\"AuthPublicKeyService/Create\",code=\"ok\"}} {}",
        made.len()
    );
    assert!(text.contains(&counted), "{text}");
}

#[tokio::test]
async fn an_account_that_deletes_itself_is_recorded() {
    let folders = Folders::new();
    let (gateway, path) = start(&folders, &[]);
    let admin = gateway.admin();
    let account = gateway.service_account_id.clone();
    add_member(&admin, "admins", &account).await.unwrap();
    let id = admin.create_key(new_key(&gateway)).await.unwrap();
    let proof = jwt(key(), &id, &claims(&account));
    let token = admin.exchange(proof).await.unwrap().access_token;
    let own = gateway.client(Some(&token));
    let delete = DeleteServiceAccountRequest {
        id: account.clone(),
        ..Default::default()
    };
    own.accounts().delete(delete).await.unwrap();
    let last = records(&path).pop().unwrap();
    assert_eq!(last["action"], "ServiceAccountService/Delete");
    assert_eq!(last["by"], account);
    assert_eq!(last["outcome"], "ok");
}

#[tokio::test]
async fn whoever_acts_as_another_account_is_recorded() {
    let folders = Folders::new();
    let (gateway, path) = start(&folders, &[]);
    let as_account = |actor_token: &str| {
        impersonation(&gateway.service_account_id, actor_token, ACCESS_TOKEN_TYPE)
    };
    let tokens = gateway.client(None).tokens();
    tokens.exchange(as_account(ADMIN_TOKEN)).await.unwrap();
    tokens.exchange(as_account("wrong")).await.unwrap_err();
    let records = records(&path);
    assert_eq!(records[0]["by"], "tenantuseraccount-e00admin");
    assert_eq!(records[0]["within"], gateway.service_account_id);
    assert_eq!(records[0]["outcome"], "ok");
    assert_eq!(records[1]["by"], Value::Null);
    assert_eq!(records[1]["outcome"], "unauthenticated");
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains(ADMIN_TOKEN));
}

#[tokio::test]
async fn what_is_not_an_id_is_not_recorded() {
    let folders = Folders::new();
    let (gateway, path) = start(&folders, &[]);
    let admin = gateway.admin();
    let anybody = gateway.client(None);
    let secrets = [
        "s".repeat(60 * 1024),
        "v1.CmQKHHRlbmFudHVzZXJhY2NvdW50LWUwMGFkbWlu".to_owned(),
    ];
    for secret in &secrets {
        let request = DeleteAuthPublicKeyRequest {
            id: secret.clone(),
            ..Default::default()
        };
        admin.keys().delete(request.clone()).await.unwrap_err();
        anybody.keys().delete(request).await.unwrap_err();
    }
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(records(&path).len(), 4);
    assert!(
        secrets.iter().all(|secret| !text.contains(secret)),
        "{text}"
    );
    assert!(text.len() < 4 * 400, "{} bytes", text.len());
}

#[tokio::test]
async fn refused_calls_are_not_recorded_as_changes() {
    let folders = Folders::new();
    let (gateway, path) = start(&folders, &["--rate", "1"]);
    let admin = gateway.admin();
    let mut refused = 0;
    for _ in 0..20 {
        let request = DeleteAuthPublicKeyRequest {
            id: "publickey-e00unknown".to_owned(),
            ..Default::default()
        };
        let error = admin.keys().delete(request).await.unwrap_err();
        refused += usize::from(error.code == connectrpc::ErrorCode::ResourceExhausted);
    }
    assert!(refused > 0);
    // They are in the log and in the metrics.
    assert_eq!(records(&path).len(), 20 - refused);
    gateway.wait_for_log("code=\"resource_exhausted\"", refused);
}

#[tokio::test]
async fn an_audit_log_is_verified_by_command_and_its_hashes_are_in_the_log() {
    let folders = Folders::new();
    let (gateway, path) = start(&folders, &[]);
    let admin = gateway.admin();
    for _ in 0..3 {
        admin.create_key(new_key(&gateway)).await.unwrap();
    }
    drop(gateway);
    // A restart continues the chain.
    let (gateway, _) = start(&folders, &[]);
    gateway.admin().create_key(new_key(&gateway)).await.unwrap();
    let verify = || {
        let output = Command::new(env!("CARGO_BIN_EXE_keyside"))
            .args(["audit", "verify"])
            .arg(&path)
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        (output.status.success(), printed)
    };
    let (is_intact, printed) = verify();
    assert!(
        is_intact && printed.contains("Records 1 to 4 are intact"),
        "{printed}"
    );
    let hash = printed.lines().next().unwrap().rsplit(' ').next().unwrap();
    gateway.wait_for_log(&format!("audit_sha256=\"{hash}\""), 1);
    // Two gateways can't write to one log.
    let others = Folders::new();
    let mut second = others.command();
    second.arg("--audit-log").arg(&path);
    let output = second.output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("another gateway writes"), "{error}");

    let text = fs::read_to_string(&path).unwrap();
    let edited = text.replacen("\"outcome\":\"ok\"", "\"outcome\":\"no\"", 2);
    let edited = edited.replacen("\"outcome\":\"no\"", "\"outcome\":\"ok\"", 1);
    fs::write(&path, edited).unwrap();
    let (is_intact, printed) = verify();
    assert!(!is_intact && printed.contains("line 2 of"), "{printed}");
}
