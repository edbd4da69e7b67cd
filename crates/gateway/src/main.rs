//! The program; the library does the work.
#![forbid(unsafe_code)]

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    keyside_gateway::run().await
}
