//! What an API adds to an error (`google.rpc` error details), in words.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD},
};
use buffa::Message;
use connectrpc::ErrorDetail;
use keyside_iam::rpc::{BadRequest, ErrorInfo, RetryInfo};

use crate::text::api as text;

/// One sentence a detail; those of unknown kinds are named.
pub fn in_words(details: &[ErrorDetail]) -> Vec<String> {
    details.iter().filter_map(sentence).collect()
}

fn sentence(detail: &ErrorDetail) -> Option<String> {
    let kind = detail.type_url.rsplit('/').next().unwrap_or_default();
    match kind {
        "google.rpc.RetryInfo" => {
            let delay = read::<RetryInfo>(detail)?.retry_delay.into_option()?;
            // Part of a second is not worth a word, but never too early.
            let seconds = delay.seconds + i64::from(delay.nanos > 0);
            Some(text::retry_after(seconds))
        }
        "google.rpc.BadRequest" => {
            let violations = read::<BadRequest>(detail)?.field_violations;
            let told: Vec<_> = violations
                .iter()
                .map(|violation| format!("{}: {}", violation.field, violation.description))
                .collect();
            (!told.is_empty()).then(|| format!("{}.", told.join("; ")))
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
    let value = detail.value.as_deref()?;
    let bytes = BASE64_STANDARD_NO_PAD
        .decode(value)
        .or_else(|_| BASE64_STANDARD.decode(value))
        .ok()?;
    T::decode_from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use keyside_iam::{MessageField, rpc::bad_request::FieldViolation};
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn said(kind: &str, message: &impl Message) -> Vec<String> {
        in_words(&[ErrorDetail::from_message(kind, message)])
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
            said("google.rpc.RetryInfo", &after(1, 0)),
            ["The API asks you to wait 1 second."]
        );
        assert_eq!(
            said("type.googleapis.com/google.rpc.RetryInfo", &after(3, 1)),
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
            said("google.rpc.BadRequest", &bad),
            ["spec.data: too short."]
        );
        let info = ErrorInfo {
            reason: "QUOTA".to_owned(),
            domain: "iam".to_owned(),
            ..Default::default()
        };
        assert_eq!(
            said("google.rpc.ErrorInfo", &info),
            ["Reason: QUOTA (iam)."]
        );
    }

    #[test]
    fn others_are_named_and_broken_ones_left_out() {
        assert_eq!(
            said("nebius.common.v1.Quota", &ErrorInfo::default()),
            ["The API adds a detail of type nebius.common.v1.Quota."]
        );
        let broken = ErrorDetail {
            type_url: "google.rpc.RetryInfo".to_owned(),
            value: Some("!".to_owned()),
            debug: None,
        };
        assert!(in_words(&[broken]).is_empty());
    }
}
