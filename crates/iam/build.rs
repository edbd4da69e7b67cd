//! Generates wire types, service traits and clients from the compiled .proto files.
//!
//! The compiled file is checked in and kept up to date by tests/descriptors.rs, because building a proto
//! compiler takes longer than building all the generated code.

use std::{env, error::Error};

fn main() -> Result<(), Box<dyn Error>> {
    const DESCRIPTORS: &str = "proto/descriptors.bin";
    println!("cargo::rerun-if-changed={DESCRIPTORS}");
    connectrpc_build::Config::new()
        .descriptor_set(DESCRIPTORS)
        .files(&[
            "google/rpc/error_details.proto",
            "google/rpc/status.proto",
            "nebius/common/v1/error.proto",
            "nebius/common/v1/metadata.proto",
            "nebius/common/v1/operation.proto",
            "nebius/common/v1/progress_tracker.proto",
            "nebius/iam/v1/account.proto",
            "nebius/iam/v1/auth_public_key.proto",
            "nebius/iam/v1/container.proto",
            "nebius/iam/v1/group.proto",
            "nebius/iam/v1/group_membership.proto",
            "nebius/iam/v1/profile.proto",
            "nebius/iam/v1/service_account.proto",
            "nebius/iam/v1/session_management.proto",
            "nebius/iam/v1/token_exchange.proto",
            "nebius/iam/v1/user_account.proto",
        ])
        .include_file("iam.rs")
        .generate_json(env::var_os("CARGO_FEATURE_JSON").is_some())
        .compile()?;
    Ok(())
}
