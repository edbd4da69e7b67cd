//! Why a call failed: the API's words, and ours beside them.

use connectrpc::{ConnectError, ErrorCode};

use super::detail;
use crate::text;

/// A failed call.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Problem {
    /// No answer came: no network, no server, or one that stopped in between.
    #[error("{}", text::UNREACHABLE)]
    Unreachable,
    /// The API refused.
    #[error("{}", refusal(*code, message, details))]
    Refused {
        /// Connect's code, which is gRPC's.
        code: ErrorCode,
        /// The API's words.
        message: String,
        /// What it adds, in sentences.
        details: Vec<String>,
        /// For the API's support: a name and an id each.
        support: Vec<(&'static str, String)>,
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

    /// What the API's support asks for: a name and an id each.
    #[must_use]
    pub fn support(&self) -> &[(&'static str, String)] {
        match self {
            Self::Refused { support, .. } => support,
            _ => &[],
        }
    }
}

fn refusal(code: ErrorCode, message: &str, details: &[String]) -> String {
    let code_name = code.as_str().to_ascii_uppercase();
    let mut sentences = vec![format!("{code_name}: {}.", message.trim_end_matches('.'))];
    sentences.extend_from_slice(details);
    sentences.push(text::advice(code).to_owned());
    sentences.join(" ")
}

impl From<ConnectError> for Problem {
    fn from(error: ConnectError) -> Self {
        if super::transport::is_unreachable(&error) {
            return Self::Unreachable;
        }
        let id = |name: &str| {
            let value = error.response_headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let support = [
            ("Request id", id("x-request-id")),
            ("Trace id", id("x-trace-id")),
        ];
        Self::Refused {
            code: error.code,
            details: detail::in_words(&error.details),
            support: support
                .into_iter()
                .filter_map(|(name, id)| Some((name, id?)))
                .collect(),
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
