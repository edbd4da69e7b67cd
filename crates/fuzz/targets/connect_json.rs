//! The requests of the API as Connect carries them in JSON: read or refused, and what was read means
//! the same once it is written and read again.
#![no_main]

use keyside_iam::iam::{
    CreateAuthPublicKeyRequest, CreateServiceAccountRequest, ExchangeTokenRequest,
    ListAuthPublicKeysByAccountRequest, UpdateAuthPublicKeyRequest,
};
use libfuzzer_sys::fuzz_target;

macro_rules! there_and_back {
    ($bytes:expr, $($message:ty),+) => {$(
        if let Ok(message) = serde_json::from_slice::<$message>($bytes) {
            let text = serde_json::to_vec(&message).expect("what was read can be written");
            let again: $message = serde_json::from_slice(&text).expect("and read again");
            assert_eq!(message, again);
        }
    )+};
}

fuzz_target!(|bytes: &[u8]| {
    there_and_back!(
        bytes,
        CreateAuthPublicKeyRequest,
        UpdateAuthPublicKeyRequest,
        ListAuthPublicKeysByAccountRequest,
        CreateServiceAccountRequest,
        ExchangeTokenRequest
    );
});
