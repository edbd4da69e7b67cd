//! A unary call with the browser's fetch, in the Connect protocol or in gRPC-Web.

use buffa::Message;
use connectrpc::{ErrorCode, Spec};
use gloo_net::http::{Headers, Request};
use gloo_timers::callback::Timeout;
use web_sys::{AbortController, RequestCache, RequestCredentials, RequestRedirect};

use super::{Problem, connect, grpc_web, problem::Refusal};
use crate::text::api as text;

/// Maximum length, in bytes, of another server's message that is shown.
const LONGEST_EXPLANATION: usize = 600;

/// Timeout of a call, in milliseconds.
const TIMEOUT_MS: u32 = 30_000;

/// An API protocol, with binary protobuf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// <https://connectrpc.com/docs/protocol>
    Connect,
    /// <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md>
    GrpcWeb,
}

impl Protocol {
    /// `Content-Type` of requests, and of responses that contain a message.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Connect => "application/proto",
            Self::GrpcWeb => "application/grpc-web+proto",
        }
    }

    /// Encodes a request body.
    pub fn body(self, request: &impl Message) -> Vec<u8> {
        match self {
            Self::Connect => request.encode_to_vec(),
            Self::GrpcWeb => grpc_web::frame(&request.encode_to_vec()),
        }
    }

    /// The header that identifies the protocol.
    fn header(self) -> (&'static str, &'static str) {
        match self {
            Self::Connect => ("connect-protocol-version", "1"),
            Self::GrpcWeb => ("x-grpc-web", "1"),
        }
    }
}

/// An HTTP response.
pub struct Reply {
    /// The HTTP status; 0 for a redirect, which isn't followed.
    pub status: u16,
    /// The headers that CORS lets the page read.
    pub headers: Headers,
    /// The whole body, decompressed by the browser.
    pub body: Vec<u8>,
}

impl Reply {
    /// Whether the content has this type, ignoring parameters.
    pub fn has_type(&self, content_type: &str) -> bool {
        let actual = self.headers.get("content-type").unwrap_or_default();
        let actual = actual.split(';').next().unwrap_or_default();
        actual.trim().eq_ignore_ascii_case(content_type)
    }

    /// The error for a response that has only an HTTP status.
    pub fn refusal_by_status(&self) -> Refusal {
        Refusal {
            code: code_of_status(self.status),
            message: text::http_status(self.status),
            details: Vec::new(),
        }
    }

    /// The problem of a response that isn't in the API's format.
    pub fn of_another_server(&self) -> Problem {
        // Servers without an API answer this, too.
        if self.status == 404 {
            return self
                .refusal_by_status()
                .into_problem(|name| self.headers.get(name));
        }
        let asks_for_password = self
            .headers
            .get("www-authenticate")
            .is_some_and(|scheme| scheme.to_ascii_lowercase().starts_with("basic"));
        // The gateway explains its own refusals in plain text.
        let is_explained = self.status != 200 && self.has_type("text/plain");
        let explanation = is_explained
            .then(|| str::from_utf8(&self.body).ok())
            .flatten()
            .filter(|text| text.len() <= LONGEST_EXPLANATION);
        Problem::OtherServer {
            status: self.status,
            summary: text::other_server(
                self.status,
                asks_for_password,
                explanation.map(str::trim).unwrap_or_default(),
            ),
        }
    }
}

/// The error code for an HTTP status without an error code, in both protocols
/// (<https://connectrpc.com/docs/protocol#http-to-error-code>).
fn code_of_status(status: u16) -> ErrorCode {
    match status {
        400 => ErrorCode::Internal,
        401 => ErrorCode::Unauthenticated,
        403 => ErrorCode::PermissionDenied,
        404 => ErrorCode::Unimplemented,
        429 | 502 | 503 | 504 => ErrorCode::Unavailable,
        _ => ErrorCode::Unknown,
    }
}

/// Calls a method below `base`, with `headers` in addition to the protocol's; returns the response and the
/// headers that CORS lets the page read.
///
/// # Errors
/// If the API rejects the call, doesn't answer, or sends an unexpected response.
pub async fn call<Response: Message>(
    base: &str,
    protocol: Protocol,
    spec: Spec,
    headers: &[(&str, &str)],
    request: &impl Message,
) -> Result<(Response, Headers), Problem> {
    let url = url(base, spec);
    let reply = post(&url, protocol, headers, &protocol.body(request)).await?;
    let message = match protocol {
        Protocol::Connect => connect::read(&reply),
        Protocol::GrpcWeb => grpc_web::read(&reply),
    }?;
    let response = Response::decode_from_slice(&message).map_err(|_| Problem::Unreadable)?;
    Ok((response, reply.headers))
}

/// The address of a method.
pub fn url(base: &str, spec: Spec) -> String {
    format!("{}{}", base.trim_end_matches('/'), spec.procedure)
}

async fn post(
    url: &str,
    protocol: Protocol,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Reply, Problem> {
    // Fails for addresses that contain a password, which fetch rejects.
    let bad_address = || Problem::Other(text::bad_base(url));
    let abort = AbortController::new().map_err(|_| bad_address())?;
    let signal = abort.signal();
    let _timeout = Timeout::new(TIMEOUT_MS, move || abort.abort());
    let mut request = Request::post(url)
        .abort_signal(Some(&signal))
        // The API uses no cookies, but a sign-in proxy may need its own.
        .credentials(RequestCredentials::SameOrigin)
        .cache(RequestCache::NoStore)
        // Not followed, but recognized: a proxy's sign-in page.
        .redirect(RequestRedirect::Manual)
        .header("content-type", protocol.content_type());
    for (name, value) in [protocol.header()].iter().chain(headers) {
        request = request.header(name, value);
    }
    let response = request
        .body(js_sys::Uint8Array::new_from_slice(body))
        .map_err(|_| bad_address())?
        .send()
        .await
        .map_err(|_| Problem::Unreachable)?;
    Ok(Reply {
        status: response.status(),
        headers: response.headers(),
        body: response.binary().await.map_err(|_| Problem::Unreachable)?,
    })
}

#[cfg(test)]
pub mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    /// A response with these headers.
    pub fn reply(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Reply {
        let all = Headers::new();
        for (name, value) in headers {
            all.set(name, value);
        }
        Reply {
            status,
            headers: all,
            body: body.into(),
        }
    }

    #[test]
    fn content_type_parameters_are_ignored() {
        let json = reply(
            200,
            &[("content-type", "Application/JSON; charset=utf-8")],
            "",
        );
        assert!(json.has_type("application/json"));
        assert!(!json.has_type("application/proto"));
        assert!(!reply(200, &[], "").has_type("application/json"));
    }

    #[test]
    fn http_statuses_map_to_error_codes() {
        let refusal = reply(503, &[], "").refusal_by_status();
        assert_eq!(refusal.code, ErrorCode::Unavailable);
        assert!(refusal.message.contains("503"), "{}", refusal.message);
        assert_eq!(code_of_status(401), ErrorCode::Unauthenticated);
        assert_eq!(code_of_status(500), ErrorCode::Unknown);
    }
}
