//! Finishes changes even if their callers don't wait. A change that has begun may be committed, so it must
//! also be recorded.

use axum::{extract::Request, http::HeaderName, middleware::Next, response::Response};

use crate::operate::audit;

/// Deadlines that callers set. The gateway's own deadline still applies.
const DEADLINES: [HeaderName; 2] = [
    HeaderName::from_static("connect-timeout-ms"),
    HeaderName::from_static("grpc-timeout"),
];

/// Answers a call. A change runs in a task of its own, which a disconnected caller doesn't stop.
pub async fn finish(mut request: Request, next: Next) -> Response {
    if audit::is_read(request.uri().path()) {
        return next.run(request).await;
    }
    for deadline in DEADLINES {
        request.headers_mut().remove(deadline);
    }
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down, and this task with it.
            Err(_) => std::future::pending().await,
        },
    }
}
