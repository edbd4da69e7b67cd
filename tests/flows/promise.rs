//! The control run for the proof that the private key stays in the browser: a planted key is found in
//! every form.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use keyside_e2e::{gateway::Gateway, needles::Needles, netlog, page, tools};
use serde_json::json;

/// A key's secret numbers in hex, as openssl prints them: d, p, q, dP, dQ, qInv.
fn secret_numbers(pem: &str) -> Vec<String> {
    let pkcs1 = tools::openssl(&["rsa", "-traditional"], pem.as_bytes());
    let parsed = tools::openssl(&["asn1parse"], &pkcs1);
    let numbers: Vec<String> = String::from_utf8(parsed)
        .unwrap()
        .lines()
        .filter_map(|line| {
            line.split_once("INTEGER")
                .map(|(_, n)| n.trim_matches([' ', ':']))
        })
        .map(str::to_owned)
        .collect();
    // After the version, n and e.
    numbers[3..].to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_planted_in_a_request_is_found_in_every_form() {
    let gateway = Gateway::start();
    let pem = String::from_utf8(tools::rsa_4096()).unwrap();
    let numbers = secret_numbers(&pem);
    assert_eq!(numbers.len(), 6);
    let raw = |at: usize| hex::decode(&numbers[at]).unwrap();
    // Text before the bytes shifts the base64, which covers all three alignments.
    let shifted = |at: usize, shift: usize| {
        let bytes = [&b"xx"[..shift], &raw(at)].concat();
        (
            BASE64_STANDARD.encode(&bytes),
            BASE64_URL_SAFE_NO_PAD.encode(&bytes),
        )
    };
    let decimal = "return BigInt('0x' + arguments[0]).toString()";
    let browser = page::connected_and_logged(&gateway).await;
    let decimal = browser
        .client
        .execute(decimal, vec![json!(numbers[0])])
        .await
        .unwrap();
    let one_pem_line = pem.lines().nth(30).unwrap();
    // What is planted, and the name by which it must be found.
    let mut planted: Vec<(String, String)> = vec![
        (one_pem_line.to_owned(), "PEM line 29".to_owned()),
        (json!({ "data": pem }).to_string(), "PEM line".to_owned()),
        (
            decimal.as_str().unwrap().to_owned(),
            "d, decimal".to_owned(),
        ),
    ];
    for (at, name) in ["d", "p", "q", "dP", "dQ", "qInv"].into_iter().enumerate() {
        planted.push((numbers[at].to_lowercase(), format!("{name}, hex")));
        planted.push((numbers[at].to_uppercase(), format!("{name}, HEX")));
        for shift in 0..3 {
            let (standard, url_safe) = shifted(at, shift);
            planted.push((standard, format!("{name}, base64")));
            planted.push((url_safe, format!("{name}, base64")));
        }
    }
    let post = "return fetch('/planted', { method: 'POST', body: arguments[0] })
        .then(answer => answer.text()).then(() => true)";
    for (text, _) in &planted {
        browser
            .client
            .execute(post, vec![json!(text)])
            .await
            .unwrap();
    }
    let post_raw =
        "return fetch('/planted', { method: 'POST', body: Uint8Array.from(arguments[0]) })
        .then(answer => answer.text()).then(() => true)";
    for at in 0..6 {
        browser
            .client
            .execute(post_raw, vec![json!(raw(at))])
            .await
            .unwrap();
    }
    // Also in an address and in a header.
    let elsewhere =
        "return fetch('/planted?' + arguments[0], { headers: { 'x-planted': arguments[1] } })
        .then(answer => answer.text()).then(() => true)";
    let part = |at: usize| numbers[at][100..170].to_lowercase();
    browser
        .client
        .execute(elsewhere, vec![json!(part(1)), json!(part(2))])
        .await
        .unwrap();

    let log = browser.close().await;
    let needles = Needles::private(&pem);
    let sent = netlog::sent(&log).concat();
    let found = needles.in_bytes(&sent);
    for name in ["d", "p", "q", "dP", "dQ", "qInv"] {
        for form in ["raw", "hex", "HEX", "base64", "base64url"] {
            let form = format!("{name}, {form}, ");
            assert!(
                found.iter().any(|name| name.starts_with(&form)),
                "{form} was not found"
            );
        }
    }
    for (_, name) in &planted {
        assert!(
            found.iter().any(|found| found.starts_with(name)),
            "{name} was not found"
        );
    }
    for text in [part(1), part(2)] {
        assert!(!needles.in_bytes(text.as_bytes()).is_empty());
        assert!(
            sent.windows(text.len())
                .any(|window| window == text.as_bytes())
        );
    }
    // Each planted text is also found on its own, so that no form hides behind another.
    for (text, name) in &planted {
        assert!(!needles.in_bytes(text.as_bytes()).is_empty(), "{name}");
    }
    // A search for another key finds nothing.
    let other = String::from_utf8(tools::rsa_4096()).unwrap();
    let other = Needles::private(&other);
    let found = other.in_bytes(&sent);
    assert!(
        found.iter().all(|name| *name == "PEM label"),
        "the label of the planted PEM, and nothing more: {found:?}"
    );
}
