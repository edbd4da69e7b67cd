//! The search for private key material in requests.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| keyside_gateway::fuzz::private_material(body));
