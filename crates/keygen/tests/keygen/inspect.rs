//! Faulty credentials files: the findings in each, and that repairing restores the good file.

use std::collections::HashSet;

use keyside_keygen::{
    Finding, OpenError, Passphrase, PrivateKey, Remedy, Sdk, inspect_credentials,
    inspect_credentials_with_passphrase,
};

use crate::{
    samples::{ACCOUNT, KEY_ID, Samples},
    support::openssl,
};

#[test]
fn each_fault_is_found_and_if_possible_repaired_to_the_byte() {
    let samples = Samples::make(openssl);
    let good = inspect_credentials(&samples.good);
    assert_eq!(good.sdk(), Sdk::Accepts);
    let fingerprint = good.public_key().unwrap().fingerprint();
    let mut wrong = Vec::new();
    for sample in &samples.all {
        let name = &sample.name;
        let inspection = inspect_credentials(&sample.bytes);
        if inspection.findings() != sample.findings {
            wrong.push(format!("{name}: {:?}", inspection.findings()));
        }
        let is_repairable = inspection
            .findings()
            .iter()
            .all(|finding| finding.remedy() == Remedy::Repairs);
        if is_repairable {
            let repaired = inspection.expose_repaired().unwrap().unwrap();
            assert!(*repaired == samples.good, "{name} becomes the good file");
            assert_eq!(inspection.key_id(), Some(KEY_ID), "{name}");
            assert_eq!(inspection.service_account_id(), Some(ACCOUNT), "{name}");
            assert_eq!(inspection.public_key().unwrap().fingerprint(), fingerprint);
        } else if let Some(repaired) = inspection.expose_repaired() {
            let left = inspect_credentials(&repaired.unwrap());
            let remedies: Vec<_> = left.findings().iter().map(Finding::remedy).collect();
            assert_eq!(remedies, [Remedy::Keeps], "{name}");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_finding_reveals_the_key() {
    let samples = Samples::make(openssl);
    let pieces = |text: &str| -> HashSet<String> {
        let letters: Vec<char> = text.chars().filter(char::is_ascii_alphanumeric).collect();
        letters
            .windows(12)
            .map(|part| part.iter().collect())
            .collect()
    };
    let key = PrivateKey::from_pkcs8_pem(samples.pem.as_bytes()).unwrap();
    let label = pieces("-----BEGIN PRIVATE KEY-----");
    let secret = &pieces(std::str::from_utf8(&key.expose_pkcs8_pem().unwrap()).unwrap()) - &label;
    for sample in &samples.all {
        for finding in inspect_credentials(&sample.bytes).findings() {
            let message = format!("{finding} {finding:?}");
            let revealed = &pieces(&message) & &secret;
            assert!(revealed.is_empty(), "{}: {finding}", sample.name);
            assert!(finding.to_string().len() > 30, "{finding}");
        }
    }
}

#[test]
fn an_encrypted_key_is_decrypted_with_its_passphrase() {
    let pem = openssl(&["genrsa", "4096"], b"");
    let encrypted = openssl(&["pkcs8", "-topk8", "-passout", "pass:a b"], &pem);
    let encrypted = String::from_utf8(encrypted).unwrap();
    let key = PrivateKey::from_pkcs8_pem(&pem).unwrap();
    let good = keyside_keygen::expose_credentials_json(&key, KEY_ID, ACCOUNT).unwrap();
    let mut file: serde_json::Value = serde_json::from_slice(&good).unwrap();
    file["subject-credentials"]["private-key"] = encrypted.into();
    let file = file.to_string();
    let with = |text: &str| {
        let passphrase = Passphrase::new(text.to_owned()).unwrap();
        inspect_credentials_with_passphrase(file.as_bytes(), &passphrase)
    };
    let decrypted = with("a b");
    assert_eq!(decrypted.findings(), [Finding::Decrypted]);
    assert_eq!(decrypted.sdk(), Sdk::Rejects);
    assert_eq!(*decrypted.expose_repaired().unwrap().unwrap(), *good);
    let reason = Some(OpenError::Passphrase);
    assert_eq!(with("ab").findings(), [Finding::Encrypted { reason }]);
    assert!(with("ab").expose_repaired().is_none());
}
