//! API requests in Connect JSON: a request that can be read stays the same when it's written and
//! read again.
#![no_main]

use keyside_iam::iam::{
    CreateAuthPublicKeyRequest, CreateServiceAccountRequest, ExchangeTokenRequest,
    ListAuthPublicKeysByAccountRequest, UpdateAuthPublicKeyRequest,
};
use libfuzzer_sys::fuzz_target;

macro_rules! assert_round_trip {
    ($bytes:expr, $($message:ty),+) => {$(
        if let Ok(message) = serde_json::from_slice::<$message>($bytes) {
            let text = serde_json::to_vec(&message).expect("a request can be written");
            let again: $message = serde_json::from_slice(&text).expect("it can be read again");
            assert_eq!(message, again);
        }
    )+};
}

fuzz_target!(|bytes: &[u8]| {
    assert_round_trip!(
        bytes,
        CreateAuthPublicKeyRequest,
        UpdateAuthPublicKeyRequest,
        ListAuthPublicKeysByAccountRequest,
        CreateServiceAccountRequest,
        ExchangeTokenRequest
    );
});
