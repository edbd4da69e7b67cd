//! Where the real API is: `{service name}.{base}`, over TLS.

use std::{fmt, net::IpAddr, str::FromStr};

use http::Uri;

/// What `--upstream` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamAddress {
    tls: bool,
    /// An IPv6 address has its brackets.
    host: String,
    port: u16,
}

/// Why an address will not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not of a form that is known.
    #[error(
        "\"{0}\" is no address of an API: give a name such as api.nebius.cloud, with :PORT if it is \
         not 443"
    )]
    Form(String),
    /// Tokens would travel in the open.
    #[error(
        "{0} is not this machine, and http:// would send access tokens in the open: use https://, \
         or http:// with 127.0.0.1, [::1] or localhost"
    )]
    PlainText(String),
}

impl UpstreamAddress {
    /// Where the services of this name (`cpl.iam`, `tokens.iam`) are. A bare IP address or
    /// `localhost` has no names below it and stands for all of them.
    ///
    /// # Errors
    /// When the two do not make an address.
    pub fn of(&self, service: &str) -> Result<Uri, AddressError> {
        let scheme = if self.tls { "https" } else { "http" };
        let host = match self.is_single() {
            true => self.host.clone(),
            false => format!("{service}.{}", self.host),
        };
        format!("{scheme}://{host}:{}", self.port)
            .parse()
            .map_err(|_| AddressError::Form(self.host.clone()))
    }

    fn is_single(&self) -> bool {
        self.host == "localhost" || ip(&self.host).is_some()
    }
}

/// Of a host as it stands in an address, an IPv6 one in its brackets.
fn ip(host: &str) -> Option<IpAddr> {
    host.trim_matches(['[', ']']).parse().ok()
}

/// Whether what is sent to this host stays on this machine.
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
        let wrong = || AddressError::Form(text.to_owned());
        let (tls, rest) = match text.split_once("://") {
            None => (true, text),
            Some(("https", rest)) => (true, rest),
            Some(("http", rest)) => (false, rest),
            Some(_) => return Err(wrong()),
        };
        let uri: Uri = rest.trim_end_matches('/').parse().map_err(|_| wrong())?;
        let (Some(host), None) = (
            uri.host(),
            uri.path_and_query().filter(|p| p.as_str() != "/"),
        ) else {
            return Err(wrong());
        };
        if uri.authority().is_none_or(|a| a.as_str().contains('@')) {
            return Err(wrong());
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

    fn of(text: &str, service: &str) -> String {
        let address: UpstreamAddress = text.parse().unwrap();
        address.of(service).unwrap().to_string()
    }

    #[test]
    fn services_are_names_below_the_base() {
        for text in [
            "api.nebius.cloud",
            "api.nebius.cloud:443",
            "https://api.nebius.cloud/",
            "API.nebius.cloud",
        ] {
            assert_eq!(of(text, "cpl.iam"), "https://cpl.iam.api.nebius.cloud:443/");
        }
        assert_eq!(
            of("api.example:8443", "tokens.iam"),
            "https://tokens.iam.api.example:8443/"
        );
    }

    #[test]
    fn an_ip_address_or_localhost_stands_for_all_services() {
        assert_eq!(of("http://127.0.0.1:9", "cpl.iam"), "http://127.0.0.1:9/");
        assert_eq!(of("http://[::1]:9", "cpl.iam"), "http://[::1]:9/");
        assert_eq!(of("https://10.0.0.1", "cpl.iam"), "https://10.0.0.1:443/");
        assert_eq!(
            of("http://localhost:9", "tokens.iam"),
            "http://localhost:9/"
        );
    }

    #[test]
    fn plain_text_is_for_this_machine_alone() {
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
    fn other_forms_are_refused() {
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
        fn any_text_is_an_address_or_an_error(text in ".{0,40}") {
            if let Ok(address) = text.parse::<UpstreamAddress>() {
                let _ = address.of("cpl.iam");
            }
        }
    }
}
