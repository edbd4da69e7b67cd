//! One HTTP/2 connection to a host of the API: TLS, through a proxy where the environment names
//! one, made when first needed and anew when it is lost.

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

/// From the first packet to a connection that carries calls.
const ESTABLISH: Duration = Duration::from_secs(10);
const TCP_CONNECT: Duration = Duration::from_secs(5);
/// A peer that went silent is noticed after both of these at the latest.
const PING_EVERY: Duration = Duration::from_secs(10);
const PING_ANSWER: Duration = Duration::from_secs(5);
/// Calls at once on one connection; more wait.
const CALLS_AT_ONCE: usize = 1024;

/// Makes connections; one for all hosts.
pub struct Connector {
    tls: ClientConfig,
    proxies: Matcher,
}

impl Connector {
    /// Trusts the system's roots and those of a PEM file. Reads `https_proxy`, `http_proxy`,
    /// `all_proxy` and `no_proxy`.
    ///
    /// # Errors
    /// When there is no root to trust, or the file cannot be read.
    pub fn new(extra_roots: Option<&Path>) -> Result<Self, StartError> {
        Ok(Self {
            tls: trusted_roots(extra_roots)?,
            proxies: Matcher::from_env(),
        })
    }

    /// A connection to the host of this address; nothing is sent yet.
    ///
    /// # Errors
    /// When the environment names a proxy that this program cannot speak to.
    pub fn to(&self, uri: &Uri) -> Result<SharedHttp2Connection, StartError> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(TCP_CONNECT));
        let builder = Http2Connection::builder()
            .establishment_timeout(ESTABLISH)
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_ANSWER);
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
        Ok(connection.shared(CALLS_AT_ONCE))
    }
}

/// TLS that trusts the system's roots and those of a PEM file.
///
/// # Errors
/// When there is no root to trust, or the file cannot be read.
pub fn trusted_roots(extra_roots: Option<&Path>) -> Result<ClientConfig, StartError> {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(system.certs);
    if let Some(path) = extra_roots {
        let wrong = |cause: String| StartError::UpstreamCa {
            path: path.to_owned(),
            cause,
        };
        let certificates = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| wrong(error.to_string()))?;
        if certificates.is_empty() {
            return Err(wrong("it holds no certificate".to_owned()));
        }
        for certificate in certificates {
            roots
                .add(certificate)
                .map_err(|error| wrong(error.to_string()))?;
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
