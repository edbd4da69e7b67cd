//! Why a call failed, in plain words, with what the API said as details.

use connectrpc::ErrorCode;

use super::error_detail::{self, ErrorDetail};
use crate::text::api as text;

/// A failed call.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Problem {
    /// No answer came: no network, no server, or one that stopped in between.
    #[error("{}", text::UNREACHABLE)]
    Unreachable,
    /// The API refused.
    #[error("{summary}")]
    Refused {
        /// Connect's code, which is gRPC's.
        code: ErrorCode,
        /// The API's message.
        message: String,
        /// What the API adds, in sentences.
        details: Vec<String>,
        /// What happened, and what to do.
        summary: &'static str,
        /// For the API's support: a name and an ID each.
        support: Vec<(&'static str, String)>,
    },
    /// An operation ended with an error.
    #[error("{}", text::OPERATION_FAILED)]
    OperationFailed {
        /// gRPC's code.
        code: i32,
        /// The API's message.
        message: String,
    },
    /// An operation did not end in time.
    #[error("{}", text::OPERATION_SLOW)]
    OperationSlow,
    /// The answer made no sense.
    #[error("{}", text::UNREADABLE)]
    Unreadable,
    /// The page did not make the call, or could not use its result.
    #[error("{0}")]
    Other(String),
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
            Self::OperationFailed { .. } | Self::Other(_) => false,
        }
    }

    /// Whether the access token was not accepted.
    #[must_use]
    pub fn is_unauthenticated(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if *code == ErrorCode::Unauthenticated)
    }

    /// The same for a call without an access token: what the API rejected is the proof in it.
    #[must_use]
    pub fn of_proof(mut self) -> Self {
        let is_unauthenticated = self.is_unauthenticated();
        if let Self::Refused { summary, .. } = &mut self
            && is_unauthenticated
        {
            *summary = text::PROOF_REFUSED;
        }
        self
    }

    /// Whether what was asked for is not there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if *code == ErrorCode::NotFound)
    }

    /// What the API said, with its code first. Nothing if it said nothing.
    #[must_use]
    pub fn details(&self) -> Vec<String> {
        match self {
            Self::Refused {
                code,
                message,
                details,
                ..
            } => {
                let first = sentence(&code.as_str().to_ascii_uppercase(), message);
                [std::slice::from_ref(&first), details].concat()
            }
            Self::OperationFailed { code, message } => {
                let code = u32::try_from(*code)
                    .ok()
                    .and_then(ErrorCode::from_grpc_code);
                let code = code.unwrap_or(ErrorCode::Unknown);
                vec![sentence(&code.as_str().to_ascii_uppercase(), message)]
            }
            _ => Vec::new(),
        }
    }

    /// Whether the details say what to correct, so that nobody can do without them.
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

    /// All but what is for the API's support, in one line.
    #[must_use]
    pub fn line(&self) -> String {
        [&[self.to_string()], &*self.details()].concat().join(" ")
    }

    /// What the API's support asks for: a name and an ID each.
    #[must_use]
    pub fn support(&self) -> &[(&'static str, String)] {
        match self {
            Self::Refused { support, .. } => support,
            _ => &[],
        }
    }
}

fn sentence(code: &str, message: &str) -> String {
    format!("{code}: {}.", message.trim_end_matches('.'))
}

/// An error as a server sent it.
pub struct Refusal {
    /// Connect's code, which is gRPC's.
    pub code: ErrorCode,
    /// The API's message.
    pub message: String,
    /// What the API adds.
    pub details: Vec<ErrorDetail>,
}

impl Refusal {
    /// The same for a person. `field` gives a header or trailer by its name.
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
    fn a_refusal_says_what_to_do_and_keeps_the_apis_message_as_details() {
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
        assert!(!problem.leaves_doubt());
        assert!(refused(ErrorCode::InvalidArgument, "too short").needs_details());
    }

    #[test]
    fn a_failed_operation_keeps_its_code_and_message_as_details() {
        let message = "quota".to_owned();
        let problem = Problem::OperationFailed { code: 8, message };
        assert_eq!(problem.details(), ["RESOURCE_EXHAUSTED: quota."]);
    }

    #[test]
    fn a_refused_proof_is_not_blamed_on_the_access_token() {
        let problem = refused(ErrorCode::Unauthenticated, "the key is inactive");
        assert!(problem.to_string().contains("Sign in again"));
        assert_eq!(problem.of_proof().to_string(), text::PROOF_REFUSED);
        let missing = refused(ErrorCode::NotFound, "no key");
        assert_eq!(missing.clone().of_proof(), missing);
    }

    #[test]
    fn an_unavailable_server_leaves_doubt_about_a_create() {
        assert!(refused(ErrorCode::Unavailable, "restarting").leaves_doubt());
        assert!(Problem::Unreachable.leaves_doubt());
        assert!(!refused(ErrorCode::InvalidArgument, "no").leaves_doubt());
    }
}
