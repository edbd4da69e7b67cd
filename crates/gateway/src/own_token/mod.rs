//! Where the gateway gets access tokens of its own: from a command, or with a service account's credentials.

mod command;
mod credentials;

pub use self::{
    command::{CommandLine, TokenCommandError},
    credentials::{Credentials, CredentialsError},
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
    #[error("the token has characters that no access token has")]
    NotAToken,
}

/// Where a token comes from.
pub enum OwnTokenSource {
    Command(CommandLine),
    Credentials(Box<Credentials>),
}
