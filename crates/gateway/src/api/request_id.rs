//! Gives every call a request ID for the log. The answer has it as `x-request-id`, unless the upstream API
//! has set its own.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};

pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Generates the ID and adds it to the request (for the log) and to the response.
pub async fn tag(mut request: Request, next: Next) -> Response {
    let mut bytes = [0_u8; 12];
    // IDs only distinguish calls. Without randomness they're all zero, and calls still work.
    let _ = getrandom::fill(&mut bytes);
    let id = HeaderValue::from_str(&hex::encode(bytes))
        .unwrap_or_else(|_| HeaderValue::from_static("none"));
    request.headers_mut().insert(X_REQUEST_ID, id.clone());
    let mut response = next.run(request).await;
    response.headers_mut().entry(X_REQUEST_ID).or_insert(id);
    response
}
