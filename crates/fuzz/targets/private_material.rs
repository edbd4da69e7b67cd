//! The search for private key material in requests, in both codecs.
#![no_main]

use connectrpc::CodecFormat;
use libfuzzer_sys::fuzz_target;

#[path = "../../gateway/src/parsers/private_material.rs"]
mod private_material;

fuzz_target!(|body: &[u8]| {
    let as_text = private_material::is_in(body, CodecFormat::Json);
    let as_bytes = private_material::is_in(body, CodecFormat::Proto);
    assert!(
        as_text || !as_bytes,
        "the search in text finds what the search in bytes finds"
    );
});
