//! Origins of pages, in the form that browsers send.

use std::str::FromStr;

use http::{HeaderValue, Uri};

/// The origin of a page: scheme, host and port (RFC 6454).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(HeaderValue);

/// The error for text that isn't an origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" isn't an origin. Use scheme and host, as in https://keys.intern.example")]
pub struct OriginError(String);

impl Origin {
    /// Whether an `Origin` header has this value.
    pub fn matches(&self, sent: &HeaderValue) -> bool {
        self.0 == *sent
    }
}

impl From<Origin> for HeaderValue {
    fn from(Origin(origin): Origin) -> Self {
        origin
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let invalid = || OriginError(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| invalid())?;
        let authority = uri.authority().map(|authority| authority.as_str());
        let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), authority)
        else {
            return Err(invalid());
        };
        // Browsers send neither a path nor user info.
        let whole = format!("{scheme}://{authority}");
        if whole != text || authority.contains('@') {
            return Err(invalid());
        }
        HeaderValue::from_str(text).map(Self).map_err(|_| invalid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scheme_host_and_port_make_an_origin() {
        for text in ["https://keys.intern.example", "http://127.0.0.1:8080"] {
            assert!(text.parse::<Origin>().is_ok(), "{text}");
        }
        for text in [
            "",
            "*",
            "null",
            "keys.intern.example",
            "https://keys.intern.example/",
            "https://keys.intern.example/path",
            "ftp://keys.intern.example",
            "https://user@keys.intern.example",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
