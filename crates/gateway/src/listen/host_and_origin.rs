//! Rejects requests for other host names or from other sites. The Host check stops DNS rebinding (a
//! foreign name that resolves to this machine), the Origin check stops cross-site requests.

use std::{net::IpAddr, sync::Arc};

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, Uri, header};

use crate::parsers::{HostName, Origin};

/// Not checked, because load balancers call these by any address.
const HEALTH_PATHS: [&str; 2] = ["/healthz", "/readyz"];

/// The gateway's host names, and the origins whose pages may call it.
#[derive(Clone)]
pub struct AllowedNames(Arc<Allowed>);

struct Allowed {
    hosts: Vec<HostName>,
    address: IpAddr,
    origins: Vec<Origin>,
}

impl AllowedNames {
    /// Allows `hosts`, the listening `address` and, if it's local, this machine's own names.
    pub fn new(hosts: Vec<HostName>, address: IpAddr, origins: Vec<Origin>) -> Self {
        Self(Arc::new(Allowed {
            hosts,
            address,
            origins,
        }))
    }

    fn allows_host(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        if self.0.hosts.iter().any(|name| name.matches(&host)) {
            return true;
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(ip) => ip == self.0.address || (ip.is_loopback() && self.is_local()),
            Err(_) => host == "localhost" && self.is_local(),
        }
    }

    /// Whether callers on this machine can reach the gateway through localhost.
    fn is_local(&self) -> bool {
        self.0.address.is_loopback() || self.0.address.is_unspecified()
    }

    /// The status and text to reject the request with, or `None` if it's allowed.
    fn rejection(&self, uri: &Uri, headers: &HeaderMap) -> Option<(StatusCode, String)> {
        let authority = uri
            .authority()
            .cloned()
            .or_else(|| headers.get(header::HOST)?.to_str().ok()?.parse().ok());
        let Some(authority) = authority else {
            let text = "The request has no valid Host header. Send one.\n".to_owned();
            return Some((StatusCode::BAD_REQUEST, text));
        };
        let host = authority.host();
        if !self.allows_host(host) {
            return Some((
                StatusCode::MISDIRECTED_REQUEST,
                format!(
                    "{host} isn't a name of this gateway, and another site may have sent you here. \
                     If the name is right, ask the gateway's administrator to add --host {host}. A \
                     proxy in front of the gateway must forward the Host header.\n"
                ),
            ));
        }
        let origin = headers.get(header::ORIGIN)?;
        if self.0.origins.iter().any(|allowed| allowed.matches(origin)) {
            return None;
        }
        let uri: Option<Uri> = origin.to_str().ok().and_then(|text| text.parse().ok());
        let is_own = uri.as_ref().and_then(Uri::authority).is_some_and(|origin| {
            origin.as_str().eq_ignore_ascii_case(authority.as_str())
                || self.0.hosts.iter().any(|name| name.matches(origin.host()))
        });
        (!is_own).then(|| {
            (
                StatusCode::FORBIDDEN,
                "A page of another site sent this call, and the gateway doesn't allow that. If the \
                 page is yours, ask the gateway's administrator to set --allow-origin to its origin.\n"
                    .to_owned(),
            )
        })
    }
}

/// Returns the response to a request that must be rejected, or `None` if it's allowed.
pub fn reject(names: &AllowedNames, request: &Request) -> Option<Response> {
    if HEALTH_PATHS.contains(&request.uri().path()) {
        return None;
    }
    let (status, text) = names.rejection(request.uri(), request.headers())?;
    // The CORS layer answers preflight requests.
    if status == StatusCode::FORBIDDEN && request.method() == Method::OPTIONS {
        return None;
    }
    tracing::warn!(
        status = status.as_u16(),
        "rejected a call for another host or from another origin"
    );
    Some((status, Body::from(text)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(hosts: &[&str], address: &str) -> AllowedNames {
        let hosts = hosts.iter().map(|host| host.parse().unwrap()).collect();
        let origin = "https://pages.example".parse().unwrap();
        AllowedNames::new(hosts, address.parse().unwrap(), vec![origin])
    }

    fn status(names: &AllowedNames, host: &str, origin: Option<&str>) -> u16 {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        names
            .rejection(&Uri::from_static("/"), &headers)
            .map_or(200, |(status, _)| status.as_u16())
    }

    #[test]
    fn other_host_names_are_rejected() {
        let local = names(&[], "127.0.0.1");
        for host in ["127.0.0.1:8080", "localhost:8080", "LOCALHOST", "[::1]:1"] {
            assert_eq!(status(&local, host, None), 200, "{host}");
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "10.0.0.7",
        ] {
            assert_eq!(status(&local, host, None), 421, "{host}");
        }
        assert_eq!(status(&local, "a b", None), 400);
        let named = names(&["keys.intern.example"], "10.0.0.7");
        for host in ["keys.intern.example", "Keys.Intern.Example:443", "10.0.0.7"] {
            assert_eq!(status(&named, host, None), 200, "{host}");
        }
        for host in ["localhost", "127.0.0.1", "other.intern.example"] {
            assert_eq!(status(&named, host, None), 421, "{host}");
        }
    }

    #[test]
    fn calls_from_other_origins_are_rejected() {
        let gateway = names(&["keys.intern.example"], "127.0.0.1");
        for origin in [
            None,
            Some("http://127.0.0.1:8080"),
            Some("https://pages.example"),
            Some("https://keys.intern.example"),
        ] {
            assert_eq!(
                status(&gateway, "127.0.0.1:8080", origin),
                200,
                "{origin:?}"
            );
        }
        for origin in [
            "null",
            "https://evil.example",
            "http://127.0.0.1:9090",
            "http://localhost:8080",
            "https://pages.example.evil.example",
            "https://keys.intern.example.evil.example",
        ] {
            assert_eq!(
                status(&gateway, "127.0.0.1:8080", Some(origin)),
                403,
                "{origin}"
            );
        }
    }
}
