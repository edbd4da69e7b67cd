//! Checks which requests are rejected, and which ones must pass.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use connectrpc::CodecFormat::{Json, Proto};
use proptest::prelude::*;
use rsa::{
    PrivateKey,
    pkcs1::EncodeRsaPrivateKey,
    pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding},
    rand_core::UnwrapErr,
};

use super::is_in;

fn key() -> PrivateKey {
    PrivateKey::new(&mut UnwrapErr(getrandom::SysRng), 2048).unwrap()
}

/// The start of an encrypted key: PBES2 (RFC 8018, appendix A.4).
const ENCRYPTED: [u8; 19] = [
    0x30, 0x82, 9, 0xaf, 0x30, 0x59, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0d, 0x30,
    0x4c,
];

/// Hexadecimal bytes with something between them, and before each.
fn separated(bytes: &[u8], separator: &str, prefix: &str) -> String {
    let hex = bytes.iter().map(|byte| format!("{prefix}{byte:02x}"));
    hex.collect::<Vec<_>>().join(separator)
}

fn json(text: &str) -> Vec<u8> {
    serde_json::to_vec(&serde_json::json!({ "spec": { "description": text } })).unwrap()
}

#[test]
fn every_private_form_is_detected_in_both_codecs() {
    let key = key();
    let pkcs8 = key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string();
    let pkcs1 = key.to_pkcs1_pem(LineEnding::CRLF).unwrap().to_string();
    let der8 = key.to_pkcs8_der().unwrap();
    let der1 = key.to_pkcs1_der().unwrap();
    let body = |pem: &str| {
        pem.lines()
            .filter(|l| !l.starts_with('-'))
            .collect::<String>()
    };
    // Of an encrypted key, only the label reveals what it is.
    let encrypted = format!(
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n{}\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "aB3+dE6/gH9kLmN0pQrS2uVw\n".repeat(20)
    );
    let short_lines = encrypted.replace("kLm", "k\nLm");
    let headers = format!(
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\n{}",
        "Comment: written by a program\n".repeat(12)
    );
    let forms = [
        pkcs8.clone(),
        pkcs1.clone(),
        pkcs8.replace('\n', "\\n"),
        pkcs8.replace("PRIVATE", "ENCRYPTED PRIVATE"),
        encrypted.clone(),
        short_lines.clone(),
        short_lines.replace('\n', "\\n"),
        format!("{headers}{}", &encrypted[encrypted.find('\n').unwrap()..]),
        body(&pkcs8),
        body(&pkcs1),
        format!("x{}", body(&pkcs8)),
        BASE64_URL_SAFE_NO_PAD.encode(der8.as_bytes()),
        BASE64_STANDARD.encode(&pkcs8),
        hex::encode(der8.as_bytes()),
        hex::encode_upper(der1.as_bytes()),
        separated(der8.as_bytes(), ":", ""),
        separated(der8.as_bytes(), ", ", "0x"),
        separated(der8.as_bytes(), "", "\\x"),
        BASE64_STANDARD.encode(BASE64_STANDARD.encode(&pkcs8)),
        // The start of an OpenSSH key, and of an EC key, an Ed25519 key and an encrypted key in PKCS#8.
        BASE64_STANDARD.encode([&b"openssh-key-v1\0"[..], &[7; 60]].concat()),
        BASE64_STANDARD
            .encode([&[0x30, 0x81, 0x87, 2, 1, 0, 0x30, 0x13, 6, 7][..], &[7; 60]].concat()),
        BASE64_STANDARD.encode([&[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3][..], &[7; 60]].concat()),
        BASE64_STANDARD.encode([&ENCRYPTED[..], &[7; 60]].concat()),
        r#"{"key":"{\"kty\":\"RSA\",\"n\":\"AQAB\",\"p\":\"AQABAQABAQABAQAB\"}"}"#.to_owned(),
        "{ kty: 'RSA', d: 'AQABAQABAQABAQABAQAB' }; // of the web shop".to_owned(),
        r#"{"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQAB"}"#.to_owned(),
        "PuTTY-User-Key-File-3: ssh-rsa".to_owned(),
        hex::encode([&[0x1e, 0xf1, 0xb5, 0xb0][..], &[0; 40]].concat()),
        BASE64_STANDARD.encode([&b"\x07\x02\0\0\0\xa4\0\0RSA2\0\x10"[..], &[1; 40]].concat()),
    ];
    for form in &forms {
        assert!(is_in(&json(form), Json), "JSON: {}", &form[..40]);
        assert!(is_in(form.as_bytes(), Proto), "binary: {}", &form[..40]);
    }
    assert!(is_in(der8.as_bytes(), Proto));
    assert!(is_in(der1.as_bytes(), Proto));
}

#[test]
fn json_escapes_do_not_hide_a_private_key() {
    let escaped: String = "BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAwb3q7Zt0xkEtTz9h"
        .chars()
        .fold(String::new(), |mut s, c| {
            s.push_str(&format!("\\u{:04x}", c as u32));
            s
        });
    assert!(is_in(format!(r#"{{"name":"{escaped}"}}"#).as_bytes(), Json));
    assert!(is_in(br#"{"key":{"kty":"RSA","d":"AQAB"}}"#, Json));
}

#[test]
fn public_keys_and_plain_words_pass() {
    let public = key().to_public_key();
    let spki = public.to_public_key_pem(LineEnding::LF).unwrap();
    for text in [
        spki.as_str(),
        "the private key lives on host A; BEGIN using it on Monday",
        &format!("{spki}APPEND THE PRIVATE KEY only on the host"),
        "Never paste a file with -----BEGIN PRIVATE KEY----- in its first line here",
        "# Do not append the private key here! I'll never send it; the backend has it.",
        r#"{"kty":"RSA","n":"AQAB","e":"AQAB","d":null}"#,
        r#"{"kty":"RSA","n":"AQAB","e":"AQAB","d":""}"#,
        &format!("{spki}the END of the vault: PRIVATE KEY folder"),
        &format!("{spki}between BEGIN PRIVATE KEY and END PRIVATE KEY"),
        &format!("-----BEGIN PRIVATE KEY-----\n[REDACTED]\n-----END PRIVATE KEY-----\n{spki}"),
        &format!("{spki}-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n"),
        "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDjaTmUbWJ2qgqxxQk END of life of the old PRIVATE KEY",
        "BEGINNER guide to PRIVATE KEYs: https://docs.example/PrivateKeysForBeginners2026Edition",
        // A request for a certificate with a short name.
        "MIICUTCCATkCAQAwDDEKMAgGA1UEAwwBYTCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEB",
        "serviceaccount-e00abcdefghijklmnop",
        "",
    ] {
        assert!(!is_in(&json(text), Json), "JSON: {text}");
        assert!(!is_in(text.as_bytes(), Proto), "binary: {text}");
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        is_in(&bytes, Json);
        is_in(&bytes, Proto);
    }

    #[test]
    fn base64_text_never_panics(text in "[A-Za-z0-9+/_=\\\\n-]{0,300}") {
        is_in(&json(&text), Json);
    }
}
