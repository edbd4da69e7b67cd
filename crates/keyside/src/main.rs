//! `keyside`: the gateway, with the page inside if it was compiled in.
#![forbid(unsafe_code)]

use std::process::ExitCode;

include!(concat!(env!("OUT_DIR"), "/embedded_page.rs"));

fn main() -> ExitCode {
    keyside_gateway::run(EMBEDDED_PAGE)
}
