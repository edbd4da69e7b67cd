//! Origins, host names and upstream addresses, from the command line and the configuration file.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../gateway/src/parsers/upstream_address.rs"]
#[allow(dead_code)]
mod address;
#[path = "../../gateway/src/parsers/host_name.rs"]
#[allow(dead_code)]
mod host_name;
#[path = "../../gateway/src/parsers/origin.rs"]
#[allow(dead_code)]
mod origin;

fuzz_target!(|text: &str| {
    // Checks only that parsing returns.
    let _ = text.parse::<origin::Origin>();
    let _ = text.parse::<host_name::HostName>();
    let _ = text.parse::<address::UpstreamAddress>();
});
