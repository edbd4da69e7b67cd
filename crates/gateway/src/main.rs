//! `keyside`: serves the page and speaks the IAM API for it.
#![forbid(unsafe_code)]

mod api;
mod cli;
mod embedded;
mod error;
mod page;
mod serve;

use std::{io::IsTerminal, process::ExitCode};

use clap::Parser;
use tracing::Level;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

#[tokio::main]
async fn main() -> ExitCode {
    let cli::Command::Serve(options) = cli::Cli::parse().command;
    // The libraries below never tell more than warnings: at lower levels some would write down
    // headers and bodies.
    let filter = Targets::new()
        .with_default(Level::WARN)
        .with_target(env!("CARGO_BIN_NAME"), options.log);
    tracing_subscriber::fmt()
        .with_max_level(options.log.max(Level::WARN))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .finish()
        .with(filter)
        .init();
    match serve::serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("keyside: {error}");
            ExitCode::FAILURE
        }
    }
}
