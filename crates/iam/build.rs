//! Compiles the .proto files (with protox, so no protoc is needed) into wire
//! types, service traits and clients.

use std::{env, error::Error, path::PathBuf};

use prost::Message;

const FILES: [&str; 12] = [
    "google/rpc/error_details.proto",
    "google/rpc/status.proto",
    "nebius/common/v1/metadata.proto",
    "nebius/common/v1/operation.proto",
    "nebius/iam/v1/account.proto",
    "nebius/iam/v1/auth_public_key.proto",
    "nebius/iam/v1/container.proto",
    "nebius/iam/v1/group.proto",
    "nebius/iam/v1/group_membership.proto",
    "nebius/iam/v1/profile.proto",
    "nebius/iam/v1/service_account.proto",
    "nebius/iam/v1/token_exchange.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto");
    let descriptors = PathBuf::from(env::var("OUT_DIR")?).join("iam.descriptors.bin");
    let set = protox::compile(FILES, ["proto"])?;
    std::fs::write(&descriptors, set.encode_to_vec())?;
    connectrpc_build::Config::new()
        .descriptor_set(&descriptors)
        .files(&FILES)
        .include_file("iam.rs")
        .generate_json(env::var_os("CARGO_FEATURE_JSON").is_some())
        // It would watch the descriptor set, which this very script writes: always out of date.
        .emit_rerun_directives(false)
        .compile()?;
    Ok(())
}
