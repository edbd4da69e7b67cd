//! Where the gateway gets access tokens of its own: from a command, with a service account's credentials, or when a
//! person signs in.

mod command;
mod credentials;
mod person;

pub use self::{
    command::{CommandLine, TokenCommandError},
    credentials::{Credentials, CredentialsError},
    person::{PersonId, PersonToken},
};

/// Why the gateway has no token of its own.
#[derive(Debug, thiserror::Error)]
pub enum OwnTokenError {
    #[error("{0}")]
    Command(#[from] TokenCommandError),
    #[error("{0}")]
    Credentials(#[from] CredentialsError),
    #[error("the API doesn't exchange the JWT of --credentials: {0}")]
    Exchange(String),
    #[error("nobody is signed in at the issuer, or no longer")]
    NobodySignedIn,
    #[error("the token has characters that no access token has")]
    NotAToken,
}

/// Where a token comes from.
pub enum OwnTokenSource {
    Command(CommandLine),
    Credentials(Box<Credentials>),
}
