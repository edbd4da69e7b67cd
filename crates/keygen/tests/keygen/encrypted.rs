//! openssl decrypts what we encrypt, and we decrypt what openssl encrypts.

use getrandom::SysRng;
use keyside_keygen::{OpenError, Passphrase, PrivateKey};

use crate::support::openssl;

/// With spaces at its ends, quotes, and characters of two, three and four bytes.
const PASSPHRASE: &str = " pass \"phrase\" äß 鍵 🔑 ";

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned()).unwrap()
}

fn plain() -> Vec<u8> {
    openssl(&["genrsa", "4096"], b"")
}

/// Encrypts `plain` by openssl with `options`.
fn encrypted(options: &[&str], plain: &[u8]) -> Vec<u8> {
    let passout = format!("pass:{PASSPHRASE}");
    let start = ["pkcs8", "-topk8", "-passout", &passout];
    openssl(&[&start, options].concat(), plain)
}

#[test]
fn openssl_decrypts_what_we_encrypt() {
    let plain = plain();
    let key = PrivateKey::from_pkcs8_pem(&plain).unwrap();
    let file = key
        .expose_encrypted_pkcs8_pem(&passphrase(PASSPHRASE), &mut SysRng)
        .unwrap();
    let passin = format!("pass:{PASSPHRASE}");
    assert_eq!(openssl(&["pkey", "-passin", &passin], &file), plain);
    assert_eq!(openssl(&["pkcs8", "-passin", &passin], &file), plain);
    let output = String::from_utf8(openssl(&["asn1parse"], &file)).unwrap();
    for part in [
        "PBES2",
        "PBKDF2",
        "hmacWithSHA256",
        "aes-256-cbc",
        ":0927C0",
    ] {
        assert!(output.contains(part), "{part} in {output}");
    }
    let again = key
        .expose_encrypted_pkcs8_pem(&passphrase(PASSPHRASE), &mut SysRng)
        .unwrap();
    assert_ne!(*again, *file, "each file has a new salt and IV");
}

#[test]
fn we_decrypt_what_openssl_encrypts() {
    let plain = plain();
    let options: [&[&str]; 8] = [
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
    for options in options {
        let file = encrypted(options, &plain);
        let key = PrivateKey::from_encrypted_pkcs8(&file, &passphrase(PASSPHRASE)).unwrap();
        assert_eq!(*key.expose_pkcs8_pem().unwrap(), plain, "{options:?}");
        let wrong = PrivateKey::from_encrypted_pkcs8(&file, &passphrase("pass"));
        assert_eq!(wrong.err(), Some(OpenError::Passphrase), "{options:?}");
    }
}

#[test]
fn unsupported_algorithms_are_named() {
    let plain = plain();
    let algorithms: [(&[&str], &str); 3] = [
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
    for (options, name) in algorithms {
        let file = encrypted(options, &plain);
        let refused = PrivateKey::from_encrypted_pkcs8(&file, &passphrase(PASSPHRASE));
        assert_eq!(refused.err(), Some(OpenError::Algorithm(name.to_owned())));
    }
}

#[test]
fn the_recommended_command_writes_what_we_decrypt() {
    let plain = plain();
    let old = encrypted(&["-v2", "des3"], &plain);
    let pass = format!("pass:{PASSPHRASE}");
    let error = OpenError::Algorithm(String::new()).to_string();
    let command = error.split('`').nth(1).unwrap();
    let args = command.strip_suffix(" -in FILE -out NEW_FILE").unwrap();
    let mut args: Vec<_> = args.split(' ').skip(1).collect();
    args.extend(["-passin", &pass, "-passout", &pass]);
    let new = openssl(&args, &old);
    let key = PrivateKey::from_encrypted_pkcs8(&new, &passphrase(PASSPHRASE)).unwrap();
    assert_eq!(*key.expose_pkcs8_pem().unwrap(), plain);
}

#[test]
fn an_encrypted_key_that_is_not_rsa_is_not_reported_as_a_wrong_passphrase() {
    let plain = openssl(&["genpkey", "-algorithm", "ed25519"], b"");
    let file = encrypted(&[], &plain);
    let refused = PrivateKey::from_encrypted_pkcs8(&file, &passphrase(PASSPHRASE));
    assert!(matches!(refused.err(), Some(OpenError::Key(_))));
}
