//! The gateway's readers of outside bytes, each as one function: none may panic, and none may take
//! for good what is not.

use connectrpc::CodecFormat;
use rsa::{PublicKey, pkcs8::DecodePublicKey};

use crate::{
    api::{Origin, private_material},
    embedded::jwt::UnverifiedJwt,
    listen::addressed::HostName,
    upstream::UpstreamAddress,
};

/// A key whose private half is nowhere: no signature of it can be in the input.
const NOBODYS_KEY: &str = include_str!("fuzz/nobodys-key.pem");

/// The verifier of JWTs: whatever is read must not be believed.
pub fn jwt(text: &str) {
    let Ok(jwt) = UnverifiedJwt::read(text) else {
        return;
    };
    if let Ok(key) = PublicKey::from_public_key_pem(NOBODYS_KEY) {
        let believed = jwt.verify(key, "serviceaccount-e00a", 0);
        assert!(believed.is_err(), "a forged JWT was believed");
    }
}

/// The search for private key material, in both codecs.
pub fn private_material(body: &[u8]) {
    let as_text = private_material::is_in(body, CodecFormat::Json);
    let as_bytes = private_material::is_in(body, CodecFormat::Proto);
    assert!(
        as_text || !as_bytes,
        "what is found in bytes is found in text"
    );
}

/// Addresses and names from the command line and the configuration file.
pub fn names(text: &str) {
    // Only that they come back.
    let _ = text.parse::<Origin>();
    let _ = text.parse::<HostName>();
    let _ = text.parse::<UpstreamAddress>();
}
