//! An HTTP/2 connection to a host of the API, with TLS and through a proxy if the environment sets one.
//! It's opened on first use and reopened when it's lost.

use std::{path::Path, sync::Arc, time::Duration};

use connectrpc::client::{Http2Connection, SharedHttp2Connection};
use http::Uri;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::{
    legacy::connect::{HttpConnector, proxy::Tunnel},
    proxy::matcher::Matcher,
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::error::StartError;

/// Time until a new connection can be used.
const ESTABLISH: Duration = Duration::from_secs(10);
const TCP_CONNECT: Duration = Duration::from_secs(5);
/// A dead connection is detected within the sum of both.
const PING_INTERVAL: Duration = Duration::from_secs(10);
const PING_TIMEOUT: Duration = Duration::from_secs(5);
/// Concurrent calls on one connection. More calls wait.
const MAX_CONCURRENT_CALLS: usize = 1024;

/// Opens connections to all hosts of the API.
pub struct Connector {
    tls: ClientConfig,
    proxies: Matcher,
}

impl Connector {
    /// Trusts the system's roots and those in a PEM file. Uses `https_proxy`, `http_proxy`, `all_proxy` and
    /// `no_proxy`.
    ///
    /// # Errors
    /// Returns an error if there is no root to trust, or if the file can't be read.
    pub fn new(extra_roots: Option<&Path>) -> Result<Self, StartError> {
        Ok(Self {
            tls: tls_config(extra_roots)?,
            proxies: Matcher::from_env(),
        })
    }

    /// A connection to the host of `uri`, opened on first use.
    ///
    /// # Errors
    /// Returns an error if the environment sets a proxy of an unsupported kind.
    pub fn connection(&self, uri: &Uri) -> Result<SharedHttp2Connection, StartError> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(TCP_CONNECT));
        let builder = Http2Connection::builder()
            .establishment_timeout(ESTABLISH)
            .keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_TIMEOUT);
        let is_tls = uri.scheme_str() == Some("https");
        let https = || {
            HttpsConnectorBuilder::new()
                .with_tls_config(self.tls.clone())
                .https_or_http()
                .enable_http2()
        };
        let connection = match self.proxies.intercept(uri).filter(|_| is_tls) {
            Some(proxy) => {
                if proxy.uri().scheme_str() != Some("http") {
                    return Err(StartError::Proxy(
                        proxy.uri().scheme_str().unwrap_or_default().to_owned(),
                    ));
                }
                let tunnel = Tunnel::new(proxy.uri().clone(), tcp);
                let tunnel = match proxy.basic_auth() {
                    Some(auth) => tunnel.with_auth(auth.clone()),
                    None => tunnel,
                };
                builder.lazy_with_connector(https().wrap_connector(tunnel), uri.clone())
            }
            None => builder.lazy_with_connector(https().wrap_connector(tcp), uri.clone()),
        };
        Ok(connection.shared(MAX_CONCURRENT_CALLS))
    }
}

/// A TLS configuration that trusts the system's roots and those in a PEM file.
///
/// # Errors
/// Returns an error if there is no root to trust, or if the file can't be read.
pub fn tls_config(extra_roots: Option<&Path>) -> Result<ClientConfig, StartError> {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(system.certs);
    if let Some(path) = extra_roots {
        let unusable = |cause: String| StartError::UpstreamCa {
            path: path.to_owned(),
            cause,
        };
        let certificates = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| unusable(error.to_string()))?;
        if certificates.is_empty() {
            return Err(unusable("it has no certificate".to_owned()));
        }
        for certificate in certificates {
            roots
                .add(certificate)
                .map_err(|error| unusable(error.to_string()))?;
        }
    }
    if roots.is_empty() {
        return Err(StartError::NoRoots);
    }
    Ok(
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| StartError::Tls(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth(),
    )
}
