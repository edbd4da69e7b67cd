//! Why a call failed: the API's words, and ours beside them.

use connectrpc::{ConnectError, ErrorCode};

use crate::text;

/// A failed call.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Problem {
    /// No answer came: no network, no server, or one that stopped in between.
    #[error("{}", text::UNREACHABLE)]
    Unreachable,
    /// The API refused.
    #[error("{}: {message}. {}", code.as_str().to_uppercase(), text::advice(*code))]
    Refused {
        /// Connect's code, which is gRPC's.
        code: ErrorCode,
        /// The API's words.
        message: String,
        /// `x-request-id`, for support.
        request_id: Option<String>,
    },
    /// An operation ended with an error.
    #[error("{}: {message}", text::OPERATION_FAILED)]
    OperationFailed {
        /// gRPC's code.
        code: i32,
        /// The API's words.
        message: String,
    },
    /// An operation did not end in time.
    #[error("{}", text::OPERATION_SLOW)]
    OperationSlow,
    /// The answer made no sense.
    #[error("{}", text::UNREADABLE)]
    Unreadable,
    /// A call was not made, or its result not used, for a reason told in words.
    #[error("{0}")]
    Told(String),
}

impl Problem {
    /// Whether the call may have done its work all the same.
    #[must_use]
    pub fn leaves_doubt(&self) -> bool {
        match self {
            Self::Unreachable | Self::OperationSlow | Self::Unreadable => true,
            Self::Refused { code, .. } => matches!(
                code,
                ErrorCode::Unavailable
                    | ErrorCode::DeadlineExceeded
                    | ErrorCode::Internal
                    | ErrorCode::Unknown
                    | ErrorCode::Canceled
                    | ErrorCode::Aborted
            ),
            Self::OperationFailed { .. } | Self::Told(_) => false,
        }
    }

    /// Whether the access token was not accepted.
    #[must_use]
    pub fn is_unauthenticated(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if *code == ErrorCode::Unauthenticated)
    }

    /// The request's id, when the API gave one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Refused { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }
}

impl From<ConnectError> for Problem {
    fn from(error: ConnectError) -> Self {
        if super::transport::is_unreachable(&error) {
            return Self::Unreachable;
        }
        Self::Refused {
            request_id: error
                .response_headers()
                .get("x-request-id")
                .and_then(|v| v.to_str().ok())
                .map(str::to_owned),
            code: error.code,
            message: error.message.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_shows_the_apis_words_and_what_to_do() {
        let problem = Problem::from(ConnectError::permission_denied("no role"));
        let text = problem.to_string();
        assert!(text.starts_with("PERMISSION_DENIED: no role."), "{text}");
        assert!(text.contains("admin role"), "{text}");
        assert!(!problem.leaves_doubt());
    }

    #[test]
    fn an_unavailable_server_leaves_doubt_about_a_create() {
        assert!(Problem::from(ConnectError::unavailable("restarting")).leaves_doubt());
        assert!(Problem::Unreachable.leaves_doubt());
        assert!(!Problem::from(ConnectError::invalid_argument("no")).leaves_doubt());
    }
}
