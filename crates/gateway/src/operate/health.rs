//! `/healthz`: the process answers. `/readyz`: so does what is behind it.

use std::sync::Arc;

use axum::{Router, extract::State, http::StatusCode, routing::get};

use super::Operated;

/// Both, over a backend.
pub fn routes<B: Operated>(backend: Arc<B>) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready::<B>))
        .with_state(backend)
}

async fn ready<B: Operated>(State(backend): State<Arc<B>>) -> (StatusCode, String) {
    match backend.ready().await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(why) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("not ready: {why}\n"),
        ),
    }
}
