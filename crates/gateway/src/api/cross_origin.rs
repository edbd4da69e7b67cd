//! Allows pages of configured origins to call the API (CORS).

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, header};
use keyside_iam::permissions;
use tower_http::cors::CorsLayer;

use crate::parsers::Origin;

/// How long browsers may cache a preflight response.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Request headers that pages on other origins may send.
const REQUEST_HEADERS: [HeaderName; 10] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    HeaderName::from_static("connect-protocol-version"),
    HeaderName::from_static("connect-timeout-ms"),
    HeaderName::from_static("grpc-timeout"),
    HeaderName::from_static("x-grpc-web"),
    HeaderName::from_static("x-idempotency-key"),
    HeaderName::from_static("x-resetmask"),
    HeaderName::from_static("x-user-agent"),
    header::USER_AGENT,
];

/// Headers that the page reads.
const RESPONSE_HEADERS: [HeaderName; 6] = [
    HeaderName::from_static("grpc-message"),
    HeaderName::from_static("grpc-status"),
    HeaderName::from_static("grpc-status-details-bin"),
    HeaderName::from_static(permissions::HEADER),
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-trace-id"),
];

/// The CORS layer for pages of `origins`.
pub fn allow(origins: Vec<Origin>) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(
            origins
                .into_iter()
                .map(HeaderValue::from)
                .collect::<Vec<_>>(),
        )
        .allow_methods([Method::POST])
        .allow_headers(REQUEST_HEADERS)
        .expose_headers(RESPONSE_HEADERS)
        .max_age(MAX_AGE)
}
