//! An HTTP client that connects as a browser does: HTTP/1.1 or 2, the system's roots, no proxy.

use std::{path::Path, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use crate::{
    error::{StartError, root_cause},
    upstream::tls_config,
};

/// The maximum size of an answer.
const MAX_BODY_BYTES: usize = 8 << 20;
const TIMEOUT: Duration = Duration::from_secs(15);

/// An HTTP client for the checks.
pub struct Fetch(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// A complete response.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// A header's value, or an empty string.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

impl Fetch {
    /// Trusts the system's roots and those in a PEM file.
    ///
    /// # Errors
    /// Returns an error if there is no root to trust, or if the file can't be read.
    pub fn new(extra_roots: Option<&Path>) -> Result<Self, StartError> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls_config(extra_roots)?)
            .https_or_http()
            .enable_http1()
            .enable_http2()
            .wrap_connector(tcp);
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// Fetches `uri` without compression.
    ///
    /// # Errors
    /// The reason why there is no answer.
    pub async fn get_plain(&self, uri: &Uri) -> Result<Answer, String> {
        self.send(Request::get(uri).body(Full::default())).await
    }

    /// Fetches `uri`, compressed if the server supports it.
    ///
    /// # Errors
    /// The reason why there is no answer.
    pub async fn get(&self, uri: &Uri) -> Result<Answer, String> {
        let request = Request::get(uri).header(header::ACCEPT_ENCODING, "br, gzip");
        self.send(request.body(Full::default())).await
    }

    /// Posts `body` to `uri`.
    ///
    /// # Errors
    /// The reason why there is no answer.
    pub async fn post(
        &self,
        uri: &Uri,
        content_type: &str,
        body: impl Into<Bytes>,
    ) -> Result<Answer, String> {
        let request = Request::post(uri).header(header::CONTENT_TYPE, content_type);
        self.send(request.body(Full::from(body.into()))).await
    }

    async fn send(&self, request: http::Result<Request<Full<Bytes>>>) -> Result<Answer, String> {
        let request = request.map_err(|error| error.to_string())?;
        let exchange = async {
            let response = self.0.request(request).await.map_err(|e| root_cause(&e))?;
            let (parts, body) = Response::into_parts(response);
            let body = Limited::new(body, MAX_BODY_BYTES)
                .collect()
                .await
                .map_err(|error| error.to_string())?
                .to_bytes();
            Ok(Answer {
                status: parts.status,
                headers: parts.headers,
                body,
            })
        };
        tokio::time::timeout(TIMEOUT, exchange)
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {} s", TIMEOUT.as_secs())))
    }
}
