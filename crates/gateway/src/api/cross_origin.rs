//! Lets pages of other origins call the API (CORS), if they are named.

use std::{str::FromStr, time::Duration};

use http::{HeaderName, HeaderValue, Method, Uri, header};
use tower_http::cors::CorsLayer;

/// How long a browser may remember the permission.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

/// What the page sends.
const SENT: [HeaderName; 9] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    HeaderName::from_static("connect-protocol-version"),
    HeaderName::from_static("connect-timeout-ms"),
    HeaderName::from_static("grpc-timeout"),
    HeaderName::from_static("x-grpc-web"),
    HeaderName::from_static("x-idempotency-key"),
    HeaderName::from_static("x-user-agent"),
    header::USER_AGENT,
];

/// What the page reads.
const READ: [HeaderName; 5] = [
    HeaderName::from_static("grpc-message"),
    HeaderName::from_static("grpc-status"),
    HeaderName::from_static("grpc-status-details-bin"),
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-trace-id"),
];

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

/// Answers what browsers ask before a call from one of the origins.
pub fn allow(origins: Vec<Origin>) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(
            origins
                .into_iter()
                .map(|Origin(origin)| origin)
                .collect::<Vec<_>>(),
        )
        .allow_methods([Method::POST])
        .allow_headers(SENT)
        .expose_headers(READ)
        .max_age(REMEMBERED)
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
