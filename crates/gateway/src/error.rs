//! Errors and their messages: what happened, then what to do.

use std::{error::Error, io, net::SocketAddr, path::PathBuf};

use buffa::MessageName;
use connectrpc::{ConnectError, ErrorCode, ErrorDetail};
use keyside_iam::{
    common::{
        BadRequest, BadResourceState, InternalError, PermissionDenied, ResourceAlreadyExists,
        ResourceConflict, ResourceNotFound, ServiceError, TooManyRequests, bad_request::Violation,
        oneof::service_error::Details, service_error::RetryType,
    },
    key_lifetime::KeyLifetimeError,
};

use crate::{
    own_token::OwnTokenError,
    parsers::{AddressError, JwtError},
    policy::PolicyError,
    sign_in::IssuerUrlError,
};

/// Why the gateway can't start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(
        "there is no page to serve: {} has no index.html. Build the page with `cargo xtask serve`, \
         or set --dist to the folder of the built page.", .0.display()
    )]
    NoPage(PathBuf),
    #[error(
        "can't listen on {0}: {1}. Stop the program that uses this port, or choose another address \
         with --listen."
    )]
    Listen(SocketAddr, io::Error),
    #[error(
        "{0} can be reached from other machines, and access tokens would be sent without \
         encryption. Set --tls-cert and --tls-key, or listen on 127.0.0.1. If a TLS proxy in front \
         is the only way to reach the gateway, set --behind-proxy."
    )]
    Unencrypted(SocketAddr),
    #[error(
        "--proxy-header or --proxy-count is set without --behind-proxy. Set --behind-proxy too, or \
         remove them."
    )]
    NotBehindProxy,
    #[error("--tls-cert and --tls-key must be set together. Set both, or neither.")]
    IncompleteTls,
    #[error(
        "can't use {} for TLS: {cause}. Set --tls-cert to the certificate with its chain and \
         --tls-key to its private key, both in PEM.",
        path.display()
    )]
    Certificate { path: PathBuf, cause: String },
    #[error("--upstream isn't valid: {0}.")]
    Upstream(#[from] AddressError),
    #[error(
        "can't read certificates from {}: {cause}. Set --upstream-ca to a PEM file of certificate \
         authorities.",
        path.display()
    )]
    UpstreamCa { path: PathBuf, cause: String },
    #[error(
        "this system trusts no certificate authorities. Install them (on Debian: \
         ca-certificates), or set --upstream-ca to a PEM file."
    )]
    NoRoots,
    #[error("can't set up TLS: {0}. Nothing was sent. Please report this error.")]
    Tls(String),
    #[error(
        "the environment sets a \"{0}\" proxy for the upstream, but only http:// proxies are \
         supported. Change https_proxy, or add the upstream to no_proxy."
    )]
    Proxy(String),
    #[error("{0}. Lower --key-lifetime-default, or raise --key-lifetime-max.")]
    KeyLifetime(#[from] KeyLifetimeError),
    #[error(
        "{0} is set without --upstream. Set --upstream to the API to call with the gateway's own token, or \
         remove {0}."
    )]
    OwnTokenWithoutUpstream(&'static str),
    #[error(
        "--identity needs the token that the gateway's calls are made with. Set --credentials to a \
         credentials file, or --token-command."
    )]
    IdentityWithoutToken,
    #[error(
        "--credentials is set without --identity, so everybody could use them. Set --identity, or remove \
         --credentials."
    )]
    CredentialsWithoutIdentity,
    #[error("--credentials and --token-command are both set. Remove one of them.")]
    TwoTokens,
    #[error(
        "--sign-in-client-id is set with --token-command, --credentials or --identity, which say otherwise whose \
         token is used. Remove one of them."
    )]
    TwoSignIns,
    #[error("{0}.")]
    Issuer(#[from] IssuerUrlError),
    #[error(
        "this is Kubernetes, where the embedded IAM would be lost with the pod. Set --upstream, or set --data to a \
         folder on a volume and run a single replica."
    )]
    EmbeddedInKubernetes,
    #[error("--sign-in-issuer is set without --sign-in-client-id. Set both, or neither.")]
    IssuerWithoutClient,
    #[error(
        "--sign-in-client-id signs one person in, on their own machine: the issuer redirects to \
         http://127.0.0.1. Listen on 127.0.0.1, without TLS or a proxy."
    )]
    SignInElsewhere,
    #[error("{0}\nCorrect the file, or remove --policy.")]
    Policy(#[from] PolicyError),
    #[error("the gateway gets no access token: {0}. Correct --credentials or --token-command.")]
    OwnToken(#[from] OwnTokenError),
    #[error("{0} Correct jwks= in --identity.")]
    Identity(IamError),
    #[error("--upstream-ca is set without --upstream. Set --upstream, or remove --upstream-ca.")]
    CaWithoutUpstream,
    #[error(
        "can't use the configuration file {}: {cause}\nFix it, or remove --config.",
        path.display()
    )]
    ConfigFile { path: PathBuf, cause: String },
    #[error(
        "can't write the audit log {}: {cause}. Set --audit-log to a writable file.",
        path.display()
    )]
    AuditLog { path: PathBuf, cause: io::Error },
    #[error(
        "another gateway writes to the audit log {}. Set --audit-log to another file.", .0.display()
    )]
    AuditLogInUse(PathBuf),
    #[error("the server stopped: {0}. Start it again.")]
    Serve(io::Error),
    #[error(
        "can't create the data folder {}: {cause}. Set --data to a writable folder.",
        path.display()
    )]
    DataFolder { path: PathBuf, cause: io::Error },
    #[error(
        "there is no admin token in {}. Set --data to the data folder of the running gateway, or \
         KEYSIDE_ADMIN_TOKEN to its token.", .0.display()
    )]
    NoAdminToken(PathBuf),
    #[error(
        "the data folder {} can be changed by every account on this machine (mode {mode:o}), which could \
         replace the admin token. Run chmod 700 on it, or set --data to another folder.",
        path.display()
    )]
    WorldWritableFolder { path: PathBuf, mode: u32 },
    #[error(
        "the data folder {} is on a network file system ({kind}), where SQLite can lose changes. Set \
         --data to a folder on a local disk.",
        path.display()
    )]
    NetworkFolder { path: PathBuf, kind: String },
    #[error(
        "can't open the database {}: {cause}. Check that the file is readable and writable, and \
         that no other gateway uses it. If it's damaged, restore it from a backup, or set --data to \
         another folder.",
        path.display()
    )]
    Database {
        path: PathBuf,
        cause: rusqlite::Error,
    },
    #[error(
        "the database {} is read-only. Make the file and its folder writable, or set --data to \
         another folder.", .0.display()
    )]
    ReadOnlyDatabase(PathBuf),
    #[error(
        "the database {} was written by a newer Keyside: it has version {found}, and this program \
         supports versions up to {supported}. Use the newer Keyside, or set --data to another \
         folder.",
        path.display()
    )]
    NewerDatabase {
        path: PathBuf,
        found: i64,
        supported: i64,
    },
    #[error(
        "can't read or write the admin token in {}: {cause}. Fix the file's permissions, or set \
         KEYSIDE_ADMIN_TOKEN.",
        path.display()
    )]
    AdminTokenFile { path: PathBuf, cause: io::Error },
    #[error(
        "the admin token from {origin} has {length} characters, but it needs at least {min}, all \
         printable ASCII without spaces. Choose another token, or remove it to have one generated."
    )]
    WeakAdminToken {
        origin: &'static str,
        length: usize,
        min: usize,
    },
    #[error("the operating system returned no random numbers: {0}. Try again.")]
    Randomness(getrandom::Error),
}

