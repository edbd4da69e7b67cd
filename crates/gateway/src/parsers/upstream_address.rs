//! The address of the real API: `{service name}.{base}`, over TLS.

use std::{fmt, net::IpAddr, str::FromStr};

use http::Uri;

/// The value of `--upstream`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamAddress {
    tls: bool,
    /// An IPv6 address includes its brackets.
    host: String,
    port: u16,
}

/// Why an address is rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The text isn't an address.
    #[error(
        "\"{0}\" isn't an API address. Use a host name such as api.nebius.cloud, with :PORT unless \
         it's 443"
    )]
    Form(String),
    /// Tokens would be sent without encryption.
    #[error(
        "http:// would send access tokens to {0} without encryption. Use https://, or http:// with \
         127.0.0.1, [::1] or localhost"
    )]
    PlainText(String),
}

impl UpstreamAddress {
    /// The address of the services under this name (`cpl.iam`, `tokens.iam`). A bare IP address or
    /// `localhost` has no subdomains and serves all of them.
    ///
    /// # Errors
    /// Returns an error if name and base don't form an address.
    pub fn service_uri(&self, service: &str) -> Result<Uri, AddressError> {
        let scheme = if self.tls { "https" } else { "http" };
        let host = match self.serves_all() {
            true => self.host.clone(),
            false => format!("{service}.{}", self.host),
        };
        format!("{scheme}://{host}:{}", self.port)
            .parse()
            .map_err(|_| AddressError::Form(self.host.clone()))
    }

    fn serves_all(&self) -> bool {
        self.host == "localhost" || ip(&self.host).is_some()
    }
}

/// The IP address in a URI's host, where IPv6 addresses have brackets.
fn ip(host: &str) -> Option<IpAddr> {
    host.trim_matches(['[', ']']).parse().ok()
}

/// Whether `host` is this machine.
pub fn is_this_machine(host: &str) -> bool {
    host == "localhost" || ip(host).is_some_and(|ip| ip.is_loopback())
}

impl fmt::Display for UpstreamAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl FromStr for UpstreamAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let invalid = || AddressError::Form(text.to_owned());
        let (tls, rest) = match text.split_once("://") {
            None => (true, text),
            Some(("https", rest)) => (true, rest),
            Some(("http", rest)) => (false, rest),
            Some(_) => return Err(invalid()),
        };
        let uri: Uri = rest.trim_end_matches('/').parse().map_err(|_| invalid())?;
        let (Some(host), None) = (
            uri.host(),
            uri.path_and_query().filter(|p| p.as_str() != "/"),
        ) else {
            return Err(invalid());
        };
        if uri.authority().is_none_or(|a| a.as_str().contains('@')) {
            return Err(invalid());
        }
        let address = Self {
            tls,
            host: host.to_ascii_lowercase(),
            port: uri.port_u16().unwrap_or(if tls { 443 } else { 80 }),
        };
        if tls || is_this_machine(&address.host) {
            Ok(address)
        } else {
            Err(AddressError::PlainText(address.host))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn uri(text: &str, service: &str) -> String {
        let address: UpstreamAddress = text.parse().unwrap();
        address.service_uri(service).unwrap().to_string()
    }

    #[test]
    fn services_are_subdomains_of_the_base() {
        for text in [
            "api.nebius.cloud",
            "api.nebius.cloud:443",
            "https://api.nebius.cloud/",
            "API.nebius.cloud",
        ] {
            assert_eq!(
                uri(text, "cpl.iam"),
                "https://cpl.iam.api.nebius.cloud:443/"
            );
        }
        assert_eq!(
            uri("api.example:8443", "tokens.iam"),
            "https://tokens.iam.api.example:8443/"
        );
    }

    #[test]
    fn an_ip_address_or_localhost_serves_all_services() {
        assert_eq!(uri("http://127.0.0.1:9", "cpl.iam"), "http://127.0.0.1:9/");
        assert_eq!(uri("http://[::1]:9", "cpl.iam"), "http://[::1]:9/");
        assert_eq!(uri("https://10.0.0.1", "cpl.iam"), "https://10.0.0.1:443/");
        assert_eq!(
            uri("http://localhost:9", "tokens.iam"),
            "http://localhost:9/"
        );
    }

    #[test]
    fn plain_http_is_only_for_this_machine() {
        for text in [
            "http://api.nebius.cloud",
            "http://10.0.0.1:80",
            "http://localhost.example",
        ] {
            let error = text.parse::<UpstreamAddress>().unwrap_err();
            assert!(
                matches!(error, AddressError::PlainText(_)),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn other_forms_are_rejected() {
        for text in [
            "",
            "ftp://api.nebius.cloud",
            "https://",
            "https://user:word@api.nebius.cloud",
            "https://api.nebius.cloud/path",
            "a b",
        ] {
            let error = text.parse::<UpstreamAddress>().unwrap_err();
            assert!(matches!(error, AddressError::Form(_)), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in ".{0,40}") {
            if let Ok(address) = text.parse::<UpstreamAddress>() {
                let _ = address.service_uri("cpl.iam");
            }
        }
    }
}
