//! Operating the gateway: health, metrics, logs, the audit log and graceful shutdown.

pub mod audit;
pub mod health;
pub mod key_gauges;
pub mod log;
pub mod metrics;
pub mod shutdown;

use std::future::Future;

use connectrpc::RequestContext;

use self::key_gauges::KeyEnd;

/// What operating the gateway needs from a backend.
pub trait Operable: Send + Sync + 'static {
    /// Returns an error with the reason if calls can't be answered.
    fn ready(&self) -> impl Future<Output = Result<(), String>> + Send;

    /// Who makes the call, for the audit log.
    fn caller(&self, ctx: &RequestContext) -> impl Future<Output = Option<Caller>> + Send;

    /// All keys that the gateway may read by itself, or why it can't; none if it has no credentials of its own.
    fn keys(&self) -> impl Future<Output = Option<Result<Vec<KeyEnd>, String>>> + Send;
}

/// Who makes a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account's ID, or the subject of a person who is signed in at a proxy.
    pub id: String,
    /// The person's email address.
    pub email: Option<String>,
    /// The person's groups at the proxy.
    pub groups: Vec<String>,
}

impl Caller {
    /// An account of the API.
    pub fn account(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            email: None,
            groups: Vec::new(),
        }
    }
}
