//! Converts error details (`google.rpc`, and `nebius.common.v1.ServiceError`) into sentences.

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use buffa::Message;
use keyside_iam::{
    Any,
    common::{ServiceError, oneof::service_error::Details, service_error::RetryType},
    rpc::{BadRequest, ErrorInfo, RetryInfo},
};

use crate::text::api as text;

/// Decodes base64 with or without padding: servers send both.
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD_NO_PAD
        .decode(text.trim_end_matches('='))
        .ok()
}

/// What an API says about an error besides its code and message.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Explanation {
    /// One for each fact.
    pub sentences: Vec<String>,
    /// The IDs of the resources concerned.
    pub resources: Vec<String>,
    /// What is worth repeating.
    pub retry: RetryType,
    /// Whether a quota is used up.
    pub is_quota: bool,
}

impl Explanation {
    /// Decodes the details. Those of unknown types are named.
    pub fn of(details: &[Any]) -> Self {
        let mut all = Self::default();
        for detail in details {
            if let Some(one) = explain(detail) {
                all.sentences.extend(one.sentences);
                all.resources.extend(one.resources);
                all.is_quota |= one.is_quota;
                if one.retry != RetryType::UNSPECIFIED {
                    all.retry = one.retry;
                }
            }
        }
        all.resources.retain(|id| !id.is_empty());
        // Of a detail without a text, only the punctuation is left.
        all.sentences
            .retain(|sentence| sentence.chars().any(char::is_alphanumeric));
        all
    }

    fn sentences(sentences: impl IntoIterator<Item = String>) -> Self {
        Self {
            sentences: sentences.into_iter().collect(),
            ..Self::default()
        }
    }
}

fn explain(detail: &Any) -> Option<Explanation> {
    let kind = detail.type_url.rsplit('/').next().unwrap_or_default();
    match kind {
        "google.rpc.RetryInfo" => {
            let delay = read::<RetryInfo>(detail)?.retry_delay.into_option()?;
            // Round up: not a second too early.
            let seconds = delay.seconds + i64::from(delay.nanos > 0);
            Some(Explanation::sentences([text::retry_after(seconds)]))
        }
        "google.rpc.BadRequest" => {
            let violations = read::<BadRequest>(detail)?.field_violations;
            let named = violations
                .iter()
                .map(|violation| text::field(&violation.field, &violation.description, &[]));
            Some(Explanation::sentences(named))
        }
        "google.rpc.ErrorInfo" => {
            let info = read::<ErrorInfo>(detail)?;
            let reason = text::reason(&info.reason, &info.domain);
            Some(Explanation::sentences([reason]))
        }
        "nebius.common.v1.ServiceError" => Some(explain_service_error(read(detail)?)),
        "" => None,
        other => Some(Explanation::sentences([text::unknown_detail(other)])),
    }
}

fn explain_service_error(error: ServiceError) -> Explanation {
    let retry = error.retry_type.as_known().unwrap_or_default();
    let is_quota = matches!(error.details, Some(Details::QuotaFailure(_)));
    let (sentences, resource) = match error.details {
        Some(Details::BadRequest(bad)) => {
            let violations = bad.violations.iter();
            let named = violations
                .map(|v| text::field(&v.field, &v.message, &v.related_fields))
                .collect();
            (named, None)
        }
        Some(Details::BadResourceState(state)) => {
            (vec![text::fact(&state.message)], Some(state.resource_id))
        }
        Some(Details::ResourceNotFound(missing)) => (Vec::new(), Some(missing.resource_id)),
        Some(Details::ResourceAlreadyExists(existing)) => (Vec::new(), Some(existing.resource_id)),
        Some(Details::OutOfRange(range)) => {
            let sentence = text::out_of_range(&range.requested, &range.limit);
            (vec![sentence], None)
        }
        Some(Details::PermissionDenied(denied)) => (Vec::new(), Some(denied.resource_id)),
        Some(Details::ResourceConflict(conflict)) => {
            let sentence = text::fact(&conflict.message);
            (vec![sentence], Some(conflict.resource_id))
        }
        Some(Details::OperationAborted(aborted)) => {
            let by = &aborted.aborted_by_operation_id;
            let sentence = text::operation_aborted(&aborted.operation_id, by);
            (vec![sentence], Some(aborted.resource_id))
        }
        Some(Details::OperationConflict(conflict)) => {
            let sentence = text::operation_conflict(&conflict.conflicting_operation_id);
            (vec![sentence], Some(conflict.resource_id))
        }
        Some(Details::TooManyRequests(requests)) => (vec![text::fact(&requests.violation)], None),
        Some(Details::QuotaFailure(quotas)) => {
            let violations = quotas.violations.iter();
            let sentences = violations
                .map(|v| text::quota(&v.quota, &v.message, &v.limit, &v.requested))
                .collect();
            (sentences, None)
        }
        Some(Details::NotEnoughResources(lacking)) => {
            let violations = lacking.violations.iter();
            let sentences = violations
                .map(|v| text::not_enough(&v.resource_type, &v.message, &v.requested))
                .collect();
            (sentences, None)
        }
        Some(Details::InternalError(internal)) => {
            let has_id = !internal.request_id.is_empty() || !internal.trace_id.is_empty();
            let sentence = has_id.then(|| text::internal(&internal.request_id, &internal.trace_id));
            (sentence.into_iter().collect(), None)
        }
        None => (vec![text::reason(&error.code, &error.service)], None),
    };
    Explanation {
        sentences,
        resources: resource.into_iter().collect(),
        retry,
        is_quota,
    }
}

