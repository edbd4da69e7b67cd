//! The caller's address: the connection's, or the one that a proxy in front of the gateway reports.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    num::NonZeroUsize,
};

use axum::extract::Request;
use http::{
    HeaderMap, HeaderName,
    header::{self, Entry},
};

use super::Peer;

/// The caller, as far as its address identifies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Client(IpAddr);

impl Client {
    /// The caller at an address. An IPv6 caller has at least a /64 network to itself (RFC 6177), so all of
    /// its addresses count as one.
    pub fn at(address: IpAddr) -> Self {
        const NETWORK: u128 = !0 << 64;
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & NETWORK).into(),
            v4 => v4,
        })
    }
}

/// The proxies in front of the gateway, which report the caller's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proxies {
    pub header: ProxyHeader,
    /// Proxies that every call passes through. Each adds one entry to the header, so callers can forge only
    /// the entries before these.
    pub count: NonZeroUsize,
}

/// The header in which proxies report. Others can be forged by callers, so only one is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyHeader {
    /// X-Forwarded-For, with X-Forwarded-Proto.
    XForwardedFor,
    /// Forwarded (RFC 7239).
    Forwarded,
}

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Records the caller in the request: the one that the proxies report, if there are any and they do.
pub fn record(proxies: Option<Proxies>, request: &mut Request) {
    if let Some(Peer(peer)) = request.extensions().get::<Peer>().copied() {
        let reported = proxies.and_then(|proxies| proxies.address(request.headers()));
        request
            .extensions_mut()
            .insert(Client::at(reported.unwrap_or(peer)));
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

impl Proxies {
    /// The address that the outermost proxy reports.
    fn address(self, headers: &HeaderMap) -> Option<IpAddr> {
        match self.header {
            ProxyHeader::XForwardedFor => node_address(self.entry(headers, &X_FORWARDED_FOR)?),
            ProxyHeader::Forwarded => {
                node_address(parameter(self.entry(headers, &header::FORWARDED)?, "for")?)
            }
        }
    }

    /// Whether the caller's connection to the outermost proxy has TLS.
    pub fn over_tls(self, headers: &HeaderMap) -> bool {
        let scheme = match self.header {
            ProxyHeader::XForwardedFor => headers
                .get(&X_FORWARDED_PROTO)
                .and_then(|scheme| scheme.to_str().ok()),
            ProxyHeader::Forwarded => self
                .entry(headers, &header::FORWARDED)
                .and_then(|entry| parameter(entry, "proto")),
        };
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
    }

    /// The outermost proxy's entry. Counted from the end, where nothing that a caller sends, such as an open
    /// quote, can change the number of entries.
    fn entry<'a>(self, headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
        let mut lines = headers.get_all(name).iter().rev();
        let mut left = self.count.get();
        let mut outermost = None;
        while left > 0
            && let Some(line) = lines.next()
        {
            for entry in line.to_str().ok()?.rsplit(',').take(left) {
                outermost = Some(entry.trim());
                left -= 1;
            }
        }
        outermost
    }
}

/// A parameter of an entry in `Forwarded` (RFC 7239, section 4), without its quotes.
fn parameter<'a>(entry: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = entry.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(found, _)| found.trim().eq_ignore_ascii_case(name))?;
    Some(value.trim().trim_matches('"'))
}

/// The address of a node, with or without a port: `203.0.113.7`, `203.0.113.7:51812`, `2001:db8::7`,
/// `[2001:db8::7]`, `[2001:db8::7]:443`.
fn node_address(node: &str) -> Option<IpAddr> {
    let bracketed = || node.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || node.parse().ok().as_ref().map(SocketAddr::ip);
    node.parse().ok().or_else(bracketed).or_else(with_port)
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

    fn headers(name: &'static str, lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, line.parse().unwrap());
        }
        headers
    }

    fn proxies(header: ProxyHeader, count: usize) -> Proxies {
        Proxies {
            header,
            count: NonZeroUsize::new(count).unwrap(),
        }
    }

    #[test]
    fn only_entries_of_the_trusted_proxies_are_read() {
        let caller = |count, lines: &[&str]| {
            let proxies = proxies(ProxyHeader::XForwardedFor, count);
            let address = proxies.address(&headers("x-forwarded-for", lines));
            address.map(|address| address.to_string())
        };
        assert_eq!(caller(1, &["10.0.0.1"]).as_deref(), Some("10.0.0.1"));
        let forged = &["6.6.6.6, 10.0.0.1"];
        assert_eq!(caller(1, forged).as_deref(), Some("10.0.0.1"));
        let lines = &["6.6.6.6", "10.0.0.1", "::1"];
        assert_eq!(caller(1, lines).as_deref(), Some("::1"));
        assert_eq!(caller(2, lines).as_deref(), Some("10.0.0.1"));
        let lines = &["6.6.6.6, 10.0.0.1", "10.0.0.2,10.0.0.3"];
        assert_eq!(caller(3, lines).as_deref(), Some("10.0.0.1"));
        // A caller inside the network that came through fewer proxies.
        assert_eq!(caller(3, &["10.0.0.1"]).as_deref(), Some("10.0.0.1"));
        for invalid in [&[][..], &[""], &["unknown"], &["10.0.0.1, "]] {
            assert_eq!(caller(1, invalid), None, "{invalid:?}");
        }
    }

    #[test]
    fn addresses_may_have_ports() {
        for (node, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7:51812", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:443", "2001:db8::7"),
        ] {
            let address = node_address(node).unwrap();
            assert_eq!(address.to_string(), expected, "{node}");
        }
        for node in ["", "unknown", "_hidden", "203.0.113.7:", "[::1", "::1]:80"] {
            assert_eq!(node_address(node), None, "{node}");
        }
    }

    /// The examples of RFC 7239, sections 4 and 7.1, and forged entries before the proxy's.
    #[test]
    fn forwarded_is_read_if_it_is_the_proxies_header() {
        let read = |lines: &[&str]| {
            let headers = headers("forwarded", lines);
            let proxies = proxies(ProxyHeader::Forwarded, 1);
            (proxies.address(&headers), proxies.over_tls(&headers))
        };
        let at = |address: &str| Some(address.parse().unwrap());
        for (line, expected) in [
            ("for=192.0.2.43", at("192.0.2.43")),
            ("For=\"[2001:db8:cafe::17]:4711\"", at("2001:db8:cafe::17")),
            ("for=\"192.0.2.43:47011\"", at("192.0.2.43")),
            ("for=192.0.2.43, for=198.51.100.17", at("198.51.100.17")),
            ("for=\"open, for=198.51.100.17", at("198.51.100.17")),
            ("for=\"_gazonk\"", None),
            ("for=unknown", None),
            ("by=203.0.113.43", None),
        ] {
            assert_eq!(read(&[line]), (expected, false), "{line}");
        }
        let with_tls = "for=192.0.2.60;proto=https;by=203.0.113.43";
        assert_eq!(read(&[with_tls]), (at("192.0.2.60"), true));
        let other = proxies(ProxyHeader::XForwardedFor, 1);
        assert_eq!(other.address(&headers("forwarded", &[with_tls])), None);
    }

    #[test]
    fn an_ipv6_network_is_one_caller() {
        let at = |address: &str| Client::at(address.parse().unwrap());
        assert_eq!(at("2001:db8:1:2::1"), at("2001:db8:1:2:ffff::7"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
    }
}
