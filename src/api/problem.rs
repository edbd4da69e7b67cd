//! Why a call failed, in plain words, with the API's message as details.

use connectrpc::ErrorCode;

use super::error_detail::{self, ErrorDetail};
use crate::text::api as text;

/// A failed call.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Problem {
    /// No response: the network or the server is down, or the connection broke.
    #[error("{}", text::UNREACHABLE)]
    Unreachable,
    /// The API rejected the call.
    #[error("{summary}")]
    Refused {
        /// Connect's error code, same as gRPC's.
        code: ErrorCode,
        /// The API's message.
        message: String,
        /// The API's error details, as sentences.
        details: Vec<String>,
        /// What happened and what to do.
        summary: &'static str,
        /// Names and IDs for API support.
        support: Vec<(&'static str, String)>,
    },
    /// An operation failed.
    #[error("{}", text::OPERATION_FAILED)]
    OperationFailed {
        /// The gRPC code.
        code: i32,
        /// The API's message.
        message: String,
    },
    /// An operation didn't finish in time.
    #[error("{}", text::OPERATION_SLOW)]
    OperationSlow,
    /// The response can't be decoded.
    #[error("{}", text::UNREADABLE)]
    Unreadable,
    /// The page didn't make the call, or couldn't use its result.
    #[error("{0}")]
    Other(String),
}

impl Problem {
    /// Whether the call may have succeeded despite the error.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
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
            Self::OperationFailed { .. } | Self::Other(_) => false,
        }
    }

    /// Whether the API rejected the access token.
    #[must_use]
    pub fn is_unauthenticated(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if *code == ErrorCode::Unauthenticated)
    }

    /// The problem of a call without an access token, where the API rejected the proof.
    #[must_use]
    pub fn for_proof(mut self) -> Self {
        let is_unauthenticated = self.is_unauthenticated();
        if let Self::Refused { summary, .. } = &mut self
            && is_unauthenticated
        {
            *summary = text::PROOF_REFUSED;
        }
        self
    }

    /// Whether the requested resource doesn't exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if *code == ErrorCode::NotFound)
    }

    /// The API's message, after its code; empty if there is none.
    #[must_use]
    pub fn details(&self) -> Vec<String> {
        match self {
            Self::Refused {
                code,
                message,
                details,
                ..
            } => {
                let first = sentence(*code, message);
                [std::slice::from_ref(&first), details].concat()
            }
            Self::OperationFailed { code, message } => {
                let code = u32::try_from(*code)
                    .ok()
                    .and_then(ErrorCode::from_grpc_code);
                let code = code.unwrap_or(ErrorCode::Unknown);
                vec![sentence(code, message)]
            }
            _ => Vec::new(),
        }
    }

    /// Whether the details are essential because they say what to correct.
    #[must_use]
    pub fn needs_details(&self) -> bool {
        match self {
            Self::Refused { code, .. } => !matches!(
                code,
                ErrorCode::Unauthenticated | ErrorCode::PermissionDenied | ErrorCode::NotFound
            ),
            _ => true,
        }
    }

    /// The summary and details in one line, without the support IDs.
    #[must_use]
    pub fn line(&self) -> String {
        [&[self.to_string()], &*self.details()].concat().join(" ")
    }

    /// Names and IDs for API support.
    #[must_use]
    pub fn support(&self) -> &[(&'static str, String)] {
        match self {
            Self::Refused { support, .. } => support,
            _ => &[],
        }
    }
}

fn sentence(code: ErrorCode, message: &str) -> String {
    let code = code.as_str().to_ascii_uppercase();
    format!("{code}: {}.", message.trim_end_matches('.'))
}

/// An error response.
pub struct Refusal {
    /// Connect's error code, same as gRPC's.
    pub code: ErrorCode,
    /// The API's message.
    pub message: String,
    /// The error details.
    pub details: Vec<ErrorDetail>,
}

impl Refusal {
    /// Converts it for display. `field` returns a header or trailer by name.
    pub fn into_problem(self, field: impl Fn(&str) -> Option<String>) -> Problem {
        let support = text::SUPPORT_FIELDS.into_iter();
        Problem::Refused {
            code: self.code,
            summary: text::refusal(self.code),
            details: error_detail::sentences(&self.details),
            support: support
                .filter_map(|(header, name)| Some((name, field(header)?)))
                .collect(),
            message: self.message,
        }
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn refused(code: ErrorCode, message: &str) -> Problem {
        let refusal = Refusal {
            code,
            message: message.to_owned(),
            details: Vec::new(),
        };
        refusal.into_problem(|_| None)
    }

    #[test]
    fn errors_say_what_to_do_and_keep_the_api_message_as_details() {
        let problem = refused(ErrorCode::PermissionDenied, "no role");
        let text = problem.to_string();
        assert!(text.contains("admin role"), "{text}");
        assert!(!text.contains("no role"), "{text}");
        assert_eq!(problem.details(), ["PERMISSION_DENIED: no role."]);
        assert_eq!(
            problem.line(),
            format!("{text} PERMISSION_DENIED: no role.")
        );
        assert!(!problem.needs_details());
        assert!(!problem.is_ambiguous());
        assert!(refused(ErrorCode::InvalidArgument, "too short").needs_details());
    }

    #[test]
    fn failed_operations_keep_code_and_message_as_details() {
        let message = "quota".to_owned();
        let problem = Problem::OperationFailed { code: 8, message };
        assert_eq!(problem.details(), ["RESOURCE_EXHAUSTED: quota."]);
    }

    #[test]
    fn a_rejected_proof_does_not_blame_the_access_token() {
        let problem = refused(ErrorCode::Unauthenticated, "the key is inactive");
        assert!(problem.to_string().contains("Sign in again"));
        assert_eq!(problem.for_proof().to_string(), text::PROOF_REFUSED);
        let missing = refused(ErrorCode::NotFound, "no key");
        assert_eq!(missing.clone().for_proof(), missing);
    }

    #[test]
    fn an_unavailable_server_makes_the_outcome_ambiguous() {
        assert!(refused(ErrorCode::Unavailable, "restarting").is_ambiguous());
        assert!(Problem::Unreachable.is_ambiguous());
        assert!(!refused(ErrorCode::InvalidArgument, "no").is_ambiguous());
    }
}
