//! Why a call failed, in plain words, with the API's message as details.

use connectrpc::ErrorCode;
use keyside_iam::{Any, rpc::Status};

use super::error_detail::Explanation;
use crate::text::api as text;

/// A failed call.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Problem {
    /// No response: the network or the server is down, or the connection broke.
    #[error("{}", text::UNREACHABLE)]
    Unreachable,
    /// The API rejected the call.
    #[error("{}", .0.summary)]
    Refused(ApiError),
    /// Another server, such as a proxy in front of the gateway, answered instead of the API.
    #[error("{summary}")]
    OtherServer {
        /// The HTTP status; 0 for a redirect.
        status: u16,
        /// What it answered and what to do.
        summary: String,
    },
    /// An operation failed.
    #[error("{}", .0.summary)]
    OperationFailed(ApiError),
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

/// What the API said.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    /// Connect's error code, same as gRPC's.
    pub code: ErrorCode,
    /// The API's message.
    pub message: String,
    /// The API's error details.
    pub explanation: Explanation,
    /// What happened and what to do.
    pub summary: String,
    /// Names and IDs for API support.
    pub support: Vec<(&'static str, String)>,
}

impl Problem {
    /// Whether the call may have succeeded despite the error.
    pub fn is_ambiguous(&self) -> bool {
        match self {
            Self::Unreachable | Self::OperationSlow | Self::Unreadable => true,
            Self::Refused(error) => matches!(
                error.code,
                ErrorCode::Unavailable
                    | ErrorCode::DeadlineExceeded
                    | ErrorCode::Internal
                    | ErrorCode::Unknown
                    | ErrorCode::Canceled
                    | ErrorCode::Aborted
            ),
            // A proxy lost the answer; other statuses mean that it didn't pass the call on.
            Self::OtherServer { status, .. } => *status >= 500,
            Self::OperationFailed(_) | Self::Other(_) => false,
        }
    }

    /// Whether the API rejected the access token.
    pub fn is_unauthenticated(&self) -> bool {
        matches!(self, Self::Refused(error) if error.code == ErrorCode::Unauthenticated)
    }

    /// Replaces the summary if the API rejected the credential of a call without an access token.
    pub fn with_rejection(mut self, rejection: &str) -> Self {
        if let Self::Refused(error) = &mut self
            && error.code == ErrorCode::Unauthenticated
        {
            error.summary = rejection.to_owned();
        }
        self
    }

    /// Whether the requested resource doesn't exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused(error) if error.code == ErrorCode::NotFound)
    }

    /// The problem of an operation that ended with `status`.
    pub fn of_operation(status: &Status) -> Self {
        let code = u32::try_from(status.code)
            .ok()
            .and_then(ErrorCode::from_grpc_code);
        let explanation = Explanation::of(&status.details);
        Self::OperationFailed(ApiError {
            code: code.unwrap_or(ErrorCode::Unknown),
            message: status.message.clone(),
            summary: text::operation_failed(explanation.retry, explanation.is_quota),
            explanation,
            support: Vec::new(),
        })
    }

    fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Refused(error) | Self::OperationFailed(error) => Some(error),
            _ => None,
        }
    }

    /// The API's message after its code, and its details; empty if there is none.
    pub fn details(&self) -> Vec<String> {
        let Some(error) = self.api_error() else {
            return Vec::new();
        };
        let code = error.code.as_str().to_ascii_uppercase();
        let first = text::field(&code, &error.message, &[]);
        let said = text::fact(&error.message);
        let all = error.explanation.sentences.iter();
        let more = all.filter(|more| **more != said);
        std::iter::once(&first).chain(more).cloned().collect()
    }

    /// The IDs of the resources concerned.
    pub fn resources(&self) -> &[String] {
        self.api_error()
            .map_or(&[], |error| &error.explanation.resources)
    }

    /// Whether the details are essential because they say what to correct.
    pub fn needs_details(&self) -> bool {
        match self {
            Self::Refused(error) => !matches!(
                error.code,
                ErrorCode::Unauthenticated | ErrorCode::PermissionDenied | ErrorCode::NotFound
            ),
            _ => true,
        }
    }

    /// The summary and details in one line, without the support IDs.
    pub fn line(&self) -> String {
        let resources = self.resources().iter().map(|id| text::resource(id));
        [
            &[self.to_string()],
            &*self.details(),
            &resources.collect::<Vec<_>>(),
        ]
        .concat()
        .join(" ")
    }

    /// Names and IDs for API support.
    pub fn support(&self) -> &[(&'static str, String)] {
        self.api_error().map_or(&[], |error| &error.support)
    }
}

