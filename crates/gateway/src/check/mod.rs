//! `keyside check URL`: checks the headers, TLS, API and clock of a deployment, whatever serves it.

mod api;
mod page;

use std::{fmt, path::PathBuf};

use http::Uri;

use crate::{error::StartError, fetch::Fetch};

/// The arguments of `keyside check`.
#[derive(clap::Args)]
pub struct CheckOptions {
    /// Address of the page.
    pub url: Uri,
    /// PEM file of certificate authorities to trust, in addition to the system's.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

/// The result of one check.
pub enum Finding {
    /// The check passed.
    Passed(String),
    /// It works, but could be better.
    Hint(String),
    /// What is wrong, and what to do.
    Problem(String),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed(text) => write!(f, "ok     {text}"),
            Self::Hint(text) => write!(f, "hint   {text}"),
            Self::Problem(text) => write!(f, "WRONG  {text}"),
        }
    }
}

/// Prints the findings and returns whether there are no problems.
///
/// # Errors
/// Returns an error if TLS can't be set up.
pub async fn check(options: &CheckOptions) -> Result<bool, StartError> {
    let fetch = Fetch::new(options.ca.as_deref())?;
    let mut findings = Vec::new();
    let config = page::check(&fetch, &options.url, &mut findings).await;
    if let Some(config) = config {
        api::check(&fetch, &options.url, &config, &mut findings).await;
    }
    for finding in &findings {
        println!("{finding}");
    }
    Ok(!findings
        .iter()
        .any(|finding| matches!(finding, Finding::Problem(_))))
}
