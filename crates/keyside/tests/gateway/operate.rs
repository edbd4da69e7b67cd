//! Health, metrics, logs, and a stop that loses nothing.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    thread,
    time::Duration,
};

use keyside_iam::Timestamp;
use serde_json::Value;

use crate::support::{ADMIN_TOKEN, Folders, get, new_key, now_s};

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

/// Waits until `/metrics` has the line.
async fn wait_for_metric(gateway: &crate::support::Gateway, line: &str) -> String {
    for _ in 0..100 {
        let text = get(&gateway.metrics_address, "/metrics");
        if text.lines().any(|found| found == line) {
            return text;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no {line}: {}", get(&gateway.metrics_address, "/metrics"));
}

#[tokio::test]
async fn metrics_count_keys_by_their_states_and_ends_if_the_gateway_has_credentials() {
    let (behind, before) = (Folders::new(), Folders::new());
    {
        let gateway = behind.start();
        let admin = gateway.admin();
        for days in [Some(10), Some(60), Some(400), None] {
            let mut request = new_key(&gateway);
            request.spec.get_or_insert_default().expires_at = days
                .map(|days| Timestamp::from_unix_secs(now_s() + days * 24 * 3600))
                .into();
            admin.create_key(request).await.unwrap();
        }
    }
    let with_metrics = |folders: &Folders, arguments: &[String]| {
        let mut command = folders.command();
        command
            .args(["--metrics-listen", "127.0.0.1:0"])
            .args(arguments);
        crate::support::Gateway::start(command)
    };
    let embedded = with_metrics(&behind, &[]);
    let upstream = ["--upstream".to_owned(), embedded.address.clone()];
    let with_token = [&upstream[..], &before.token_command(ADMIN_TOKEN)].concat();
    for gateway in [&embedded, &with_metrics(&before, &with_token)] {
        let text = wait_for_metric(gateway, "keyside_keys{state=\"active\"} 4").await;
        for line in [
            "keyside_keys{state=\"expired\"} 0",
            "keyside_active_keys_ending{within_days=\"7\"} 0",
            "keyside_active_keys_ending{within_days=\"14\"} 1",
            "keyside_active_keys_ending{within_days=\"90\"} 2",
            "keyside_active_keys_without_end{} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(!text.contains(&embedded.project_id), "{text}");
    }
    // Callers' tokens are for their calls only.
    let stateless = Folders::new();
    let without = with_metrics(&stateless, &upstream);
    without
        .admin()
        .keys_of(&embedded.service_account_id)
        .await
        .unwrap();
    wait_for_metric(
        &without,
        "keyside_calls_total{method=\"AuthPublicKeyService/ListByAccount\",code=\"ok\"} 1",
    )
    .await;
    let text = get(&without.metrics_address, "/metrics");
    assert!(
        !text.contains("keyside_keys{") && !text.contains("keys_read_timestamp_seconds{"),
        "{text}"
    );
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