/// An error response.
pub struct Refusal {
    /// Connect's error code, same as gRPC's.
    pub code: ErrorCode,
    /// The API's message.
    pub message: String,
    /// The error details.
    pub details: Vec<Any>,
}

impl Refusal {
    /// Converts it for display. `field` returns a header or trailer by name.
    pub fn into_problem(self, field: impl Fn(&str) -> Option<String>) -> Problem {
        let support = text::SUPPORT_FIELDS.into_iter();
        let explanation = Explanation::of(&self.details);
        Problem::Refused(ApiError {
            code: self.code,
            summary: text::refusal(self.code, explanation.retry, explanation.is_quota),
            explanation,
            support: support
                .filter_map(|(header, name)| Some((name, field(header)?)))
                .collect(),
            message: self.message,
        })
    }
}

#[cfg(test)]
mod tests {
    use buffa::Message;
    use keyside_iam::common::{
        QuotaFailure, ServiceError, oneof::service_error::Details, quota_failure::Violation,
        service_error::RetryType,
    };
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
        let status = Status {
            code: 8,
            message: "quota".to_owned(),
            details: vec![service_error()],
            ..Default::default()
        };
        let problem = Problem::of_operation(&status);
        assert_eq!(
            problem.details(),
            ["RESOURCE_EXHAUSTED: quota.", "Quota keys: full."]
        );
        assert!(problem.to_string().contains("higher quota"), "{problem}");
    }

    fn service_error() -> Any {
        let failure = QuotaFailure {
            violations: vec![Violation {
                quota: "keys".to_owned(),
                message: "full".to_owned(),
                ..Default::default()
            }],
            ..Default::default()
        };
        let error = ServiceError {
            details: Some(Details::QuotaFailure(Box::new(failure))),
            retry_type: RetryType::NOTHING.into(),
            ..Default::default()
        };
        Any {
            type_url: "type.googleapis.com/nebius.common.v1.ServiceError".to_owned(),
            value: error.encode_to_vec().into(),
            ..Default::default()
        }
    }

    #[test]
    fn the_advice_depends_on_what_is_worth_repeating() {
        let advice = |code, retry| text::refusal(code, retry, false);
        let exhausted = ErrorCode::ResourceExhausted;
        let unspecified = advice(exhausted, RetryType::UNSPECIFIED);
        assert!(unspecified.contains("Wait a moment"), "{unspecified}");
        let nothing = advice(exhausted, RetryType::NOTHING);
        assert!(nothing.contains("won't help"), "{nothing}");
        let work = advice(ErrorCode::Aborted, RetryType::UNIT_OF_WORK);
        assert!(work.contains("start again"), "{work}");
        // A corrected request isn't a repetition.
        let invalid = advice(ErrorCode::InvalidArgument, RetryType::NOTHING);
        assert!(invalid.contains("Correct the fields"), "{invalid}");
    }

    #[test]
    fn a_rejected_proof_does_not_blame_the_access_token() {
        let problem = refused(ErrorCode::Unauthenticated, "the key is inactive");
        assert!(problem.to_string().contains("Sign in again"));
        let problem = problem.with_rejection(text::PROOF_REFUSED);
        assert_eq!(problem.to_string(), text::PROOF_REFUSED);
        let missing = refused(ErrorCode::NotFound, "no key");
        assert_eq!(missing.clone().with_rejection("x"), missing);
    }

    #[test]
    fn an_unavailable_server_makes_the_outcome_ambiguous() {
        assert!(refused(ErrorCode::Unavailable, "restarting").is_ambiguous());
        assert!(Problem::Unreachable.is_ambiguous());
        assert!(!refused(ErrorCode::InvalidArgument, "no").is_ambiguous());
    }
}
