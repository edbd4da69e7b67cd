//! The verifier of JWTs, with a key of which nobody has the private half: nothing is believed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rsa::{PublicKey, pkcs8::DecodePublicKey};

#[path = "../../gateway/src/parsers/jwt.rs"]
#[allow(dead_code)]
mod jwt;

/// No signature of it can be in the input.
const NOBODYS_KEY: &str = include_str!("nobodys-key.pem");

fuzz_target!(|text: &str| {
    let Ok(jwt) = jwt::UnverifiedJwt::decode(text) else {
        return;
    };
    let key = PublicKey::from_public_key_pem(NOBODYS_KEY).expect("it is a public key");
    let believed = jwt.verify(key, "serviceaccount-e00a", 0);
    assert!(believed.is_err(), "a forged JWT was believed");
});
