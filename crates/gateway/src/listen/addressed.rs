//! Refuses what another name or another site led here: DNS rebinding (a foreign name that resolves
//! to this machine) by the Host, cross-site requests by the Origin.

use std::{net::IpAddr, sync::Arc};

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, Uri, header};

use crate::parsers::{HostName, Origin};

/// Where health is asked by load balancers, which call by any address.
const HEALTH: [&str; 2] = ["/healthz", "/readyz"];

/// The names that the gateway answers to, and the origins whose pages may call it.
#[derive(Clone)]
pub struct Names(Arc<Known>);

struct Known {
    hosts: Vec<HostName>,
    address: IpAddr,
    origins: Vec<Origin>,
}

impl Names {
    /// Beside `hosts`, this machine's own names and the address that is listened on are known.
    pub fn new(hosts: Vec<HostName>, address: IpAddr, origins: Vec<Origin>) -> Self {
        Self(Arc::new(Known {
            hosts,
            address,
            origins,
        }))
    }

    fn knows(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        if self.0.hosts.iter().any(|known| known.is(&host)) {
            return true;
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(ip) => ip == self.0.address || (ip.is_loopback() && self.is_local()),
            Err(_) => host == "localhost" && self.is_local(),
        }
    }

    /// Whether callers of this machine can reach the gateway by its own names.
    fn is_local(&self) -> bool {
        self.0.address.is_loopback() || self.0.address.is_unspecified()
    }

    /// Why the call is refused, if it is.
    fn refusal(&self, uri: &Uri, headers: &HeaderMap) -> Option<(StatusCode, String)> {
        let named = uri
            .authority()
            .cloned()
            .or_else(|| headers.get(header::HOST)?.to_str().ok()?.parse().ok());
        let Some(named) = named else {
            let text = "the request names no host, or one that cannot be read\n".to_owned();
            return Some((StatusCode::BAD_REQUEST, text));
        };
        if !self.knows(named.host()) {
            let host = named.host();
            return Some((
                StatusCode::MISDIRECTED_REQUEST,
                format!(
                    "Keyside does not answer to the name {host}: another site may have led you \
                     here. If the name is right, whoever runs this gateway adds --host {host}; a \
                     proxy before it must pass the Host on.\n"
                ),
            ));
        }
        let origin = headers.get(header::ORIGIN)?;
        if self.0.origins.iter().any(|known| known.is(origin)) {
            return None;
        }
        let uri: Option<Uri> = origin.to_str().ok().and_then(|text| text.parse().ok());
        let is_own = uri.as_ref().and_then(Uri::authority).is_some_and(|origin| {
            origin.as_str().eq_ignore_ascii_case(named.as_str())
                || self.0.hosts.iter().any(|known| known.is(origin.host()))
        });
        (!is_own).then(|| {
            (
                StatusCode::FORBIDDEN,
                "a page of another site called, and this gateway takes no calls from it. If that \
                 page is yours, whoever runs this gateway names its origin by --allow-origin.\n"
                    .to_owned(),
            )
        })
    }
}

/// The answer to what is not addressed to this gateway, or comes from a page that it does not know.
pub fn refuse(names: &Names, request: &Request) -> Option<Response> {
    if HEALTH.contains(&request.uri().path()) {
        return None;
    }
    let (status, text) = names.refusal(request.uri(), request.headers())?;
    // What a browser asks before a call is answered by the rules for other origins.
    if status == StatusCode::FORBIDDEN && request.method() == Method::OPTIONS {
        return None;
    }
    tracing::warn!(status = status.as_u16(), "a call was not for this gateway");
    Some((status, Body::from(text)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(hosts: &[&str], address: &str) -> Names {
        let hosts = hosts.iter().map(|host| host.parse().unwrap()).collect();
        let origin = "https://pages.example".parse().unwrap();
        Names::new(hosts, address.parse().unwrap(), vec![origin])
    }

    fn status(names: &Names, host: &str, origin: Option<&str>) -> u16 {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        names
            .refusal(&Uri::from_static("/"), &headers)
            .map_or(200, |(status, _)| status.as_u16())
    }

    #[test]
    fn only_known_names_are_answered_to() {
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
    fn only_the_own_page_and_known_ones_call() {
        let own = names(&["keys.intern.example"], "127.0.0.1");
        for origin in [
            None,
            Some("http://127.0.0.1:8080"),
            Some("https://pages.example"),
            Some("https://keys.intern.example"),
        ] {
            assert_eq!(status(&own, "127.0.0.1:8080", origin), 200, "{origin:?}");
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
                status(&own, "127.0.0.1:8080", Some(origin)),
                403,
                "{origin}"
            );
        }
    }
}
