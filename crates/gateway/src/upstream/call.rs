//! Forwards a call: sets the deadline, selects the headers and retries if that's safe.

use std::{error::Error as _, future::Future, time::Duration};

use super::authorization::{self, Authorization, Own};
use crate::{
    error::{IamError, root_cause},
    operate::metrics::Metrics,
};
use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine};
use buffa::{Message, MessageName};
use connectrpc::{
    ConnectError, ErrorCode, ErrorDetail, RequestContext, Response, ServiceResult,
    client::{CallOptions, UnaryResponse},
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use keyside_iam::common::{ServiceError, service_error::RetryType};
use tokio::time::{Instant, sleep};

/// The maximum deadline. It's shorter than the 30 s that the page waits, so the page gets an answer.
const DEADLINE: Duration = Duration::from_secs(20);

/// Includes the first attempt.
const MAX_ATTEMPTS: u32 = 4;

/// Delay before the first retry. Doubles with each further one.
const FIRST_DELAY: Duration = Duration::from_millis(200);

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("x-idempotency-key");

/// The fields that an update resets.
const RESET_MASK: HeaderName = HeaderName::from_static("x-resetmask");

/// Response headers that the API's support asks for.
const SUPPORT_HEADERS: [HeaderName; 2] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-trace-id"),
];

/// The kind of a call, which decides about retries and headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Changes nothing, so it can always be repeated.
    Read,
    /// Changes something, so it can only be repeated with an idempotency key.
    Change,
    /// Exchanges a signed JWT for a token. Needs no authorization and can be repeated.
    Exchange,
}

/// Forwards a call with `send`, and retries it if that's safe and may help.
///
/// # Errors
/// Returns the API's error, or UNAVAILABLE if the API can't be reached.
pub async fn forward<A, F>(
    host: &str,
    metrics: &Metrics,
    own: Option<&Own>,
    ctx: &RequestContext,
    kind: Kind,
    send: impl Fn(CallOptions) -> F,
) -> ServiceResult<A>
where
    F: Future<Output = Result<UnaryResponse<A>, ConnectError>>,
{
    let until = Instant::now() + ctx.time_remaining().unwrap_or(DEADLINE).min(DEADLINE);
    let mut authorization = authorization::of(own, ctx).await?;
    let mut is_renewed = false;
    let is_repeatable = kind != Kind::Change || ctx.header(IDEMPOTENCY_KEY).is_some();
    let mut attempts = 0;
    loop {
        attempts += 1;
        let remaining = until.saturating_duration_since(Instant::now());
        let options = CallOptions::default()
            .with_timeout(remaining)
            .with_headers(request_headers(ctx.headers(), kind, authorization.value()));
        let outcome = send(options).await;
        metrics.upstream(host, !outcome.as_ref().is_err_and(is_transport));
        let error = match outcome {
            Ok(answer) => return Ok(response(answer)),
            Err(error) => error,
        };
        if let (Some(own), Authorization::Own(refused), ErrorCode::Unauthenticated) =
            (own, &authorization, error.code)
        {
            own.token.refused(refused).await;
            if is_renewed {
                return Err(IamError::OwnTokenRefused.into());
            }
            // The API did nothing, so even a change can be repeated.
            is_renewed = true;
            authorization = authorization::of(Some(own), ctx).await?;
            continue;
        }
        let delay = retry_delay(attempts);
        let can_retry = is_repeatable
            && attempts < MAX_ATTEMPTS
            && is_retryable(&error)
            && Instant::now() + delay < until;
        if !can_retry {
            return Err(caller_error(host, error));
        }
        metrics.upstream_retry(host);
        tracing::debug!(
            host,
            attempts,
            code = error.code.as_str(),
            "retrying the call"
        );
        sleep(delay).await;
    }
}

/// The token, and the caller's idempotency key and reset mask. No other headers are forwarded.
fn request_headers(
    given: &HeaderMap,
    kind: Kind,
    authorization: Option<&HeaderValue>,
) -> Vec<(HeaderName, HeaderValue)> {
    let names: &[HeaderName] = match kind {
        Kind::Exchange | Kind::Read => &[IDEMPOTENCY_KEY],
        Kind::Change => &[IDEMPOTENCY_KEY, RESET_MASK],
    };
    let given = |name: &HeaderName| Some((name.clone(), given.get(name)?.clone()));
    let mut headers: Vec<_> = names.iter().filter_map(given).collect();
    if let (Some(value), true) = (authorization, kind != Kind::Exchange) {
        headers.push((header::AUTHORIZATION, value.clone()));
    }
    headers
}

fn response<A>(answer: UnaryResponse<A>) -> Response<A> {
    let (headers, body, trailers) = answer.into_parts();
    let mut response = Response::new(body);
    response.headers = support_headers(&headers, &trailers);
    response
}

/// The error for the caller: the API's own error without the connection's headers, or why there is no
/// answer.
pub fn caller_error(host: &str, mut error: ConnectError) -> ConnectError {
    let headers = support_headers(error.response_headers(), error.trailers());
    // An error with a source didn't come from the API.
    if let Some(cause) = error.source().map(root_cause) {
        error.message = Some(format!(
            "The gateway has no connection to {host}: {cause}. Try again, or ask the gateway's \
             administrator."
        ));
    }
    error.set_response_headers(headers);
    error.set_trailers(HeaderMap::new());
    error
}

/// Whether the caller uses JSON, which is encoded from messages. Protobuf is returned without decoding.
pub fn is_json(ctx: &RequestContext) -> bool {
    let format = ctx.header(header::CONTENT_TYPE);
    format.is_some_and(|format| format.as_bytes().windows(4).any(|part| part == b"json"))
}

/// The headers that are returned to the caller.
fn support_headers(headers: &HeaderMap, trailers: &HeaderMap) -> HeaderMap {
    let found = SUPPORT_HEADERS.into_iter().filter_map(|name| {
        let value = headers.get(&name).or_else(|| trailers.get(&name))?;
        Some((name, value.clone()))
    });
    found.collect()
}

/// Whether there was no answer, rather than an error from the API.
pub fn is_transport(error: &ConnectError) -> bool {
    error.source().is_some()
}

/// Whether another attempt may succeed: the API says so itself, or it's unavailable.
fn is_retryable(error: &ConnectError) -> bool {
    match retry_type(error) {
        RetryType::CALL => true,
        RetryType::UNIT_OF_WORK | RetryType::NOTHING => false,
        RetryType::UNSPECIFIED => error.code == ErrorCode::Unavailable,
    }
}

/// The API's own advice.
fn retry_type(error: &ConnectError) -> RetryType {
    let is_service_error =
        |detail: &&ErrorDetail| detail.type_url.rsplit('/').next() == Some(ServiceError::FULL_NAME);
    let detail = error.details.iter().find(is_service_error);
    let value = detail.and_then(|detail| {
        let base64 = detail.value.as_deref()?.trim_end_matches('=');
        BASE64_STANDARD_NO_PAD.decode(base64).ok()
    });
    value
        .and_then(|value| ServiceError::decode_from_slice(&value).ok())
        .and_then(|error| error.retry_type.as_known())
        .unwrap_or_default()
}

/// The delay before the next attempt. Half of it is random, so that clients don't retry all at once.
fn retry_delay(attempts: u32) -> Duration {
    let max = FIRST_DELAY * 2_u32.pow(attempts - 1);
    let mut random = [0_u8; 4];
    // Without randomness, the delay is the maximum.
    let share = match getrandom::fill(&mut random) {
        Ok(()) => f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    };
    max.mul_f64(0.5 + share / 2.0)
}
