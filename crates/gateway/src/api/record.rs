//! Records each call: in the log, in the metrics and, if it's a change, in the audit log.
//!
//! The log line has the method, the code, the duration, the request IDs and the hash of the audit record, and
//! nothing else from the call.

use std::time::Instant;

use connectrpc::{ConnectError, RequestContext, interceptor::UnaryResponse};
use http::HeaderMap;

use super::request_id::X_REQUEST_ID;
use crate::operate::{
    Caller,
    audit::{Audit, Change, Entry},
    metrics::{InFlight, Metrics},
};

/// A call that is being answered. It's recorded when this is dropped, so a call that ends without an
/// answer, because its caller has gone or its time is up, is recorded too.
pub struct Record<'a> {
    metrics: &'a Metrics,
    _in_flight: InFlight,
    started: Instant,
    path: String,
    request_id: String,
    audited: Option<Audited<'a>>,
    outcome: Option<Outcome>,
}

struct Audited<'a> {
    log: &'a Audit,
    by: Option<Caller>,
    change: Change,
}

struct Outcome {
    code: &'static str,
    /// The upstream's ID of the call.
    upstream_request_id: Option<String>,
}

impl<'a> Record<'a> {
    /// Starts the record of a call.
    pub fn begin(metrics: &'a Metrics, ctx: &RequestContext) -> Self {
        let id = ctx.header(X_REQUEST_ID).and_then(|id| id.to_str().ok());
        Self {
            metrics,
            _in_flight: metrics.begin(),
            started: Instant::now(),
            path: ctx.path().unwrap_or_default().to_owned(),
            request_id: id.unwrap_or_default().to_owned(),
            audited: None,
            outcome: None,
        }
    }

    /// `Service/Method`, without the package name.
    pub fn method(&self) -> &str {
        self.path
            .rsplit_once('.')
            .map_or(&*self.path, |(_, method)| method)
    }

    /// Also writes the call, a change by `by`, to the audit log.
    pub fn audit(&mut self, log: &'a Audit, by: Option<Caller>, change: Change) {
        self.audited = Some(Audited { log, by, change });
    }

    /// Ends the record with the call's outcome.
    pub fn end(mut self, outcome: &Result<UnaryResponse, ConnectError>) {
        let (code, headers) = match outcome {
            Ok(answer) => ("ok", &answer.headers),
            Err(error) => (error.code.as_str(), error.response_headers()),
        };
        self.outcome = Some(Outcome {
            code,
            upstream_request_id: request_id(headers),
        });
        if let (Some(audited), Ok(answer)) = (&mut self.audited, outcome) {
            let method = self.path.rsplit('/').next().unwrap_or_default();
            audited.change.complete(method, answer);
        }
    }
}

/// The ID in an answer. Only the upstream sets it this early.
fn request_id(headers: &HeaderMap) -> Option<String> {
    const MAX_LENGTH: usize = 128;
    let id = headers.get(X_REQUEST_ID)?.to_str().ok()?;
    (id.len() <= MAX_LENGTH).then(|| id.to_owned())
}

impl Drop for Record<'_> {
    fn drop(&mut self) {
        let outcome = self.outcome.take().unwrap_or(Outcome {
            code: "canceled",
            upstream_request_id: None,
        });
        let audit_sha256 = self.audited.as_ref().and_then(|audited| {
            let entry = Entry {
                request_id: &self.request_id,
                upstream_request_id: outcome.upstream_request_id.as_deref(),
                by: audited.by.as_ref(),
                action: self.method(),
                change: &audited.change,
                outcome: outcome.code,
            };
            let written = audited.log.write(&entry);
            if let Err(error) = &written {
                self.metrics.audit_failure();
                tracing::error!(
                    %error,
                    request_id = self.request_id,
                    "couldn't write to the audit log: a record is missing"
                );
            }
            written.ok()
        });
        tracing::info!(
            method = self.path,
            code = outcome.code,
            elapsed_ms = self.started.elapsed().as_millis() as u64,
            request_id = self.request_id,
            upstream_request_id = outcome.upstream_request_id,
            audit_sha256,
            "call"
        );
        self.metrics
            .count(self.method(), outcome.code, self.started.elapsed());
    }
}
