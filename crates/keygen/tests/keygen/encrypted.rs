//! openssl opens what we encrypt, and we open what openssl encrypts.

use getrandom::SysRng;
use keyside_keygen::{OpenError, Passphrase, PrivateKey};

use crate::support::openssl;

/// Blanks at its ends, quotes, letters of two, three and four bytes.
const PASSPHRASE: &str = " pass \"phrase\" äß 鍵 🔑 ";

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned()).unwrap()
}

fn plain() -> Vec<u8> {
    openssl(&["genrsa", "4096"], b"")
}

/// openssl's encryption of `plain` with `options`.
fn encrypted(options: &[&str], plain: &[u8]) -> Vec<u8> {
    let passout = format!("pass:{PASSPHRASE}");
    let start = ["pkcs8", "-topk8", "-passout", &passout];
    openssl(&[&start, options].concat(), plain)
}

#[test]
fn openssl_opens_what_we_encrypt() {
    let plain = plain();
    let key = PrivateKey::from_pkcs8_pem(&plain).unwrap();
    let file = key
        .expose_encrypted_pkcs8_pem(&passphrase(PASSPHRASE), &mut SysRng)
        .unwrap();
    let passin = format!("pass:{PASSPHRASE}");
    assert_eq!(openssl(&["pkey", "-passin", &passin], &file), plain);
    assert_eq!(openssl(&["pkcs8", "-passin", &passin], &file), plain);
    let told = String::from_utf8(openssl(&["asn1parse"], &file)).unwrap();
    for part in [
        "PBES2",
        "PBKDF2",
        "hmacWithSHA256",
        "aes-256-cbc",
        ":0927C0",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let again = key
        .expose_encrypted_pkcs8_pem(&passphrase(PASSPHRASE), &mut SysRng)
        .unwrap();
    assert_ne!(*again, *file, "salt and iv are drawn anew");
}

#[test]
fn we_open_what_openssl_encrypts() {
    let plain = plain();
    let ways: [&[&str]; 8] = [
        &[],
        &["-v2", "aes-128-cbc"],
        &["-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA1"],
        &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"],
        &["-v2", "aes-256-cbc", "-iter", "600000"],
        &["-scrypt"],
        &[
            "-scrypt",
            "-scrypt_N",
            "1024",
            "-scrypt_r",
            "4",
            "-scrypt_p",
            "3",
        ],
        &["-outform", "DER"],
    ];
    for way in ways {
        let file = encrypted(way, &plain);
        let key = PrivateKey::from_encrypted_pkcs8(&file, &passphrase(PASSPHRASE)).unwrap();
        assert_eq!(*key.expose_pkcs8_pem().unwrap(), plain, "{way:?}");
        let wrong = PrivateKey::from_encrypted_pkcs8(&file, &passphrase("pass"));
        assert_eq!(wrong.err(), Some(OpenError::Passphrase), "{way:?}");
    }
}

#[test]
fn what_we_do_not_open_is_named() {
    let plain = plain();
    let ways: [(&[&str], &str); 3] = [
        (&["-v2", "des3"], "PBKDF2, hmacWithSHA256, DES-EDE3-CBC"),
        (
            &["-v1", "PBE-SHA1-3DES"],
            "pbeWithSHA1And3-KeyTripleDES-CBC",
        ),
        (
            &["-v2", "camellia-256-cbc", "-v2prf", "hmacWithSHA1"],
            "PBKDF2, CAMELLIA-256-CBC",
        ),
    ];
    for (way, name) in ways {
        let file = encrypted(way, &plain);
        let refused = PrivateKey::from_encrypted_pkcs8(&file, &passphrase(PASSPHRASE));
        assert_eq!(refused.err(), Some(OpenError::Algorithm(name.to_owned())));
    }
}

#[test]
fn the_command_that_is_recommended_writes_what_we_open() {
    let plain = plain();
    let old = encrypted(&["-v2", "des3"], &plain);
    let pass = format!("pass:{PASSPHRASE}");
    let error = OpenError::Algorithm(String::new()).to_string();
    let command = error.split('`').nth(1).unwrap();
    let words = command.strip_suffix(" -in FILE -out NEW_FILE").unwrap();
    let mut words: Vec<_> = words.split(' ').skip(1).collect();
    words.extend(["-passin", &pass, "-passout", &pass]);
    let new = openssl(&words, &old);
    let key = PrivateKey::from_encrypted_pkcs8(&new, &passphrase(PASSPHRASE)).unwrap();
    assert_eq!(*key.expose_pkcs8_pem().unwrap(), plain);
}

#[test]
fn an_encrypted_key_that_is_not_rsa_is_told_apart_from_a_wrong_passphrase() {
    let plain = openssl(&["genpkey", "-algorithm", "ed25519"], b"");
    let file = encrypted(&[], &plain);
    let refused = PrivateKey::from_encrypted_pkcs8(&file, &passphrase(PASSPHRASE));
    assert!(matches!(refused.err(), Some(OpenError::Key(_))));
}
