//! Operating the gateway: health, metrics, logs, the audit log and graceful shutdown.

pub mod audit;
pub mod health;
pub mod log;
pub mod metrics;
pub mod shutdown;

use std::future::Future;

use connectrpc::RequestContext;

/// What operating the gateway needs from a backend.
pub trait Operable: Send + Sync + 'static {
    /// Returns an error with the reason if calls can't be answered.
    fn ready(&self) -> impl Future<Output = Result<(), String>> + Send;

    /// The ID of the account that the call's token belongs to, for the audit log.
    fn caller_id(&self, ctx: &RequestContext) -> impl Future<Output = Option<String>> + Send;
}
