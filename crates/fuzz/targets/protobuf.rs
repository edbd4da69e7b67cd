//! The requests of the API as gRPC carries them: read or refused, and what was read means the same
//! once it is written and read again, unknown fields among it.
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

macro_rules! there_and_back {
    ($bytes:expr, $($message:ty),+) => {$(
        if let Ok(message) = <$message>::decode_from_slice($bytes) {
            let bytes = message.encode_to_vec();
            let again = <$message>::decode_from_slice(&bytes).expect("what was written is read");
            // Not the bytes: the entries of a map have no order.
            assert_eq!(message, again);
        }
    )+};
}

fuzz_target!(|bytes: &[u8]| {
    there_and_back!(
        bytes,
        CreateAuthPublicKeyRequest,
        UpdateAuthPublicKeyRequest,
        CreateServiceAccountRequest,
        ExchangeTokenRequest,
        AuthPublicKey,
        Operation
    );
});
