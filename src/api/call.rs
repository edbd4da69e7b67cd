//! One call, whatever its messages: bytes go out and bytes come back, so that the program holds one
//! such call and not one for each method.

use buffa::Message;
use buffa_types::google::protobuf::{Empty, EmptyView};
use connectrpc::{
    Spec, SpecOrigin,
    client::{CallOptions, ClientConfig, call_unary},
};

use super::{Problem, transport::Fetch};

/// Calls a method with its request and gives its answer.
///
/// # Errors
/// When the API refuses, does not answer, or answers with something else.
pub async fn call<Answer: Message>(
    config: &ClientConfig,
    spec: Spec,
    request: &impl Message,
    options: CallOptions,
) -> Result<Answer, Problem> {
    let answer = call_bytes(config.clone(), spec, request.encode_to_vec(), options).await?;
    Answer::decode_from_slice(&answer).map_err(|_| Problem::Unreadable)
}

async fn call_bytes(
    config: ClientConfig,
    spec: Spec,
    request: Vec<u8>,
    options: CallOptions,
) -> Result<Vec<u8>, Problem> {
    let spec = spec.with_origin(SpecOrigin::Client);
    // All fields are unknown to an empty message, and are carried as they are.
    let request = Empty::decode_from_slice(&request).map_err(|_| Problem::Unreadable)?;
    let answer = call_unary::<_, _, EmptyView<'static>>(&Fetch, &config, spec, request, options)
        .await?
        .into_owned();
    Ok(answer.encode_to_vec())
}
