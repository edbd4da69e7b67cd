//! One call carried on: the deadline, what of the headers goes along, and when to try again.

use std::{error::Error as _, future::Future, time::Duration};

use crate::{error::innermost, operate::metrics::Metrics};
use connectrpc::{
    ConnectError, ErrorCode, RequestContext, Response, ServiceResult,
    client::{CallOptions, UnaryResponse},
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tokio::time::{Instant, sleep};

/// For callers who set no deadline of their own; the page waits for 30 s, and shall hear of it.
const DEADLINE: Duration = Duration::from_secs(20);

/// Tries, the first one counted.
const MOST_TRIES: u32 = 4;

/// Before the second try; doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(200);

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("x-idempotency-key");

/// What the API says of itself, for its support.
const FOR_SUPPORT: [HeaderName; 2] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-trace-id"),
];

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Changes nothing: can always be repeated.
    Read,
    /// Changes something: can be repeated with its idempotency key.
    Change,
    /// Exchanges a signed proof for a token: asks for no authorization, can be repeated.
    Exchange,
}

/// Carries a call on by `send`, again where that is safe and of use.
///
/// # Errors
/// What the API says, or that it cannot be reached.
pub async fn forward<A, F>(
    host: &str,
    metrics: &Metrics,
    ctx: &RequestContext,
    kind: Kind,
    send: impl Fn(CallOptions) -> F,
) -> ServiceResult<A>
where
    F: Future<Output = Result<UnaryResponse<A>, ConnectError>>,
{
    let until = Instant::now() + ctx.time_remaining().unwrap_or(DEADLINE).min(DEADLINE);
    let headers = passed_on(ctx.headers(), kind);
    let repeatable = kind != Kind::Change || ctx.header(IDEMPOTENCY_KEY).is_some();
    let mut tries = 0;
    loop {
        tries += 1;
        let left = until.saturating_duration_since(Instant::now());
        let options = CallOptions::default()
            .with_timeout(left)
            .with_headers(headers.clone());
        let outcome = send(options).await;
        metrics.upstream(host, !outcome.as_ref().is_err_and(is_transport));
        let error = match outcome {
            Ok(answer) => return Ok(accepted(answer)),
            Err(error) => error,
        };
        let wait = wait_after(tries);
        let again =
            repeatable && tries < MOST_TRIES && is_passing(&error) && Instant::now() + wait < until;
        if !again {
            return Err(told(host, error));
        }
        metrics.upstream_retry(host);
        tracing::debug!(host, tries, code = error.code.as_str(), "trying again");
        sleep(wait).await;
    }
}

/// The token and the idempotency key, nothing else of the caller.
fn passed_on(given: &HeaderMap, kind: Kind) -> Vec<(HeaderName, HeaderValue)> {
    let names: &[HeaderName] = match kind {
        Kind::Exchange => &[IDEMPOTENCY_KEY],
        Kind::Read | Kind::Change => &[header::AUTHORIZATION, IDEMPOTENCY_KEY],
    };
    let mut headers = Vec::new();
    for name in names {
        if let Some(value) = given.get(name) {
            let mut value = value.clone();
            // HPACK must not keep it in its table.
            value.set_sensitive(*name == header::AUTHORIZATION);
            headers.push((name.clone(), value));
        }
    }
    headers
}

fn accepted<A>(answer: UnaryResponse<A>) -> Response<A> {
    let (headers, body, trailers) = answer.into_parts();
    let mut response = Response::new(body);
    response.headers = for_support(&headers, &trailers);
    response
}

/// The API's refusal as it is, but for headers that are the connection's; or why no answer came.
pub fn told(host: &str, mut error: ConnectError) -> ConnectError {
    let headers = for_support(error.response_headers(), error.trailers());
    // An error with a cause did not come from the API.
    if let Some(cause) = error.source().map(innermost) {
        error.message = Some(format!("the gateway has no connection to {host}: {cause}"));
    }
    error.set_response_headers(headers);
    error.set_trailers(HeaderMap::new());
    error
}

/// Whether the caller speaks JSON, which is written from messages; protobuf goes back as it came.
pub fn is_json(ctx: &RequestContext) -> bool {
    let format = ctx.header(header::CONTENT_TYPE);
    format.is_some_and(|format| format.as_bytes().windows(4).any(|word| word == b"json"))
}

/// What of an answer goes back beside its body.
fn for_support(headers: &HeaderMap, trailers: &HeaderMap) -> HeaderMap {
    let kept = FOR_SUPPORT.into_iter().filter_map(|name| {
        let value = headers.get(&name).or_else(|| trailers.get(&name))?;
        Some((name, value.clone()))
    });
    kept.collect()
}

/// Whether there was no answer, as against one that refuses.
pub fn is_transport(error: &ConnectError) -> bool {
    error.source().is_some()
}

/// Whether the next try may go better.
fn is_passing(error: &ConnectError) -> bool {
    error.code == ErrorCode::Unavailable
}

/// Half of it is luck, so that those who failed together do not come back together.
fn wait_after(tries: u32) -> Duration {
    let most = FIRST_WAIT * 2_u32.pow(tries - 1);
    let mut luck = [0_u8; 4];
    // Without randomness everyone waits the whole time.
    let share = match getrandom::fill(&mut luck) {
        Ok(()) => f64::from(u32::from_le_bytes(luck)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    };
    most.mul_f64(0.5 + share / 2.0)
}
