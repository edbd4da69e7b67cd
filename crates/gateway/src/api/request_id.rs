//! Gives every call an id, which the log names and the answer carries as `x-request-id`, unless the
//! API behind has given one of its own.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};

pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Draws the id and puts it on the request (for the log) and on the response.
pub async fn tag(mut request: Request, next: Next) -> Response {
    let mut bytes = [0_u8; 12];
    // Ids only tell calls apart: without randomness they are all zero, and calls still work.
    let _ = getrandom::fill(&mut bytes);
    let id = HeaderValue::from_str(&hex::encode(bytes))
        .unwrap_or_else(|_| HeaderValue::from_static("none"));
    request.headers_mut().insert(X_REQUEST_ID, id.clone());
    let mut response = next.run(request).await;
    response.headers_mut().entry(X_REQUEST_ID).or_insert(id);
    response
}
