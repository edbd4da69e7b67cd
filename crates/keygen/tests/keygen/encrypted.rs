//! openssl decrypts what we encrypt, and we decrypt what openssl encrypts.

use getrandom::SysRng;
use keyside_keygen::{
    Algorithm, EncryptedForm, KeyFile, OpenError, Passphrase, PrivateKey, PrivateKind, Refusal,
    Unsupported, read_key_file,
};

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
    let other = Refusal::Private(PrivateKind::Algorithm(Algorithm::Edwards));
    assert_eq!(refused.err(), Some(OpenError::Key(other)));
    let short = openssl(&["genrsa", "2048"], b"");
    let file = encrypted(&[], &short);
    let refused = PrivateKey::from_encrypted_pkcs8(&file, &passphrase(PASSPHRASE));
    let bits = Refusal::UnsupportedPrivate(Unsupported::Short { bits: 2048 });
    assert_eq!(refused.err(), Some(OpenError::Key(bits)));
}

#[test]
fn what_cannot_be_decrypted_is_said_before_the_passphrase_is_asked_for() {
    let plain = plain();
    for options in [["-v2", "des3"], ["-v2", "aria-256-cbc"]] {
        let file = encrypted(&options, &plain);
        let result = read_key_file(&file);
        let why = match &result {
            KeyFile::Encrypted(EncryptedForm::Unsupported(why)) => why.clone(),
            other => panic!("{options:?}: {other}"),
        };
        let refused = PrivateKey::from_encrypted_pkcs8(&file, &passphrase(PASSPHRASE));
        assert_eq!(refused.err(), Some(why), "{options:?}");
    }
}

/// A DER value.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    let length: &[u8] = match (high, low) {
        (0, 0..0x80) => &[low],
        (0, _) => &[0x81, low],
        _ => &[0x82, high, low],
    };
    [&[tag], length, &content].concat()
}

#[test]
fn a_salt_that_is_too_long_is_named() {
    let oid = |bytes: &[u8]| der(6, &[bytes]);
    let pkcs = |tail: &[u8]| oid(&[&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1][..], tail].concat());
    let digest = der(
        0x30,
        &[&oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 9]), &[5, 0]],
    );
    let salt = der(4, &[&[7; 64]]);
    let derivation = der(0x30, &[&salt, &der(2, &[&[8, 0]]), &digest]);
    let derivation = der(0x30, &[&pkcs(&[5, 12]), &derivation]);
    let aes = oid(&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 0x2a]);
    let cipher = der(0x30, &[&aes, &der(4, &[&[9; 16]])]);
    let scheme = der(
        0x30,
        &[&pkcs(&[5, 13]), &der(0x30, &[&derivation, &cipher])],
    );
    let file = der(0x30, &[&scheme, &der(4, &[&[1; 64]])]);
    match read_key_file(&file) {
        KeyFile::Encrypted(EncryptedForm::Unsupported(why)) => {
            assert_eq!(why, OpenError::Salt(64));
        }
        other => panic!("{other}"),
    }
}
