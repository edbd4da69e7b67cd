//! What can go wrong, in the words that people read.

use std::{error::Error, io, net::SocketAddr, path::PathBuf};

use connectrpc::{ConnectError, ErrorCode};
use keyside_iam::key_lifetime::KeyLifetimeError;

use crate::parsers::{AddressError, JwtError};

/// Why the gateway cannot start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(
        "{} has no index.html, so there is no page to serve. Build the page first \
         (`cargo xtask serve` does), or name its folder with --dist.", .0.display()
    )]
    NoPage(PathBuf),
    #[error(
        "cannot listen on {0}: {1}. Stop what uses that port, or choose another with --listen."
    )]
    Listen(SocketAddr, io::Error),
    #[error(
        "{0} is an address that other machines reach, and access tokens would travel to it in the \
         open. Serve TLS by --tls-cert and --tls-key; or, if a proxy with TLS stands before this \
         gateway and nobody else can reach it, say --behind-proxy; or listen on 127.0.0.1."
    )]
    InTheOpen(SocketAddr),
    #[error("--tls-cert and --tls-key belong together: name both files, or neither.")]
    HalfTls,
    #[error(
        "{} cannot be used for TLS: {cause}. Give --tls-cert the certificate with its chain and \
         --tls-key its private key, both in PEM.",
        path.display()
    )]
    Certificate { path: PathBuf, cause: String },
    #[error("--upstream: {0}.")]
    Upstream(#[from] AddressError),
    #[error(
        "cannot read the certificates of {}: {cause}. Give --upstream-ca a PEM file of certificate \
         authorities.",
        path.display()
    )]
    UpstreamCa { path: PathBuf, cause: String },
    #[error(
        "this system has no certificate authorities to trust. Install them (on Debian: \
         ca-certificates), or name a file with --upstream-ca."
    )]
    NoRoots,
    #[error("TLS cannot be set up: {0}. Report it; nothing was sent.")]
    Tls(String),
    #[error(
        "the environment names a proxy of the kind \"{0}\" for the upstream, and only http:// \
         proxies are spoken. Change https_proxy, or except the upstream in no_proxy."
    )]
    Proxy(String),
    #[error("{0}. Lower --key-lifetime-default, or raise --key-lifetime-max.")]
    KeyLifetime(#[from] KeyLifetimeError),
    #[error("--upstream-ca is of use with --upstream alone. Name the upstream, or leave it out.")]
    CaWithoutUpstream,
    #[error(
        "the configuration file {} cannot be used: {cause}\nMend it, or leave out --config.",
        path.display()
    )]
    ConfigFile { path: PathBuf, cause: String },
    #[error(
        "cannot write the audit log {}: {cause}. Name a writable file with --audit-log.",
        path.display()
    )]
    AuditLog { path: PathBuf, cause: io::Error },
    #[error("the server stopped: {0}")]
    Serve(io::Error),
    #[error(
        "cannot make the data folder {}: {cause}. Name a writable one with --data.",
        path.display()
    )]
    DataFolder { path: PathBuf, cause: io::Error },
    #[error(
        "cannot open the database {}: {cause}. Check that the file is readable, writable and not \
         in use by another copy; bring a damaged one back from a backup; or name another folder \
         with --data.",
        path.display()
    )]
    Database {
        path: PathBuf,
        cause: rusqlite::Error,
    },
    #[error(
        "the database {} may be read, but not written. Make the file and its folder writable, or \
         name another folder with --data.", .0.display()
    )]
    ReadOnlyDatabase(PathBuf),
    #[error(
        "the database {} is of version {found}, but this program knows versions up to {known}: \
         it was written by a newer Keyside. Use that one, or another folder with --data.",
        path.display()
    )]
    NewerDatabase {
        path: PathBuf,
        found: i64,
        known: i64,
    },
    #[error(
        "cannot read or write the admin token in {}: {cause}. Mend its permissions, or give the \
         token in KEYSIDE_ADMIN_TOKEN.",
        path.display()
    )]
    AdminTokenFile { path: PathBuf, cause: io::Error },
    #[error(
        "the admin token from {origin} has {length} characters, but at least {least} are needed, \
         all of them printable ASCII without spaces. Choose a longer one, or leave it out and \
         one is made for you."
    )]
    WeakAdminToken {
        origin: &'static str,
        length: usize,
        least: usize,
    },
    #[error("the operating system gave no random numbers: {0}.")]
    Randomness(getrandom::Error),
}

