//! Lets pages of other origins call the API (CORS), if they are named.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::CorsLayer;

use crate::parsers::Origin;

/// How long a browser may remember the permission.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

/// What the page sends.
const SENT: [HeaderName; 9] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    HeaderName::from_static("connect-protocol-version"),
    HeaderName::from_static("connect-timeout-ms"),
    HeaderName::from_static("grpc-timeout"),
    HeaderName::from_static("x-grpc-web"),
    HeaderName::from_static("x-idempotency-key"),
    HeaderName::from_static("x-user-agent"),
    header::USER_AGENT,
];

/// What the page reads.
const READ: [HeaderName; 5] = [
    HeaderName::from_static("grpc-message"),
    HeaderName::from_static("grpc-status"),
    HeaderName::from_static("grpc-status-details-bin"),
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-trace-id"),
];

/// Answers what browsers ask before a call from one of the origins.
pub fn allow(origins: Vec<Origin>) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(
            origins
                .into_iter()
                .map(HeaderValue::from)
                .collect::<Vec<_>>(),
        )
        .allow_methods([Method::POST])
        .allow_headers(SENT)
        .expose_headers(READ)
        .max_age(REMEMBERED)
}
