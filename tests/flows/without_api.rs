//! The static page alone, on a third-party web server: it generates a pair, offers the downloads, and
//! explains how to upload the public key in the web console.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use keyside_e2e::{
    accessible::{Rules, assert_accessible},
    browser::{Browser, Options},
    page, setting, tools,
};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_alone_generates_a_pair_and_explains_the_upload_in_the_web_console() {
    let mut server = Command::new(setting("KEYSIDE_PYTHON"))
        .args([
            "-u",
            "-m",
            "http.server",
            "0",
            "--bind",
            "127.0.0.1",
            "--directory",
        ])
        .arg(setting("KEYSIDE_DIST"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let url = line
        .split(['(', ')'])
        .nth(1)
        .expect("the server prints its address")
        .to_owned();

    let browser = Browser::start(Options::default()).await;
    browser.open(&url).await;
    browser
        .wait_for_text("#create-form", "Without signing in")
        .await;
    // A token is no use without an API.
    browser.fill("#token", "a-token").await;
    browser.click("#connect-button").await;
    browser.find("#connect .problem").await;

    page::generate_alone(&browser).await;
    browser.click("#download-private").await;
    let private_pem = browser.download("private.pem").await;
    browser.click("#download-public").await;
    let public_pem = browser.download("public.pem").await;
    assert_eq!(
        tools::openssl(&["rsa", "-pubout"], &private_pem),
        public_pem
    );

    browser
        .fill("#account-id", "serviceaccount-e00byhand")
        .await;
    browser.click("#use-account-id").await;
    let steps = browser.wait_for_text("#by-hand", "web console").await;
    assert!(
        steps.contains("Upload authorized key") && steps.contains("public.pem"),
        "{steps}"
    );
    assert_accessible(&browser, "by-hand", Rules::All).await;
    browser.fill("#manual-key-id", "publickey-e00byhand").await;
    browser.click("#use-key-id").await;
    browser.click("#download-credentials").await;
    let credentials = browser
        .download("serviceaccount-e00byhand-publickey-e00byhand-credentials.json")
        .await;
    let file: Value = serde_json::from_slice(&credentials).unwrap();
    assert_eq!(file["subject-credentials"]["kid"], "publickey-e00byhand");
    browser
        .wait_for_text("#configure-step", "publickey-e00byhand")
        .await;
    server.kill().unwrap();
    server.wait().unwrap();
}
