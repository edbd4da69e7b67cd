//! Calls to the IAM API, with the access token of the person at the page.

mod call;
mod client;
mod detail;
mod endpoint;
mod groups;
mod idempotency;
mod keys;
mod problem;
mod transport;

pub use client::{Api, KeyOrder, TenantMembership, Who};
pub use endpoint::Endpoint;
pub use idempotency::make_idempotency_key;
pub use keys::KeyChange;
pub use problem::Problem;
