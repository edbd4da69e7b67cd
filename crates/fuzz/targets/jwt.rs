//! The verifier of JWTs, with a key of which nobody has the private half: nothing is believed.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| keyside_gateway::fuzz::jwt(text));
