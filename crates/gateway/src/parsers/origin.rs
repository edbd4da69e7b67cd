//! Origins of pages, as browsers name them.

use std::str::FromStr;

use http::{HeaderValue, Uri};

/// The origin of a page: scheme, host and port (RFC 6454).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(HeaderValue);

/// Why a text is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no origin: give scheme and host, such as https://keys.intern.example")]
pub struct OriginError(String);

impl Origin {
    /// Whether a browser sent this one.
    pub fn is(&self, sent: &HeaderValue) -> bool {
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
        let wrong = || OriginError(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let authority = uri.authority().map(|authority| authority.as_str());
        let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), authority)
        else {
            return Err(wrong());
        };
        // As browsers send it: no path, no user.
        let whole = format!("{scheme}://{authority}");
        if whole != text || authority.contains('@') {
            return Err(wrong());
        }
        HeaderValue::from_str(text).map(Self).map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_origins_are_taken() {
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
