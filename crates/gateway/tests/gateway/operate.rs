//! Health, metrics, logs, the audit log, and a stop that loses nothing.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    thread,
    time::Duration,
};

use crate::support::{ADMIN_TOKEN, Folders, claims, get, jwt, key, new_key};
use keyside_iam::iam::{DeactivateAuthPublicKeyRequest, DeleteAuthPublicKeyRequest};
use serde_json::Value;

#[tokio::test]
async fn health_and_readiness_are_reported() {
    let folders = Folders::new();
    let gateway = folders.start();
    for (path, word) in [("/healthz", "ok"), ("/readyz", "ready")] {
        let answer = get(&gateway.address, path);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.ends_with(&format!("{word}\n")), "{answer}");
    }
    // An upstream that isn't running.
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyside"));
    command
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--upstream",
            "http://127.0.0.1:9",
        ])
        .arg("--dist")
        .arg(folders.root.path().join("dist"))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let lonely = crate::support::Gateway::start(command);
    let address = lonely.address.trim_end_matches('/');
    assert!(get(address, "/healthz").starts_with("HTTP/1.1 200"));
    let answer = get(address, "/readyz");
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("no connection to 127.0.0.1"), "{answer}");
}

#[tokio::test]
async fn metrics_count_calls_and_hold_no_ids() {
    let folders = Folders::new();
    let mut command = folders.command();
    command.args(["--metrics-listen", "127.0.0.1:0"]);
    let gateway = crate::support::Gateway::start(command);
    let admin = gateway.admin();
    let id = admin.create_key(new_key(&gateway)).await.unwrap();
    admin.key(&id).await.unwrap();
    admin.key("publickey-e00unknown").await.unwrap_err();
    let text = get(&gateway.metrics_address, "/metrics");
    assert!(
        text.contains("application/openmetrics-text; version=1.0.0"),
        "{text}"
    );
    for line in [
        "keyside_calls_total{method=\"AuthPublicKeyService/Create\",code=\"ok\"} 1",
        "keyside_calls_total{method=\"AuthPublicKeyService/Get\",code=\"ok\"} 1",
        "keyside_calls_total{method=\"AuthPublicKeyService/Get\",code=\"not_found\"} 1",
        "keyside_call_duration_seconds_count{method=\"AuthPublicKeyService/Get\"} 2",
        "keyside_calls_in_flight 0",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    for secret in [id.as_str(), &gateway.project_id, ADMIN_TOKEN, "BEGIN"] {
        assert!(!text.contains(secret), "{secret}");
    }
    // Metrics aren't on the public port.
    assert!(get(&gateway.address, "/metrics").starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn the_audit_log_records_who_did_what_and_holds_no_key_material() {
    let folders = Folders::new();
    let path = folders.root.path().join("audit.jsonl");
    let mut command = folders.command();
    command.arg("--audit-log").arg(&path);
    let gateway = crate::support::Gateway::start(command);
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
        "-----BEGIN PRIVATE KEY-----".to_owned();
    admin.create_key(with_private).await.unwrap_err();

    let text = fs::read_to_string(&path).unwrap();
    let records: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
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

#[tokio::test]
async fn logs_are_json_when_asked_for_and_name_the_request() {
    let folders = Folders::new();
    let mut command = folders.command();
    command
        .args(["--log-format", "json"])
        .env("KEYSIDE_LOG", "info");
    let gateway = crate::support::Gateway::start(command);
    let admin = gateway.admin();
    admin.key("publickey-e00unknown").await.unwrap_err();
    gateway.wait_for_log("not_found", 1);
    let log = gateway.log.lock().unwrap().clone();
    let line = log.lines().find(|line| line.contains("not_found")).unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["method"], "/nebius.iam.v1.AuthPublicKeyService/Get");
    assert_eq!(line["request_id"].as_str().unwrap().len(), 24);
    assert!(line["elapsed_ms"].is_number());
    assert!(!log.contains(ADMIN_TOKEN));
}

#[tokio::test]
async fn a_call_in_flight_is_answered_before_the_gateway_stops() {
    let folders = Folders::new();
    let gateway = folders.start();
    let host = gateway.address.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&host).unwrap();
    write!(
        stream,
        "POST /nebius.iam.v1.ProfileService/Get HTTP/1.1\r\nhost: {host}\r\n\
         authorization: Bearer {ADMIN_TOKEN}\r\ncontent-type: application/json\r\n\
         content-length: 2\r\nconnection: close\r\n\r\n{{"
    )
    .unwrap();
    // Another connection proves that the first one was already accepted.
    assert!(get(&gateway.address, "/healthz").starts_with("HTTP/1.1 200"));
    thread::sleep(Duration::from_millis(200));
    gateway.ask_to_stop();
    gateway.wait_for_log("shutting down", 1);
    let give_up = std::time::Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(&host).is_ok() {
        assert!(
            std::time::Instant::now() < give_up,
            "still takes connections"
        );
        thread::sleep(Duration::from_millis(20));
    }
    stream.write_all(b"}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("Local admin"), "{answer}");
    assert!(gateway.ended_well());
}
