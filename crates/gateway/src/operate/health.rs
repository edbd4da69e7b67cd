//! `/healthz` reports that the process is running, `/readyz` that its backend works, too.

use std::sync::Arc;

use axum::{Router, extract::State, http::StatusCode, routing::get};

use super::Operable;

/// The routes for both.
pub fn routes<B: Operable>(backend: Arc<B>) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready::<B>))
        .with_state(backend)
}

async fn ready<B: Operable>(State(backend): State<Arc<B>>) -> (StatusCode, String) {
    match backend.ready().await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(reason) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("not ready: {reason}\n"),
        ),
    }
}