/// Why a call is rejected. The codes are those that the real API returns.
#[derive(Debug, thiserror::Error)]
pub enum IamError {
    #[error(
        "The call has no access token. Send the metadata `authorization: Bearer <access token>`."
    )]
    NoToken,
    #[error("The access token is unknown or has expired. Get a new one.")]
    BadToken,
    #[error(
        "This sign-in address no longer works: it was already used, it's older than 10 minutes, or \
         Keyside was restarted. For a new one, press Enter in the terminal that runs keyside serve, or run \
         keyside open."
    )]
    BadSignInCode,
    #[error("Your address sends more than {0} calls a second. Wait a moment and try again.")]
    TooManyCalls(u32),
    #[error("The gateway is busy with other calls. Wait a moment and try again.")]
    Busy,
    #[error(
        "Your address sent too many wrong tokens, JWTs or sign-in codes. Check yours, wait a minute and \
         try again."
    )]
    TooManyWrongTokens,
    #[error("Permission denied: {0}")]
    PermissionDenied(&'static str),
    #[error("The gateway's policy {0}. Ask the gateway's administrator.")]
    ByPolicy(String),
    #[error("There is no {kind} \"{id}\".")]
    NotFound { kind: &'static str, id: String },
    #[error("{field}: {problem}.")]
    Invalid {
        field: &'static str,
        problem: String,
    },
    #[error("{parent} already has a {kind} named \"{name}\". Choose another name.")]
    NameTaken {
        id: String,
        kind: &'static str,
        name: String,
        parent: String,
    },
    #[error("{member} is already a member of the group \"{group}\".")]
    AlreadyMember {
        id: String,
        member: String,
        group: String,
    },
    #[error("{0}")]
    Precondition(&'static str),
    #[error(
        "The resource has changed: resource_version is {given}, but the current one is {current}. \
         Read it again and repeat the change."
    )]
    Stale {
        id: String,
        given: i64,
        current: i64,
    },
    #[error(transparent)]
    BadJwt(#[from] JwtError),
    #[error("The embedded IAM doesn't support {0}.")]
    Unsupported(&'static str),
    #[error(
        "The request contains private key material, so it was rejected without being stored or \
         logged. Send only the public key. Treat the private key as exposed and create a new one."
    )]
    PrivateKeyMaterial,
    #[error(
        "The gateway has no access token for the API: {0}. Check its --token-command or --credentials, then \
         try again."
    )]
    OwnToken(OwnTokenError),
    #[error(
        "Your sign-in at the issuer has ended. Open /sign-in at this gateway's address to sign in again."
    )]
    NobodySignedIn,
    #[error(
        "The API refuses the gateway's own access token. Run its --token-command in a terminal, and sign in \
         again there if needed, or check the key of its --credentials."
    )]
    OwnTokenRefused,
    #[error(
        "The call has no header {0} from the proxy that signs people in. Open the page through the proxy, \
         and sign in there."
    )]
    NoIdentity(String),
    #[error(
        "The JWT from the proxy that signs people in was rejected: {0}. Sign in at the proxy again."
    )]
    BadIdentity(&'static str),
    #[error(
        "The gateway has no keys to check the proxy's JWT with: {0}. Ask the gateway's administrator."
    )]
    NoIdentityKeys(String),
    #[error("The embedded IAM failed, and the call changed nothing. Try again.")]
    Failed,
    #[error("{}", database_message(.0))]
    Database(#[source] rusqlite::Error),
    #[error(
        "The operating system returned no random numbers: {0}. The call changed nothing. Try again."
    )]
    Randomness(#[from] getrandom::Error),
}

