//! The gateway, as the program `keyside`: serves the page and the IAM API.
#![forbid(unsafe_code)]

mod api;
mod check;
mod cli;
mod data_folder;
mod embedded;
mod error;
mod fetch;
mod identity;
mod listen;
mod operate;
mod own_token;
mod page;
mod parsers;
mod policy;
mod report;
mod serve;
mod sign_in;
mod upstream;

use std::{error::Error, process::ExitCode};

use clap::Parser;

use crate::{
    cli::{AuditCommand, Cli, Command, Flags, PolicyCommand, PolicyOptions, VerifyOptions},
    error::StartError,
    policy::{Policy, PolicyError, Resource, Subject},
    sign_in::SignInLinks,
};

pub use page::PageFiles;

/// Runs the command that the process's arguments name; `page` holds the page to serve unless a folder is
/// given, and is empty in a gateway without one.
#[tokio::main]
pub async fn run(page: PageFiles) -> ExitCode {
    match execute(Cli::parse().command, page).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("keyside: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether all is well: checks also fail without an error of their own.
async fn execute(command: Command, page: PageFiles) -> Result<bool, Box<dyn Error>> {
    match command {
        Command::Serve(flags) => serve(*flags, page).await?,
        Command::Open(options) => {
            let links = SignInLinks::new(options.url.to_string(), &options.data)?;
            println!("{}", links.make()?);
        }
        Command::Check(options) => return Ok(check::check(&options).await?),
        Command::Report(options) => return Ok(report::report(&options).await?),
        Command::Backup(options) => {
            println!("{}", embedded::backup(&options.data, &options.to)?);
        }
        Command::Policy(PolicyCommand::Check(options)) => return Ok(check_policy(&options)?),
        Command::Audit(AuditCommand::Verify(options)) => return Ok(verify(&options)),
    }
    Ok(true)
}

/// Prints the decision about an action.
fn check_policy(options: &PolicyOptions) -> Result<bool, PolicyError> {
    let policy = Policy::read(&options.file)?;
    let who = Subject {
        id: &options.person,
        email: options.email.as_deref(),
        groups: &options.group,
    };
    let on = Resource {
        project: options.project.clone(),
        account: options.account.clone(),
    };
    match policy.allows(who, options.action, &on) {
        Some(rule) => println!("Allowed, by the [[allow]] number {rule}."),
        None if policy.allows_some(who, options.action) => println!(
            "Denied: the rules that let {} {} are for other projects or accounts.",
            options.person, options.action
        ),
        None => println!(
            "Denied: no rule lets {} {}.",
            options.person, options.action
        ),
    }
    Ok(policy.allows(who, options.action, &on).is_some())
}

/// Prints whether the audit log is intact.
fn verify(options: &VerifyOptions) -> bool {
    match operate::audit::verify(&options.files, options.from) {
        Ok(intact) => {
            println!("{intact}");
            true
        }
        Err(fault) => {
            println!("The audit log is not intact: {fault}");
            false
        }
    }
}

async fn serve(flags: Flags, page: PageFiles) -> Result<(), StartError> {
    let options = flags.resolve()?;
    operate::log::start(options.log, options.log_format);
    serve::serve(options, page).await
}
