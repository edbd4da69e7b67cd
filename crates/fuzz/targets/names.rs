//! Origins, host names and upstream addresses.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| keyside_gateway::fuzz::names(text));
