//! The caller's address: the connection's, or the one that a proxy in front of the gateway reports.

use std::net::IpAddr;

use axum::extract::Request;
use http::{
    HeaderMap,
    header::{self, Entry},
};

use super::Peer;

/// The caller's address.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Client(pub IpAddr);

/// Records the caller's address in the request. With `behind_proxy`, it's the last address in
/// `X-Forwarded-For`, which the proxy adds. Callers can forge the others.
pub fn record(behind_proxy: bool, request: &mut Request) {
    if let Some(Peer(peer)) = request.extensions().get::<Peer>().copied() {
        let reported = behind_proxy
            .then(|| forwarded_for(request.headers()))
            .flatten();
        request
            .extensions_mut()
            .insert(Client(reported.unwrap_or(peer)));
    }
    mark_tokens_sensitive(request.headers_mut());
}

/// Hides access tokens in the headers' `Debug` output.
fn mark_tokens_sensitive(headers: &mut HeaderMap) {
    if let Entry::Occupied(mut tokens) = headers.entry(header::AUTHORIZATION) {
        for token in tokens.iter_mut() {
            token.set_sensitive(true);
        }
    }
}

fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_has_no_tokens() {
        let mut headers = HeaderMap::new();
        headers.append(header::AUTHORIZATION, "Bearer first-token".parse().unwrap());
        headers.append(header::AUTHORIZATION, "Bearer other-token".parse().unwrap());
        assert!(format!("{headers:?}").contains("other-token"));
        mark_tokens_sensitive(&mut headers);
        assert!(!format!("{headers:?}").contains("token"), "{headers:?}");
        assert_eq!(headers[header::AUTHORIZATION], "Bearer first-token");
    }

    #[test]
    fn only_the_last_forwarded_address_is_trusted() {
        let caller = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            forwarded_for(&headers).map(|address| address.to_string())
        };
        assert_eq!(caller(&["10.0.0.1"]).as_deref(), Some("10.0.0.1"));
        assert_eq!(caller(&["6.6.6.6, 10.0.0.1"]).as_deref(), Some("10.0.0.1"));
        assert_eq!(caller(&["6.6.6.6", "::1"]).as_deref(), Some("::1"));
        for invalid in [&[][..], &[""], &["unknown"], &["10.0.0.1, "]] {
            assert_eq!(caller(invalid), None, "{invalid:?}");
        }
    }
}
