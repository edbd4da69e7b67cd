//! `keyside`: serves the page and the IAM API.
#![forbid(unsafe_code)]

mod api;
mod check;
mod cli;
mod embedded;
mod error;
mod listen;
mod operate;
mod page;
mod parsers;
mod serve;
mod upstream;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    cli::{Cli, Command, Flags, OpenOptions},
    embedded::SignInLinks,
    error::StartError,
};

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(flags) => serve(*flags).await.map(|()| true),
        Command::Open(options) => open(options).map(|()| true),
        Command::Check(options) => check::check(&options).await,
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("keyside: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints an address that signs in.
fn open(options: OpenOptions) -> Result<(), StartError> {
    let links = SignInLinks::new(options.url.to_string(), &options.data)?;
    println!("{}", links.make()?);
    Ok(())
}

async fn serve(flags: Flags) -> Result<(), StartError> {
    let options = flags.resolve()?;
    operate::log::start(options.log, options.log_format);
    serve::serve(options).await
}