impl IamError {
    /// An invalid request field, and why it's invalid.
    pub fn invalid(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            problem: problem.into(),
        }
    }

    fn code(&self) -> ErrorCode {
        match self {
            Self::NoToken
            | Self::BadToken
            | Self::BadSignInCode
            | Self::BadJwt(_)
            | Self::NoIdentity(_)
            | Self::NobodySignedIn
            | Self::BadIdentity(_) => ErrorCode::Unauthenticated,
            Self::PermissionDenied(_) | Self::ByPolicy(_) => ErrorCode::PermissionDenied,
            Self::TooManyCalls(_) | Self::TooManyWrongTokens => ErrorCode::ResourceExhausted,
            Self::Busy | Self::OwnToken(_) | Self::NoIdentityKeys(_) => ErrorCode::Unavailable,
            Self::NotFound { .. } => ErrorCode::NotFound,
            Self::Invalid { .. } | Self::PrivateKeyMaterial => ErrorCode::InvalidArgument,
            Self::NameTaken { .. } | Self::AlreadyMember { .. } => ErrorCode::AlreadyExists,
            Self::Precondition(_) | Self::OwnTokenRefused => ErrorCode::FailedPrecondition,
            Self::Stale { .. } => ErrorCode::Aborted,
            Self::Unsupported(_) => ErrorCode::Unimplemented,
            Self::Database(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseCorrupt) =>
            {
                ErrorCode::DataLoss
            }
            Self::Database(_) => ErrorCode::Unavailable,
            Self::Failed | Self::Randomness(_) => ErrorCode::Internal,
        }
    }
}

