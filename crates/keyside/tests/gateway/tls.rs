//! The gateway's own TLS, verified with curl and openssl.

use std::{fs, path::Path, process::Command};

use crate::support::{ADMIN_TOKEN, Folders, Gateway};

/// A self-signed certificate for 127.0.0.1 and keys.example, by openssl; `name` is in its subject.
fn certificate(folder: &Path, name: &str) {
    let path = |file: &str| folder.join(file).display().to_string();
    let output = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ])
        .args(["-subj", &format!("/CN={name}")])
        .args(["-addext", "subjectAltName=IP:127.0.0.1,DNS:keys.example"])
        .args(["-keyout", &path("key.new"), "-out", &path("chain.new")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    // Replaces each file at once, as renewal tools do.
    fs::rename(path("key.new"), path("key.pem")).unwrap();
    fs::rename(path("chain.new"), path("chain.pem")).unwrap();
}

fn start(folders: &Folders) -> (Gateway, String) {
    let path = |file: &str| folders.root.path().join(file).display().to_string();
    let mut command = folders.command();
    command
        .args(["--tls-cert", &path("chain.pem")])
        .args(["--tls-key", &path("key.pem")])
        .args(["--host", "keys.example"]);
    (Gateway::start(command), path("chain.pem"))
}

fn curl(arguments: &[&str]) -> (bool, String) {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--include", "--max-time", "20"])
        .args(arguments)
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    (output.status.success(), printed)
}

/// The subject of the served certificate.
fn served(gateway: &Gateway) -> String {
    let host = gateway.address.trim_start_matches("https://");
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!(
            "openssl s_client -connect {host} </dev/null 2>/dev/null | openssl x509 -noout -subject"
        ))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn page_and_api_are_served_over_tls_with_strict_transport_security() {
    let folders = Folders::new();
    certificate(folders.root.path(), "first");
    let (gateway, ca) = start(&folders);
    assert!(
        gateway.address.starts_with("https://"),
        "{}",
        gateway.address
    );
    let (ok, page) = curl(&["--cacert", &ca, &gateway.address]);
    assert!(ok, "{page}");
    assert!(page.starts_with("HTTP/2 200"), "{page}");
    assert!(
        page.contains("strict-transport-security: max-age=63072000"),
        "{page}"
    );
    let authorization = format!("authorization: Bearer {ADMIN_TOKEN}");
    let url = format!("{}/nebius.iam.v1.ProfileService/Get", gateway.address);
    for version in ["--http1.1", "--http2"] {
        let (ok, profile) = curl(&[
            "--cacert",
            &ca,
            version,
            "--header",
            &authorization,
            "--header",
            "content-type: application/json",
            "--data",
            "{}",
            &url,
        ]);
        assert!(ok && profile.contains("Local admin"), "{profile}");
    }
    // Clients that don't trust the certificate refuse it, and TLS 1.1 isn't supported.
    assert!(!curl(&[&gateway.address]).0);
    let (ok, _) = curl(&["--cacert", &ca, "--tls-max", "1.1", &gateway.address]);
    assert!(!ok);
    // Without TLS, this port doesn't answer.
    let plain = gateway.address.replace("https://", "http://");
    let (_, printed) = curl(&[&plain]);
    assert!(!printed.contains("HTTP/1.1 200"), "{printed}");
}

#[test]
fn a_renewed_certificate_is_loaded_and_a_broken_one_is_not() {
    let folders = Folders::new();
    certificate(folders.root.path(), "first");
    let (gateway, _) = start(&folders);
    assert!(served(&gateway).contains("first"));
    certificate(folders.root.path(), "second");
    gateway.wait_for_log("a new certificate is in use", 1);
    assert!(served(&gateway).contains("second"), "{}", served(&gateway));
    fs::write(folders.root.path().join("chain.pem"), "nothing").unwrap();
    gateway.wait_for_log("keeping the old one", 1);
    assert!(served(&gateway).contains("second"));
}

#[test]
fn unusable_files_are_reported_at_startup() {
    let folders = Folders::new();
    certificate(folders.root.path(), "first");
    let path = |file: &str| folders.root.path().join(file).display().to_string();
    let start_with = |chain: &str, key: &str| {
        let mut command = folders.command();
        command.args(["--tls-cert", chain, "--tls-key", key]);
        let output = command.output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    // The key of another certificate.
    fs::create_dir(path("other")).unwrap();
    certificate(Path::new(&path("other")), "other");
    for (chain, key, message) in [
        ("missing.pem", "key.pem", "missing.pem"),
        ("chain.pem", "missing.pem", "missing.pem"),
        ("key.pem", "key.pem", "no certificate"),
        ("chain.pem", "chain.pem", "chain.pem"),
        ("chain.pem", "other/key.pem", "chain.pem"),
    ] {
        let printed = start_with(&path(chain), &path(key));
        assert!(printed.contains(message), "{chain} {key}: {printed}");
        assert!(printed.contains("--tls-cert"), "{printed}");
    }
}
