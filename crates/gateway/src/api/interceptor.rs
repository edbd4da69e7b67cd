//! Intercepts every call: limits callers, rejects and erases private key material, logs and counts the
//! outcome, and records changes in the audit log.
//!
//! The log line has the method, the code, the duration and the request ID, and nothing from the
//! request's body, headers or answer.

use std::{sync::Arc, time::Instant};

use connectrpc::{
    ConnectError, Interceptor, Payload,
    interceptor::{Next, UnaryRequest, UnaryResponse},
};
use keyside_iam::key_lifetime::KeyLifetime;
use zeroize::Zeroize;

use super::{admission::Admission, key_lifetime, request_id::X_REQUEST_ID};
use crate::{
    error::IamError,
    operate::{
        Operable,
        audit::{self, Audit},
        metrics::Metrics,
    },
    parsers::private_material,
};

/// Checks calls and records their outcome.
pub struct CallInterceptor<B> {
    pub backend: Arc<B>,
    pub metrics: Arc<Metrics>,
    pub audit: Option<Audit>,
    pub admission: Admission,
    pub key_lifetime: KeyLifetime,
}

#[connectrpc::async_trait]
impl<B: Operable> Interceptor for CallInterceptor<B> {
    async fn intercept_unary(
        &self,
        request: UnaryRequest,
        next: Next<'_>,
    ) -> Result<UnaryResponse, ConnectError> {
        let started = Instant::now();
        let in_flight = self.metrics.begin();
        let path = request.ctx.path().unwrap_or_default().to_owned();
        // Without the package name.
        let method = path.rsplit_once('.').map_or(&*path, |(_, short)| short);
        let id = request.ctx.header(X_REQUEST_ID).cloned();
        let id = id
            .as_ref()
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        let admitted = self.admission.admit(&request.ctx);
        let is_private = private_material::is_in(request.payload.bytes(), request.payload.format());
        let audited = self.audit.as_ref().and_then(|audit| {
            let change = match is_private {
                // Private key material isn't decoded.
                true => audit::Change::default(),
                false => audit::change_of(method, &request.payload)?,
            };
            Some((audit, change, request.ctx.clone()))
        });
        let outcome = match admitted {
            _ if is_private => {
                erase(request.payload);
                Err(IamError::PrivateKeyMaterial.into())
            }
            Err(error) => Err(error.into()),
            Ok(_permit) => {
                match key_lifetime::check(&self.key_lifetime, method, &request.payload) {
                    Err(error) => Err(error.into()),
                    Ok(()) => next.run(request).await,
                }
            }
        };
        let code = outcome
            .as_ref()
            .err()
            .map_or("ok", |e: &ConnectError| e.code.as_str());
        tracing::info!(
            method = path,
            code,
            elapsed_ms = started.elapsed().as_millis() as u64,
            request_id = id,
            "call"
        );
        self.metrics.count(method, code, started.elapsed());
        drop(in_flight);
        if let Some((audit, mut change, ctx)) = audited {
            change.complete(method, &outcome);
            let by = self.backend.caller_id(&ctx).await;
            if let Err(error) = audit.write(id, by.as_deref(), method, &change, code) {
                self.metrics.audit_failure();
                tracing::error!(
                    %error,
                    request_id = id,
                    "couldn't write to the audit log: a record is missing"
                );
            }
        }
        outcome
    }
}

/// Overwrites a request body. Copies in the buffers of the HTTP and TLS libraries remain until these are
/// reused.
fn erase(payload: Payload) {
    let bytes = payload.bytes().clone();
    drop(payload);
    if let Ok(mut bytes) = bytes.try_into_mut() {
        bytes.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use connectrpc::CodecFormat;

    use super::*;

    #[test]
    fn a_request_body_can_be_overwritten() {
        let bytes = Bytes::from(b"secret".to_vec());
        let payload = Payload::new(bytes, CodecFormat::Json);
        let clone = payload.bytes().clone();
        drop(payload);
        assert!(clone.try_into_mut().is_ok(), "no other references");
    }
}
