//! Who calls, as an address: the connection's, or the one that the proxy before the gateway names.

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

/// Notes who calls. `behind_proxy`: the last address of `X-Forwarded-For` is the proxy's word; those
/// before it are whatever the caller wrote.
pub fn note(behind_proxy: bool, request: &mut Request) {
    if let Some(Peer(peer)) = request.extensions().get::<Peer>().copied() {
        let named = behind_proxy.then(|| forwarded(request.headers())).flatten();
        request
            .extensions_mut()
            .insert(Client(named.unwrap_or(peer)));
    }
    hide(request.headers_mut());
}

/// Access tokens show in no Debug from here on, whoever prints the headers.
fn hide(headers: &mut HeaderMap) {
    if let Entry::Occupied(mut tokens) = headers.entry(header::AUTHORIZATION) {
        for token in tokens.iter_mut() {
            token.set_sensitive(true);
        }
    }
}

fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_tokens_show_in_no_debug() {
        let mut headers = HeaderMap::new();
        headers.append(header::AUTHORIZATION, "Bearer first-token".parse().unwrap());
        headers.append(header::AUTHORIZATION, "Bearer other-token".parse().unwrap());
        assert!(format!("{headers:?}").contains("other-token"));
        hide(&mut headers);
        assert!(!format!("{headers:?}").contains("token"), "{headers:?}");
        assert_eq!(headers[header::AUTHORIZATION], "Bearer first-token");
    }

    #[test]
    fn only_the_last_forwarded_address_is_believed() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            forwarded(&headers).map(|address| address.to_string())
        };
        assert_eq!(of(&["10.0.0.1"]).as_deref(), Some("10.0.0.1"));
        assert_eq!(of(&["6.6.6.6, 10.0.0.1"]).as_deref(), Some("10.0.0.1"));
        assert_eq!(of(&["6.6.6.6", "::1"]).as_deref(), Some("::1"));
        for nothing in [&[][..], &[""], &["unknown"], &["10.0.0.1, "]] {
            assert_eq!(of(nothing), None, "{nothing:?}");
        }
    }
}