fn read<T: Message>(detail: &Any) -> Option<T> {
    T::decode_from_slice(&detail.value).ok()
}

#[cfg(test)]
mod tests {
    use keyside_iam::{MessageField, rpc::bad_request::FieldViolation};
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn sentences_of(kind: &str, message: &impl Message) -> Vec<String> {
        let detail = Any {
            type_url: kind.to_owned(),
            value: message.encode_to_vec().into(),
            ..Default::default()
        };
        Explanation::of(&[detail]).sentences
    }

    #[test]
    fn known_details_become_sentences() {
        let after = |seconds, nanos| RetryInfo {
            retry_delay: MessageField::some(keyside_iam::Duration {
                seconds,
                nanos,
                ..Default::default()
            }),
            ..Default::default()
        };
        assert_eq!(
            sentences_of("google.rpc.RetryInfo", &after(1, 0)),
            ["The API asks you to wait 1 second."]
        );
        assert_eq!(
            sentences_of("type.googleapis.com/google.rpc.RetryInfo", &after(3, 1)),
            ["The API asks you to wait 4 seconds."]
        );
        let bad = BadRequest {
            field_violations: vec![FieldViolation {
                field: "spec.data".to_owned(),
                description: "too short".to_owned(),
                ..Default::default()
            }],
            ..Default::default()
        };
        assert_eq!(
            sentences_of("google.rpc.BadRequest", &bad),
            ["spec.data: too short."]
        );
        let info = ErrorInfo {
            reason: "QUOTA".to_owned(),
            domain: "iam".to_owned(),
            ..Default::default()
        };
        assert_eq!(
            sentences_of("google.rpc.ErrorInfo", &info),
            ["Reason: QUOTA (iam)."]
        );
    }

    /// As the real API sends it, in base64.
    fn service_error(base64: &str) -> Explanation {
        Explanation::of(&[Any {
            type_url: "nebius.common.v1.ServiceError".to_owned(),
            value: decode_base64(base64).unwrap().into(),
            ..Default::default()
        }])
    }

    #[test]
    fn a_service_error_is_explained() {
        let quota = service_error(
            "CgNpYW0SDFF1b3RhRmFpbHVyZeoIVwpVChlpYW0uYXV0aC1wdWJsaWMta2V5LmNvdW50EjB0b28gbWFueSBh\
             dXRob3JpemVkIGtleXMgb2YgdGhpcyBzZXJ2aWNlIGFjY291bnQaAjEwIgIxMfABAw",
        );
        assert_eq!(
            quota.sentences,
            [
                "Quota iam.auth-public-key.count: too many authorized keys of this service account. \
              Limit: 10; requested: 11."
            ]
        );
        assert!(quota.is_quota);
        assert_eq!(quota.retry, RetryType::NOTHING);
        let denied =
            service_error("CgNpYW0SEFBlcm1pc3Npb25EZW5pZWTCBxgKFnByb2plY3QtZTAwa2V5c2lkZWNhc2U");
        assert_eq!(denied.resources, ["project-e00keysidecase"]);
        let bad = service_error(
            "CgNpYW0SCkJhZFJlcXVlc3SiBjIKMAoJc3BlYy5kYXRhEiN0aGUga2V5IG11c3QgaGF2ZSA0MDk2IGJpdHMg\
             b3IgbW9yZfABAw",
        );
        assert_eq!(
            bad.sentences,
            ["spec.data: the key must have 4096 bits or more."]
        );
    }

    #[test]
    fn a_service_error_without_known_details_is_named() {
        let error = ServiceError {
            service: "iam".to_owned(),
            code: "NewKind".to_owned(),
            ..Default::default()
        };
        assert_eq!(
            sentences_of("nebius.common.v1.ServiceError", &error),
            ["Reason: NewKind (iam)."]
        );
    }

    #[test]
    fn unknown_details_are_named_and_malformed_ones_skipped() {
        assert_eq!(
            sentences_of("nebius.common.v1.Quota", &ErrorInfo::default()),
            ["There's an error detail of an unknown type, nebius.common.v1.Quota."]
        );
        let broken = Any {
            type_url: "google.rpc.RetryInfo".to_owned(),
            value: vec![0xff].into(),
            ..Default::default()
        };
        assert_eq!(Explanation::of(&[broken]), Explanation::default());
    }

    #[test]
    fn base64_is_decoded_with_and_without_padding() {
        assert_eq!(decode_base64("YQ==").as_deref(), Some(b"a".as_slice()));
        assert_eq!(decode_base64("YQ").as_deref(), Some(b"a".as_slice()));
        assert_eq!(decode_base64("!"), None);
    }
}
