//! The IAM API of Nebius AI Cloud as Keyside speaks it: wire types, service traits and
//! clients, generated from the .proto files beside this crate.
//!
//! [`iam`] and [`common`] hold the messages and services of the packages
//! `nebius.iam.v1` and `nebius.common.v1`; [`token_exchange`] the constants that a token
//! exchange is asked with; [`key_lifetime`] what is decided for all keys. Nothing here can hold a private key.
#![forbid(unsafe_code)]

mod account;
pub mod key_lifetime;
pub mod token_exchange;

#[allow(missing_docs)]
mod generated {
    connectrpc::include_generated!("iam.rs");
}

/// Package `nebius.iam.v1`: authorized keys, service accounts, groups, profile, containers,
/// tokens.
pub mod iam {
    pub use crate::generated::nebius::iam::v1::__buffa::oneof;
    pub use crate::generated::nebius::iam::v1::*;
}

/// Package `nebius.common.v1`: resource metadata and long-running operations.
pub mod common {
    pub use crate::generated::nebius::common::v1::*;
}

/// Package `google.rpc`: the outcome of an operation, and details of errors.
pub mod rpc {
    pub use crate::generated::google::rpc::*;
}

pub use buffa::MessageField;
pub use buffa_types::google::protobuf::{Duration, Timestamp};
