//! Encrypted keys: expensive parameters, invalid files and damage.

// Helpers outside #[test] functions may panic like tests do.
#![allow(clippy::unwrap_used)]

use std::{ops::ControlFlow, sync::LazyLock};

use getrandom::SysRng;
use pkcs8::{
    der::Encode,
    pkcs5::{EncryptionScheme, pbes2},
};
use proptest::prelude::*;

use super::*;
use crate::{KeySize, generate::tests::FailingRng, make_key_pair};

static KEY: LazyLock<PrivateKey> = LazyLock::new(|| {
    make_key_pair(&mut SysRng, KeySize::Rsa4096, &mut |_| {
        ControlFlow::Continue(())
    })
    .unwrap()
});

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned()).unwrap()
}

/// With few rounds, to keep the tests fast.
fn encrypted(text: &str) -> Zeroizing<Vec<u8>> {
    let der = KEY.expose_pkcs8_der().unwrap();
    encrypt(&der, &passphrase(text), 2, b"saltsalt", [7; BLOCK]).unwrap()
}

/// A file of noise with `parameters`.
fn noise_with(parameters: pbes2::Parameters) -> Vec<u8> {
    EncryptedPrivateKeyInfo {
        encryption_algorithm: EncryptionScheme::Pbes2(parameters),
        encrypted_data: OctetStringRef::new(&[1; 64]).unwrap(),
    }
    .to_der()
    .unwrap()
}

fn refusal(bytes: &[u8], text: &str) -> OpenError {
    PrivateKey::from_encrypted_pkcs8(bytes, &passphrase(text))
        .err()
        .unwrap()
}

fn scrypt(cost_parameter: u64, block_size: u16, parallelization: u16) -> OpenError {
    let kdf = Kdf::Scrypt(pbes2::ScryptParams {
        salt: b"saltsalt".as_slice().try_into().unwrap(),
        cost_parameter,
        block_size,
        parallelization,
        key_length: None,
    });
    let encryption = pbes2::EncryptionScheme::Aes256Cbc { iv: [0; BLOCK] };
    refusal(&noise_with(pbes2::Parameters { kdf, encryption }), "a")
}

fn pbkdf2(iteration_count: u32) -> OpenError {
    let mut kdf = Pbkdf2Params::hmac_sha256(1, b"saltsalt").unwrap();
    kdf.iteration_count = iteration_count;
    let encryption = pbes2::EncryptionScheme::Aes256Cbc { iv: [0; BLOCK] };
    let kdf = Kdf::Pbkdf2(kdf);
    refusal(&noise_with(pbes2::Parameters { kdf, encryption }), "a")
}

#[test]
fn keys_in_gcm_mode_are_refused_with_its_name() {
    let nonce = [7; 12];
    for (encryption, name) in [
        (pbes2::EncryptionScheme::Aes128Gcm { nonce }, "AES-128-GCM"),
        (pbes2::EncryptionScheme::Aes256Gcm { nonce }, "AES-256-GCM"),
    ] {
        let kdf = Kdf::Pbkdf2(Pbkdf2Params::hmac_sha256(2, b"saltsalt").unwrap());
        let error = refusal(&noise_with(pbes2::Parameters { kdf, encryption }), "a");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn expensive_parameters_are_refused_without_computing() {
    // If they were computed, this would take a year or run out of memory.
    assert_eq!(pbkdf2(u32::MAX), OpenError::Cost);
    assert_eq!(pbkdf2(10_000_001), OpenError::Cost);
    assert_eq!(scrypt(1 << 40, 8, 1), OpenError::Cost);
    assert_eq!(scrypt(1 << 63, u16::MAX, u16::MAX), OpenError::Cost);
    assert_eq!(scrypt(1 << 14, 8, u16::MAX), OpenError::Cost);
    assert_eq!(scrypt(1 << 14, u16::MAX, 1), OpenError::Cost);
    // Within the limits, decrypting the noise fails.
    assert_eq!(pbkdf2(1), OpenError::Passphrase);
    assert_eq!(scrypt(1 << 4, 8, 2), OpenError::Passphrase);
}

#[test]
fn invalid_parameters_are_refused() {
    let scrypt_names = OpenError::Algorithm("scrypt, AES-256-CBC".into());
    for (n, r, p) in [(0, 8, 1), (1, 8, 1), (3, 8, 1), (4, 0, 1), (4, 8, 0)] {
        assert_eq!(scrypt(n, r, p), scrypt_names, "{n} {r} {p}");
    }
    let names = "PBKDF2, hmacWithSHA256, AES-256-CBC";
    assert_eq!(pbkdf2(0), OpenError::Algorithm(names.into()));
}

#[test]
fn other_files_are_reported_as_not_encrypted() {
    let plain = KEY.expose_pkcs8_pem().unwrap();
    let der = KEY.expose_pkcs8_der().unwrap();
    for bytes in [&b""[..], b"-----", b"\xff\xff", &plain, &der] {
        assert_eq!(refusal(bytes, "a"), OpenError::NotEncrypted);
    }
}

#[test]
fn an_empty_passphrase_is_refused() {
    assert_eq!(
        Passphrase::new(String::new()).err(),
        Some(PassphraseError::Empty)
    );
}

#[test]
fn without_randomness_nothing_is_written() {
    for draws in 0..2 {
        let mut rng = FailingRng { draws };
        let refused = KEY.expose_encrypted_pkcs8_pem(&passphrase("a"), &mut rng);
        assert_eq!(refused.err(), Some(EncryptError::Randomness));
    }
}

proptest! {
    #[test]
    fn only_the_same_passphrase_decrypts(text in "\\PC{1,40}", other in "\\PC{1,40}") {
        let pem = encrypted(&text);
        let key = PrivateKey::from_encrypted_pkcs8(&pem, &passphrase(&text)).unwrap();
        prop_assert_eq!(key.expose_pkcs8_der().unwrap(), KEY.expose_pkcs8_der().unwrap());
        if other != text {
            prop_assert_eq!(refusal(&pem, &other), OpenError::Passphrase);
        }
    }

    #[test]
    fn arbitrary_bytes_are_refused_without_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..600)
    ) {
        prop_assert_eq!(refusal(&bytes, "a"), OpenError::NotEncrypted);
    }

    #[test]
    fn damage_is_refused_without_panic(at in any::<proptest::sample::Index>(), bit in 0u8..8) {
        let pem = encrypted("a");
        let (_, document) =
            pkcs8::SecretDocument::from_pem(core::str::from_utf8(&pem).unwrap()).unwrap();
        let mut der = document.as_bytes().to_vec();
        // The number of rounds isn't changed: a million would be valid, but slow.
        let rounds = der.windows(3).position(|part| part == [2, 1, 2]).unwrap() + 2;
        let at = at.index(der.len());
        der[at] ^= 1u8 << bit;
        der[rounds] = 2;
        if let Ok(key) = PrivateKey::from_encrypted_pkcs8(&der, &passphrase("a")) {
            // CBC doesn't detect damage to bytes that aren't part of a number.
            prop_assert_eq!(key.expose_pkcs8_der().unwrap(), KEY.expose_pkcs8_der().unwrap());
        }
    }
}
