//! One call, whatever its messages: bytes go out and bytes come back, so that the program holds one
//! such call, and one reading of lists, and not one for each method.

use std::pin::Pin;

use buffa::Message;
use buffa_types::google::protobuf::{Empty, EmptyView};
use connectrpc::{
    Spec, SpecOrigin,
    client::{CallOptions, ClientConfig, call_unary},
};

use super::{Problem, transport::Fetch};

type BytesAnswer = Pin<Box<dyn Future<Output = Result<Vec<u8>, Problem>>>>;

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
    let answer = call_bytes(config, spec, &request.encode_to_vec(), options).await?;
    read(&answer)
}

/// Reads a list to its end. `request` gives the request for a page token, `take` takes an answer and
/// gives the token of the next page, which is empty after the last.
///
/// # Errors
/// As for [`call`].
pub async fn call_all(
    config: &ClientConfig,
    spec: Spec,
    request: &dyn Fn(String) -> Vec<u8>,
    take: &mut dyn FnMut(&[u8]) -> Result<String, Problem>,
) -> Result<(), Problem> {
    let mut page_token = String::new();
    loop {
        let request = request(page_token);
        page_token = take(&call_bytes(config, spec, &request, CallOptions::default()).await?)?;
        if page_token.is_empty() {
            return Ok(());
        }
    }
}

/// Reads an answer.
///
/// # Errors
/// When it is something else.
pub fn read<Answer: Message>(answer: &[u8]) -> Result<Answer, Problem> {
    Answer::decode_from_slice(answer).map_err(|_| Problem::Unreadable)
}

fn call_bytes(
    config: &ClientConfig,
    spec: Spec,
    request: &[u8],
    options: CallOptions,
) -> BytesAnswer {
    let config = config.clone();
    let spec = spec.with_origin(SpecOrigin::Client);
    // All fields are unknown to an empty message, and are carried as they are.
    let request = Empty::decode_from_slice(request).map_err(|_| Problem::Unreadable);
    Box::pin(async move {
        let answer =
            call_unary::<_, _, EmptyView<'static>>(&Fetch, &config, spec, request?, options)
                .await?
                .into_owned();
        Ok(answer.encode_to_vec())
    })
}
