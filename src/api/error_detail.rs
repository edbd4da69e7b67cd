//! Converts error details (`google.rpc`) into sentences.

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use buffa::Message;
use keyside_iam::rpc::{BadRequest, ErrorInfo, RetryInfo};

use crate::text::api as text;

/// A detail of an API error.
pub struct ErrorDetail {
    /// The full type name, possibly after a host and a slash.
    pub type_name: String,
    /// The message in protobuf.
    pub value: Vec<u8>,
}

/// Decodes base64 with or without padding: servers send both.
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD_NO_PAD
        .decode(text.trim_end_matches('='))
        .ok()
}

/// One sentence per detail; details of unknown types are named.
pub fn sentences(details: &[ErrorDetail]) -> Vec<String> {
    details.iter().filter_map(sentence).collect()
}

fn sentence(detail: &ErrorDetail) -> Option<String> {
    let kind = detail.type_name.rsplit('/').next().unwrap_or_default();
    match kind {
        "google.rpc.RetryInfo" => {
            let delay = read::<RetryInfo>(detail)?.retry_delay.into_option()?;
            // Round up: not a second too early.
            let seconds = delay.seconds + i64::from(delay.nanos > 0);
            Some(text::retry_after(seconds))
        }
        "google.rpc.BadRequest" => {
            let violations = read::<BadRequest>(detail)?.field_violations;
            let named: Vec<_> = violations
                .iter()
                .map(|violation| format!("{}: {}", violation.field, violation.description))
                .collect();
            (!named.is_empty()).then(|| format!("{}.", named.join("; ")))
        }
        "google.rpc.ErrorInfo" => {
            let info = read::<ErrorInfo>(detail)?;
            Some(text::reason(&info.reason, &info.domain))
        }
        "" => None,
        other => Some(text::unknown_detail(other)),
    }
}

fn read<T: Message>(detail: &ErrorDetail) -> Option<T> {
    T::decode_from_slice(&detail.value).ok()
}

#[cfg(test)]
mod tests {
    use keyside_iam::{MessageField, rpc::bad_request::FieldViolation};
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn sentences_of(kind: &str, message: &impl Message) -> Vec<String> {
        let detail = ErrorDetail {
            type_name: kind.to_owned(),
            value: message.encode_to_vec(),
        };
        sentences(&[detail])
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

    #[test]
    fn unknown_details_are_named_and_malformed_ones_skipped() {
        assert_eq!(
            sentences_of("nebius.common.v1.Quota", &ErrorInfo::default()),
            ["There's an error detail of an unknown type, nebius.common.v1.Quota."]
        );
        let broken = ErrorDetail {
            type_name: "google.rpc.RetryInfo".to_owned(),
            value: vec![0xff],
        };
        assert!(sentences(&[broken]).is_empty());
    }

    #[test]
    fn base64_is_decoded_with_and_without_padding() {
        assert_eq!(decode_base64("YQ==").as_deref(), Some(b"a".as_slice()));
        assert_eq!(decode_base64("YQ").as_deref(), Some(b"a".as_slice()));
        assert_eq!(decode_base64("!"), None);
    }
}