/// Why the embedded IAM refuses a call. The code is the one the real API answers with.
#[derive(Debug, thiserror::Error)]
pub enum IamError {
    #[error("no access token: send the metadata `authorization: Bearer <access token>`")]
    NoToken,
    #[error("the access token is unknown or has expired")]
    BadToken,
    #[error(
        "too many calls from your address in a second (at most {0}). Wait a moment and try again"
    )]
    TooManyCalls(u32),
    #[error("the gateway answers as many calls as it can. Wait a moment and try again")]
    Busy,
    #[error(
        "too many wrong access tokens from your address. Wait a minute, and check the token before \
         you try again"
    )]
    TooManyWrongTokens,
    #[error("permission denied: {0}")]
    PermissionDenied(&'static str),
    #[error("{kind} \"{id}\" not found")]
    NotFound { kind: &'static str, id: String },
    #[error("{field}: {problem}")]
    Invalid {
        field: &'static str,
        problem: String,
    },
    #[error("{kind} named \"{name}\" already exists in {parent}")]
    NameTaken {
        kind: &'static str,
        name: String,
        parent: String,
    },
    #[error("{member} is in the group \"{group}\" already")]
    AlreadyMember { member: String, group: String },
    #[error("{0}")]
    Precondition(&'static str),
    #[error(
        "resource_version is {given}, but the resource is at {current}: read it again and repeat \
         the change"
    )]
    Stale { given: i64, current: i64 },
    #[error(transparent)]
    BadJwt(#[from] JwtError),
    #[error("the embedded IAM does not support {0}")]
    Unsupported(&'static str),
    #[error(
        "the request holds private key material. It was refused at the door: nothing of it was \
         stored or logged. Only the public key may be sent. Treat that private key as exposed \
         and make a new one"
    )]
    PrivateKeyMaterial,
    #[error("{}", words(.0))]
    Database(#[source] rusqlite::Error),
    #[error("the operating system gave no random numbers: {0}; the call changed nothing")]
    Randomness(#[from] getrandom::Error),
}

impl IamError {
    /// A request field that cannot be accepted, and why.
    pub fn invalid(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            problem: problem.into(),
        }
    }

    fn code(&self) -> ErrorCode {
        match self {
            Self::NoToken | Self::BadToken | Self::BadJwt(_) => ErrorCode::Unauthenticated,
            Self::PermissionDenied(_) => ErrorCode::PermissionDenied,
            Self::TooManyCalls(_) | Self::TooManyWrongTokens => ErrorCode::ResourceExhausted,
            Self::Busy => ErrorCode::Unavailable,
            Self::NotFound { .. } => ErrorCode::NotFound,
            Self::Invalid { .. } | Self::PrivateKeyMaterial => ErrorCode::InvalidArgument,
            Self::NameTaken { .. } | Self::AlreadyMember { .. } => ErrorCode::AlreadyExists,
            Self::Precondition(_) => ErrorCode::FailedPrecondition,
            Self::Stale { .. } => ErrorCode::Aborted,
            Self::Unsupported(_) => ErrorCode::Unimplemented,
            Self::Database(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseCorrupt) =>
            {
                ErrorCode::DataLoss
            }
            Self::Database(_) => ErrorCode::Unavailable,
            Self::Randomness(_) => ErrorCode::Internal,
        }
    }
}

/// What is the matter with the database, and what to do.
fn words(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode::{
        DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase, ReadOnly,
        SystemIoFailure,
    };
    match error.sqlite_error_code() {
        Some(DiskFull) => {
            "the disk of the embedded IAM is full; the call changed nothing. Make room on it and \
             try again"
        }
        Some(ReadOnly) => {
            "the embedded IAM may not write to its folder; the call changed nothing. Make the \
             folder writable and try again"
        }
        Some(DatabaseBusy | DatabaseLocked) => {
            "another program holds the database of the embedded IAM; the call changed nothing. \
             End that program, or wait, and try again"
        }
        Some(DatabaseCorrupt | NotADatabase) => {
            "the database of the embedded IAM is damaged; the call changed nothing. Stop the \
             gateway, and bring the file back from a backup"
        }
        Some(SystemIoFailure) => {
            "the disk of the embedded IAM fails; the call changed nothing. Look at the disk, and \
             try again"
        }
        _ => "the embedded IAM cannot reach its database; the call changed nothing. Try again",
    }
}

/// The words of an error's innermost cause, which tell most.
pub fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

impl From<rusqlite::Error> for IamError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<IamError> for ConnectError {
    fn from(error: IamError) -> Self {
        if let IamError::Database(cause) = &error {
            tracing::error!(%cause, "database");
        }
        ConnectError::new(error.code(), error.to_string())
    }
}
