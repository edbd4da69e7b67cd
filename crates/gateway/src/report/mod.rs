//! `keyside report`: lists all authorized keys with their expiration, for people, cron and CI.

mod row;

use std::{io, path::PathBuf};

use connectrpc::ConnectError;
use keyside_iam::key_lifetime::Days;

use self::row::{Limits, Row};
use crate::{
    cli::OwnToken,
    error::StartError,
    own_token::{CommandLine, OwnTokenError},
    parsers::UpstreamAddress,
    upstream::{self, Clients, Reader, Source},
};

/// The options.
#[derive(clap::Args)]
pub struct ReportOptions {
    /// The API, such as api.nebius.cloud, or the address of a running gateway, such as
    /// http://127.0.0.1:8080.
    #[arg(long, env = "KEYSIDE_UPSTREAM", value_name = "BASE")]
    pub upstream: UpstreamAddress,
    /// PEM file of certificate authorities to trust, in addition to the system's.
    #[arg(long, env = "KEYSIDE_UPSTREAM_CA", value_name = "FILE")]
    pub upstream_ca: Option<PathBuf>,
    /// Program that prints an access token, such as "nebius iam get-access-token".
    #[arg(long, env = "KEYSIDE_TOKEN_COMMAND", value_name = "COMMAND")]
    pub token_command: Option<CommandLine>,
    /// Credentials file of a service account.
    #[arg(long, env = "KEYSIDE_CREDENTIALS", value_name = "FILE")]
    pub credentials: Option<PathBuf>,
    /// Format of the list.
    #[arg(long, value_enum, default_value = "csv")]
    pub format: Format,
    /// Exit with 1 if an active key has fewer days left, such as 14d.
    #[arg(long, value_name = "DAYS")]
    pub fail_on: Option<Days>,
    /// Maximum lifetime of keys, such as 365d. Active keys that live longer are violations, which exit with 1.
    #[arg(long, env = "KEYSIDE_KEY_LIFETIME_MAX", value_name = "DAYS")]
    pub key_lifetime_max: Option<Days>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Csv,
    Json,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("{0}. Set --token-command or --credentials to one that works.")]
    Token(#[from] OwnTokenError),
    #[error("there is no access token. Set --token-command or --credentials.")]
    NoToken,
    #[error("the API refuses to list the keys: {0}")]
    Api(#[from] ConnectError),
    #[error("the list can't be written: {0}")]
    Output(#[from] io::Error),
    #[error("the list can't be written: {0}")]
    Csv(#[from] csv::Error),
    #[error("the list can't be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// Prints the list; returns whether no key needs attention.
///
/// # Errors
/// Returns why there is no list.
pub async fn report(options: &ReportOptions) -> Result<bool, ReportError> {
    let token = OwnToken::of(options.token_command.clone(), options.credentials.clone())?;
    let token = token.ok_or(ReportError::NoToken)?.source()?;
    let clients = Clients::new(&options.upstream, options.upstream_ca.as_deref())?;
    let token = upstream::OwnToken::new(Source::new(token, &clients));
    let reader = Reader {
        authorization: token.authorization().await?,
        clients: &clients,
    };
    let limits = Limits {
        fail_on: options.fail_on,
        max_lifetime: options.key_lifetime_max,
    };
    let now_s = jiff::Timestamp::now().as_second();
    let found = reader.keys().await?;
    let mut rows = Vec::new();
    for found in found {
        let created_by = reader.created_by(&found.key.metadata.id).await;
        rows.push(Row::new(found, created_by, limits, now_s));
    }
    // Those that end first come first, and those that never end last.
    rows.sort_by_key(|row| (row.days_left.is_none(), row.days_left));
    let urgent = rows.iter().filter(|row| row.is_urgent(limits)).count();
    match options.format {
        Format::Json => {
            serde_json::to_writer_pretty(io::stdout().lock(), &rows)?;
            println!();
        }
        Format::Csv => {
            let mut csv = csv::Writer::from_writer(io::stdout().lock());
            for row in rows {
                csv.serialize(row.for_csv())?;
            }
            csv.flush()?;
        }
    }
    if urgent > 0 {
        eprintln!("keyside: {urgent} active keys end soon or break a rule. Rotate them.");
    }
    Ok(urgent == 0)
}
