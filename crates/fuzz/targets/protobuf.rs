//! API requests in protobuf: a request that can be read stays the same when it's written and read
//! again, including unknown fields.
#![no_main]

use buffa::Message;
use keyside_iam::{
    common::Operation,
    iam::{
        AuthPublicKey, CreateAuthPublicKeyRequest, CreateServiceAccountRequest,
        ExchangeTokenRequest, UpdateAuthPublicKeyRequest,
    },
};
use libfuzzer_sys::fuzz_target;

macro_rules! assert_round_trip {
    ($bytes:expr, $($message:ty),+) => {$(
        if let Ok(message) = <$message>::decode_from_slice($bytes) {
            let bytes = message.encode_to_vec();
            let again = <$message>::decode_from_slice(&bytes).expect("it can be read again");
            // Compares messages, not bytes: map entries have no order.
            assert_eq!(message, again);
        }
    )+};
}

fuzz_target!(|bytes: &[u8]| {
    assert_round_trip!(
        bytes,
        CreateAuthPublicKeyRequest,
        UpdateAuthPublicKeyRequest,
        CreateServiceAccountRequest,
        ExchangeTokenRequest,
        AuthPublicKey,
        Operation
    );
});