impl IamError {
    /// The detail that explains the error as the real API does. It has none for wrong tokens.
    fn detail(&self) -> Option<ServiceError> {
        let message = || self.to_string();
        let (code, retry, details) = match self {
            Self::NoToken
            | Self::BadToken
            | Self::BadSignInCode
            | Self::BadJwt(_)
            | Self::OwnToken(_)
            | Self::NoIdentity(_)
            | Self::NobodySignedIn
            | Self::BadIdentity(_)
            | Self::NoIdentityKeys(_)
            | Self::OwnTokenRefused
            | Self::Unsupported(_) => return None,
            Self::TooManyCalls(_) | Self::TooManyWrongTokens => (
                "TooManyRequests",
                RetryType::CALL,
                Details::from(TooManyRequests {
                    violation: message(),
                    ..Default::default()
                }),
            ),
            Self::PermissionDenied(_) | Self::ByPolicy(_) => (
                "PermissionDenied",
                RetryType::NOTHING,
                PermissionDenied::default().into(),
            ),
            Self::NotFound { id, .. } => (
                "ResourceNotFound",
                RetryType::NOTHING,
                ResourceNotFound {
                    resource_id: id.clone(),
                    ..Default::default()
                }
                .into(),
            ),
            Self::Invalid { field, problem } => (
                "BadRequest",
                RetryType::NOTHING,
                BadRequest {
                    violations: vec![Violation {
                        field: (*field).to_owned(),
                        message: problem.clone(),
                        ..Default::default()
                    }],
                    ..Default::default()
                }
                .into(),
            ),
            Self::PrivateKeyMaterial => (
                "BadRequest",
                RetryType::NOTHING,
                BadRequest::default().into(),
            ),
            Self::NameTaken { id, .. } | Self::AlreadyMember { id, .. } => (
                "ResourceAlreadyExists",
                RetryType::NOTHING,
                ResourceAlreadyExists {
                    resource_id: id.clone(),
                    ..Default::default()
                }
                .into(),
            ),
            Self::Precondition(_) => (
                "BadResourceState",
                RetryType::NOTHING,
                BadResourceState {
                    message: message(),
                    ..Default::default()
                }
                .into(),
            ),
            Self::Stale { id, .. } => (
                "ResourceConflict",
                RetryType::UNIT_OF_WORK,
                ResourceConflict {
                    resource_id: id.clone(),
                    message: message(),
                    ..Default::default()
                }
                .into(),
            ),
            Self::Busy | Self::Failed | Self::Database(_) | Self::Randomness(_) => (
                "InternalError",
                match self {
                    Self::Database(error) if is_damaged(error) => RetryType::NOTHING,
                    _ => RetryType::CALL,
                },
                InternalError::default().into(),
            ),
        };
        Some(ServiceError {
            service: SERVICE.to_owned(),
            code: code.to_owned(),
            retry_type: retry.into(),
            details: Some(details),
            ..Default::default()
        })
    }
}

/// Whether the database must be restored from a backup.
fn is_damaged(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(
        error.sqlite_error_code(),
        Some(DatabaseCorrupt | NotADatabase)
    )
}

/// The service's name in error details.
const SERVICE: &str = "iam";

/// What is wrong with the database, and what to do.
fn database_message(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode::{
        DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase, ReadOnly,
        SystemIoFailure,
    };
    match error.sqlite_error_code() {
        Some(DiskFull) => {
            "The embedded IAM's disk is full, and the call changed nothing. Free some space and try \
             again."
        }
        Some(ReadOnly) => {
            "The embedded IAM's folder is read-only, and the call changed nothing. Make the folder \
             writable and try again."
        }
        Some(DatabaseBusy | DatabaseLocked) => {
            "The embedded IAM's database is locked by another program, and the call changed \
             nothing. Stop that program or wait, then try again."
        }
        Some(DatabaseCorrupt | NotADatabase) => {
            "The embedded IAM's database is damaged, and the call changed nothing. Stop the gateway \
             and restore the file from a backup."
        }
        Some(SystemIoFailure) => {
            "The embedded IAM's disk reports an error, and the call changed nothing. Check the disk \
             and try again."
        }
        _ => "The embedded IAM can't use its database, and the call changed nothing. Try again.",
    }
}

/// The message of an error's root cause, which is the most specific one.
pub fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
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
            tracing::error!(%cause, "the database failed");
        }
        let answer = ConnectError::new(error.code(), error.to_string());
        match error.detail() {
            Some(detail) => {
                answer.with_detail(ErrorDetail::from_message(ServiceError::FULL_NAME, &detail))
            }
            None => answer,
        }
    }
}
