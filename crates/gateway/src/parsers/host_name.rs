//! Host names of the gateway.

use std::str::FromStr;

use http::uri::Authority;

/// A host name of the gateway, such as keys.intern.example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName(String);

/// The error for text that isn't a host name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" isn't a host name. Leave out the scheme, port and path, as in keys.intern.example"
)]
pub struct HostNameError(String);

impl HostName {
    /// Whether `host`, in lower case, is this name.
    pub fn matches(&self, host: &str) -> bool {
        self.0 == host
    }
}

impl FromStr for HostName {
    type Err = HostNameError;

    fn from_str(text: &str) -> Result<Self, HostNameError> {
        let authority: Result<Authority, _> = text.parse();
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_[]:".contains(&byte);
        match authority {
            Ok(authority) if authority.host() == text && text.bytes().all(is_allowed) => {
                Ok(Self(text.to_ascii_lowercase()))
            }
            _ => Err(HostNameError(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_have_no_scheme_port_or_path() {
        for text in ["keys.intern.example", "10.0.0.7", "[::1]"] {
            assert!(text.parse::<HostName>().is_ok(), "{text}");
        }
        for text in [
            "",
            "https://keys.example",
            "keys.example:443",
            "keys.example/",
            "a b",
            "*",
        ] {
            assert!(text.parse::<HostName>().is_err(), "{text}");
        }
    }
}
