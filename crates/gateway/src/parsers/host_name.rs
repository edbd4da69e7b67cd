//! Names that the gateway is called by.

use std::str::FromStr;

use http::uri::Authority;

/// A name that callers know the gateway by, such as keys.intern.example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName(String);

/// Why a text is no host name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no host name: give it without scheme, port and path, such as keys.intern.example"
)]
pub struct HostNameError(String);

impl HostName {
    /// Whether it is this one, in lower case.
    pub fn is(&self, host: &str) -> bool {
        self.0 == host
    }
}

impl FromStr for HostName {
    type Err = HostNameError;

    fn from_str(text: &str) -> Result<Self, HostNameError> {
        let authority: Result<Authority, _> = text.parse();
        let is_of_names = |byte: u8| byte.is_ascii_alphanumeric() || b".-_[]:".contains(&byte);
        match authority {
            Ok(authority) if authority.host() == text && text.bytes().all(is_of_names) => {
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
    fn host_names_are_names_alone() {
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
