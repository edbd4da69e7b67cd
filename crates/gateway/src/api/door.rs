//! What every call passes first: private key material is turned away, the outcome is logged.
//!
//! The log line holds the method, the code, the time and the request id: nothing of the
//! request's body, headers or answer.

use std::time::Instant;

use connectrpc::{
    ConnectError, Interceptor,
    interceptor::{Next, UnaryRequest, UnaryResponse},
};

use super::{private_material, request_id::X_REQUEST_ID};
use crate::error::IamError;

/// See the module.
pub struct Door;

#[connectrpc::async_trait]
impl Interceptor for Door {
    async fn intercept_unary(
        &self,
        request: UnaryRequest,
        next: Next<'_>,
    ) -> Result<UnaryResponse, ConnectError> {
        let started = Instant::now();
        let method = request.ctx.path().unwrap_or_default().to_owned();
        let id = request.ctx.header(X_REQUEST_ID).cloned();
        let outcome = if private_material::is_in(request.payload.bytes(), request.payload.format())
        {
            Err(IamError::PrivateKeyMaterial.into())
        } else {
            next.run(request).await
        };
        tracing::info!(
            method,
            code = outcome
                .as_ref()
                .err()
                .map_or("ok", |e: &ConnectError| e.code.as_str()),
            elapsed_ms = started.elapsed().as_millis() as u64,
            request_id = id
                .as_ref()
                .and_then(|v| v.to_str().ok())
                .unwrap_or_default(),
            "call"
        );
        outcome
    }
}
