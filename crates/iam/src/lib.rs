//! The part of the Nebius AI Cloud IAM API that Keyside uses: wire types, service traits and clients,
//! generated from the .proto files in this crate.
//!
//! [`iam`] and [`common`] contain the messages and services of the packages `nebius.iam.v1` and
//! `nebius.common.v1`, [`token_exchange`] the constants of a token exchange request, [`key_lifetime`]
//! the limits for new keys, and [`permissions`] what a gateway's policy allows. No type here can hold a private key.
#![forbid(unsafe_code)]

mod account;
pub mod key_lifetime;
pub mod permissions;
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

/// Package `nebius.common.v1`: resource metadata, long-running operations and service errors.
pub mod common {
    pub use crate::generated::nebius::common::v1::__buffa::oneof;
    pub use crate::generated::nebius::common::v1::*;
}

/// Package `google.rpc`: the result of an operation, and error details.
pub mod rpc {
    pub use crate::generated::google::rpc::*;
}

pub use buffa::MessageField;
pub use buffa_types::google::protobuf::{Any, Duration, Timestamp};
