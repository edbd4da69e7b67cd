//! Carries connectrpc's calls over the browser's fetch.

use std::{error::Error as _, pin::Pin};

use bytes::Bytes;
use connectrpc::{
    ConnectError,
    client::{ClientBody, ClientTransport},
};
use futures_channel::oneshot;
use gloo_net::http::RequestBuilder;
use gloo_timers::callback::Timeout;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use web_sys::{AbortController, RequestCache, RequestCredentials, RequestRedirect};

/// How long a call may take, in milliseconds.
const TIMEOUT_MS: u32 = 30_000;

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The browser got no whole response.
    #[error("no answer from the API")]
    NoAnswer,
    /// The request could not be put together.
    #[error("the request cannot be sent")]
    NoRequest,
}

/// Whether a call failed because no answer came.
pub fn is_unreachable(error: &ConnectError) -> bool {
    error.source().is_some_and(|source| {
        matches!(
            source.downcast_ref::<FetchError>(),
            Some(FetchError::NoAnswer)
        )
    })
}

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// See the module.
#[derive(Clone, Copy)]
pub struct Fetch;

impl ClientTransport for Fetch {
    type ResponseBody = Full<Bytes>;
    type Error = FetchError;

    fn send(
        &self,
        request: Request<ClientBody>,
    ) -> BoxFuture<Result<Response<Full<Bytes>>, FetchError>> {
        // connectrpc wants a future that could move between threads, which nothing of the
        // browser can: the work stays here, the receiver of its result is given out.
        let (answer, receiver) = oneshot::channel();
        wasm_bindgen_futures::spawn_local(async move {
            // Nobody waits any more when this fails.
            let _ = answer.send(fetch(request).await);
        });
        Box::pin(async move { receiver.await.unwrap_or(Err(FetchError::NoAnswer)) })
    }
}

async fn fetch(request: Request<ClientBody>) -> Result<Response<Full<Bytes>>, FetchError> {
    let (parts, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map_err(|_| FetchError::NoRequest)?
        .to_bytes();
    let abort = AbortController::new().map_err(|_| FetchError::NoRequest)?;
    let signal = abort.signal();
    let _timeout = Timeout::new(TIMEOUT_MS, move || abort.abort());
    let mut builder = RequestBuilder::new(&parts.uri.to_string())
        .method(parts.method)
        .abort_signal(Some(&signal))
        .credentials(RequestCredentials::Omit)
        .cache(RequestCache::NoStore)
        .redirect(RequestRedirect::Error);
    for (name, value) in &parts.headers {
        let value = value.to_str().map_err(|_| FetchError::NoRequest)?;
        builder = builder.header(name.as_str(), value);
    }
    let response = builder
        .body(js_sys::Uint8Array::new_from_slice(&body))
        .map_err(|_| FetchError::NoRequest)?
        .send()
        .await
        .map_err(|_| FetchError::NoAnswer)?;
    let mut answer = Response::builder().status(response.status());
    for (name, value) in response.headers().entries() {
        // The browser has undone the compression already.
        if name != "content-encoding" && name != "content-length" {
            answer = answer.header(name, value);
        }
    }
    let body = response.binary().await.map_err(|_| FetchError::NoAnswer)?;
    answer
        .body(Full::new(Bytes::from(body)))
        .map_err(|_| FetchError::NoAnswer)
}
