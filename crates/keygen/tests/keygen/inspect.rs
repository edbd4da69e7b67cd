//! Damaged credentials files: what is found in each, and that mending gives back the good file.

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
fn each_damage_is_found_and_mended_to_the_byte_where_it_can_be() {
    let samples = Samples::make(openssl);
    let good = inspect_credentials(&samples.good);
    assert_eq!(good.sdk(), Sdk::Takes);
    let fingerprint = good.public_key().unwrap().fingerprint();
    let mut wrong = Vec::new();
    for sample in &samples.all {
        let name = &sample.name;
        let seen = inspect_credentials(&sample.bytes);
        if seen.findings() != sample.findings {
            wrong.push(format!("{name}: {:?}", seen.findings()));
        }
        let all_mended = seen
            .findings()
            .iter()
            .all(|finding| finding.remedy() == Remedy::Mends);
        if all_mended {
            let mended = seen.expose_repaired().unwrap().unwrap();
            assert!(*mended == samples.good, "{name} is mended to the good file");
            assert_eq!(seen.key_id(), Some(KEY_ID), "{name}");
            assert_eq!(seen.service_account_id(), Some(ACCOUNT), "{name}");
            assert_eq!(seen.public_key().unwrap().fingerprint(), fingerprint);
        } else if let Some(rewritten) = seen.expose_repaired() {
            let left = inspect_credentials(&rewritten.unwrap());
            let remedies: Vec<_> = left.findings().iter().map(Finding::remedy).collect();
            assert_eq!(remedies, [Remedy::Leaves], "{name}");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_finding_tells_of_the_key() {
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
            let said = format!("{finding} {finding:?}");
            let told = &pieces(&said) & &secret;
            assert!(told.is_empty(), "{}: {finding}", sample.name);
            assert!(finding.to_string().len() > 60, "{finding}");
        }
    }
}

#[test]
fn an_encrypted_key_is_opened_with_its_passphrase() {
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
    let opened = with("a b");
    assert_eq!(opened.findings(), [Finding::Opened]);
    assert_eq!(opened.sdk(), Sdk::Refuses);
    assert_eq!(*opened.expose_repaired().unwrap().unwrap(), *good);
    let refused = Some(OpenError::Passphrase);
    assert_eq!(with("ab").findings(), [Finding::Encrypted { refused }]);
    assert!(with("ab").expose_repaired().is_none());
}
