//! Calls to the IAM API with the user's access token.

mod client;
mod connect;
mod endpoint;
mod error_detail;
mod groups;
mod grpc_web;
mod idempotency;
mod keys;
mod problem;
mod unary;

pub use client::{Api, KeyOrder, Principal};
pub use endpoint::Endpoint;
pub use idempotency::make_idempotency_key;
pub use keys::KeyChange;
pub use problem::Problem;
pub use unary::Protocol;
