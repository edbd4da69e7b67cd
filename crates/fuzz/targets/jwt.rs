//! The verification of JWTs, with a public key whose private key doesn't exist: none is accepted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rsa::{PublicKey, pkcs8::DecodePublicKey};

#[path = "../../gateway/src/parsers/jwt.rs"]
#[allow(dead_code)]
mod jwt;

/// A public key without a private key, so that no input has a valid signature.
const NOBODYS_KEY: &str = include_str!("nobodys-key.pem");

fuzz_target!(|text: &str| {
    let Ok(jwt) = jwt::UnverifiedJwt::decode(text) else {
        return;
    };
    let key = PublicKey::from_public_key_pem(NOBODYS_KEY).expect("nobodys-key.pem is a public key");
    let result = jwt.verify(key, "serviceaccount-e00a", 0);
    assert!(result.is_err(), "a forged JWT was accepted");
});
