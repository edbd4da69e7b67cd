//! What those who run the gateway need: health, metrics, logs, an audit log, an end without loss.

pub mod audit;
pub mod health;
pub mod log;
pub mod metrics;
pub mod shutdown;

use std::future::Future;

use connectrpc::RequestContext;

/// What a backend tells of itself and of its callers.
pub trait Operated: Send + Sync + 'static {
    /// Whether calls can be answered, or why not.
    fn ready(&self) -> impl Future<Output = Result<(), String>> + Send;

    /// The id of the account that the call's token belongs to, for the audit log.
    fn who(&self, ctx: &RequestContext) -> impl Future<Output = Option<String>> + Send;
}
