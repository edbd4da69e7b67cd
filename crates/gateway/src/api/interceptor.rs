//! Intercepts every call: limits callers, rejects and erases private key material, and records the
//! outcome.

use std::sync::Arc;

use connectrpc::{
    ConnectError, Interceptor, Payload, RequestContext,
    interceptor::{Next, UnaryRequest, UnaryResponse},
};
use http::{HeaderValue, header::AUTHORIZATION};
use keyside_iam::{key_lifetime::KeyLifetime, permissions};
use zeroize::Zeroize;

use super::{
    admission::Admission,
    key_lifetime,
    policy::{self, Gate},
    record::Record,
};
use crate::{
    error::IamError,
    operate::{
        Caller, Operable,
        audit::{self, Audit},
        metrics::Metrics,
    },
    parsers::private_material,
    policy::Facts,
};

/// Checks calls and records their outcome.
pub struct CallInterceptor<B> {
    pub backend: Arc<B>,
    pub metrics: Arc<Metrics>,
    pub audit: Option<Audit>,
    pub admission: Admission,
    pub key_lifetime: KeyLifetime,
    pub policy: Option<Gate>,
}

#[connectrpc::async_trait]
impl<B: Operable + Facts> Interceptor for CallInterceptor<B> {
    async fn intercept_unary(
        &self,
        request: UnaryRequest,
        next: Next<'_>,
    ) -> Result<UnaryResponse, ConnectError> {
        let mut record = Record::begin(&self.metrics, &request.ctx);
        let outcome = self.answer(request, next, &mut record).await;
        record.end(&outcome);
        outcome
    }
}

impl<B: Operable + Facts> CallInterceptor<B> {
    async fn answer<'a>(
        &'a self,
        request: UnaryRequest,
        next: Next<'_>,
        record: &mut Record<'a>,
    ) -> Result<UnaryResponse, ConnectError> {
        // First, so that refused calls cost nothing.
        let _permit = self.admission.admit(&request.ctx)?;
        let is_private = private_material::is_in(request.payload.bytes(), request.payload.format());
        // Private key material isn't decoded, and nothing is without an audit log or a policy.
        let change = match (&self.audit, is_private) {
            (None, _) => None,
            (Some(_), true) => Some(audit::Change::default()),
            (Some(_), false) => audit::change_of(record.method(), &request.payload),
        };
        let gated = self.policy.as_ref().filter(|_| !is_private);
        let gated = gated.and_then(|gate| {
            let wish = policy::wish(record.method(), &request.payload)?;
            Some((gate, wish))
        });
        let actor = match !is_private && (change.is_some() || gated.is_some()) {
            true => audit::actor_authorization(record.method(), &request.payload),
            false => None,
        };
        // Both before the change, which may delete the caller.
        let gated = match gated {
            Some((gate, wish)) => {
                let caller = acting(&request.ctx, actor.clone());
                Some((gate, wish, self.backend.identify(&caller).await))
            }
            None => None,
        };
        if let (Some(log), Some(change)) = (&self.audit, change) {
            let by = match &gated {
                Some((_, _, caller)) => caller.as_ref().ok().cloned(),
                None => self.caller(&request.ctx, actor).await,
            };
            record.audit(log, by, change);
        }
        if is_private {
            erase(request.payload);
            return Err(IamError::PrivateKeyMaterial.into());
        }
        key_lifetime::check(&self.key_lifetime, record.method(), &request.payload)?;
        let _permission = match gated {
            Some((gate, wish, caller)) => {
                let backend = &*self.backend;
                gate.check(backend, &request, record.method(), &wish, &caller?)
                    .await?
            }
            None => None,
        };
        let told = match (&self.policy, record.method()) {
            (Some(gate), "ProfileService/Get") => {
                let caller = self.backend.caller(&request.ctx).await;
                caller.and_then(|caller| gate.permissions(&caller))
            }
            _ => None,
        };
        let mut answer = next.run(request).await?;
        if let Some(permissions) = told {
            answer.headers.insert(permissions::HEADER, permissions);
        }
        Ok(answer)
    }

    /// The account that makes a call: the one that `actor` authorizes, or else the call's own authorization.
    async fn caller(&self, ctx: &RequestContext, actor: Option<HeaderValue>) -> Option<Caller> {
        self.backend.caller(&acting(ctx, actor)).await
    }
}

/// The call as if `actor` made it, if there is one.
fn acting(ctx: &RequestContext, actor: Option<HeaderValue>) -> RequestContext {
    let Some(authorization) = actor else {
        return ctx.clone();
    };
    let mut headers = ctx.headers().clone();
    headers.insert(AUTHORIZATION, authorization);
    RequestContext::new(headers).with_deadline(ctx.deadline())
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
