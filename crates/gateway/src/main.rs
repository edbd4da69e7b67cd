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

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("KEYSIDE_LOG")
                .unwrap_or_else(|_| "info".into()),
        )
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let cli::Command::Serve(options) = cli::Cli::parse().command;
    match serve::serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("keyside: {error}");
            ExitCode::FAILURE
        }
    }
}
