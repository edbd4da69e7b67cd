//! `keyside check URL`: whether a deployment is right, whoever serves it: headers, TLS, whether
//! the API can be reached, and the clock.

mod api;
mod fetch;
mod page;

use std::{fmt, path::PathBuf};

use http::Uri;

use self::fetch::Fetch;
use crate::error::StartError;

/// What is looked at.
#[derive(clap::Args)]
pub struct CheckOptions {
    /// The page's address.
    pub url: Uri,
    /// A PEM file of certificate authorities to trust, beside the system's.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

/// One finding.
pub enum Finding {
    /// As it should be.
    Right(String),
    /// Works, but could be better.
    Hint(String),
    /// Not as it should be, and what to do.
    Wrong(String),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Right(text) => write!(f, "ok     {text}"),
            Self::Hint(text) => write!(f, "hint   {text}"),
            Self::Wrong(text) => write!(f, "WRONG  {text}"),
        }
    }
}

/// Prints the findings; gives whether nothing is wrong.
///
/// # Errors
/// When nothing can be looked at from here.
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
        .any(|finding| matches!(finding, Finding::Wrong(_))))
}
