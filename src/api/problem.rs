//! Why a call failed: the API's words, and ours beside them.

use connectrpc::{ConnectError, ErrorCode};

use super::detail;
use crate::text::api as text;

/// A failed call.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Problem {
    /// No answer came: no network, no server, or one that stopped in between.
    #[error("{}", text::UNREACHABLE)]
    Unreachable,
    /// The API refused.
    #[error("{}", refusal(*code, message, details, advice))]
    Refused {
        /// Connect's code, which is gRPC's.
        code: ErrorCode,
        /// The API's words.
        message: String,
        /// What it adds, in sentences.
        details: Vec<String>,
        /// What to do.
        advice: &'static str,
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

    /// The same about a call that was made without an access token: what was not accepted is the
    /// proof in it.
    #[must_use]
    pub fn of_proof(mut self) -> Self {
        let is_unauthenticated = self.is_unauthenticated();
        if let Self::Refused { advice, .. } = &mut self
            && is_unauthenticated
        {
            *advice = text::PROOF_REFUSED;
        }
        self
    }

    /// Whether what was asked for is not there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if *code == ErrorCode::NotFound)
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

fn refusal(code: ErrorCode, message: &str, details: &[String], advice: &str) -> String {
    let code_name = code.as_str().to_ascii_uppercase();
    let mut sentences = vec![format!("{code_name}: {}.", message.trim_end_matches('.'))];
    sentences.extend_from_slice(details);
    sentences.push(advice.to_owned());
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
            advice: text::advice(error.code),
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
    use wasm_bindgen_test::wasm_bindgen_test as test;

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
    fn a_refused_proof_is_not_put_down_to_the_access_token() {
        let problem = Problem::from(ConnectError::unauthenticated("the key is inactive"));
        assert!(problem.to_string().contains("Sign in again"));
        let text = problem.of_proof().to_string();
        assert!(!text.contains("Sign in again"), "{text}");
        assert!(text.ends_with(text::PROOF_REFUSED), "{text}");
        let missing = Problem::from(ConnectError::not_found("no key"));
        assert_eq!(missing.clone().of_proof(), missing);
    }

    #[test]
    fn an_unavailable_server_leaves_doubt_about_a_create() {
        assert!(Problem::from(ConnectError::unavailable("restarting")).leaves_doubt());
        assert!(Problem::Unreachable.leaves_doubt());
        assert!(!Problem::from(ConnectError::invalid_argument("no")).leaves_doubt());
    }
}
