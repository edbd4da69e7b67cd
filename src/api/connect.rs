//! Connect protocol responses: a message, or an error in JSON.

use keyside_iam::Any;
use serde::Deserialize;

use super::{
    Problem,
    error_detail::decode_base64,
    problem::Refusal,
    unary::{Protocol, Reply},
};

/// <https://connectrpc.com/docs/protocol#error-end-stream>
#[derive(Deserialize)]
struct JsonError {
    code: String,
    message: Option<String>,
    #[serde(default)]
    details: Vec<JsonDetail>,
}

#[derive(Deserialize)]
struct JsonDetail {
    #[serde(rename = "type")]
    type_name: String,
    /// Base64, mostly without padding.
    value: String,
}

/// The response's message.
///
/// # Errors
/// If the API rejected the call, or the response isn't a Connect response.
pub fn read(reply: &Reply) -> Result<Vec<u8>, Problem> {
    if reply.status == 200 {
        return if reply.has_type(Protocol::Connect.content_type()) {
            Ok(reply.body.clone())
        } else {
            Err(reply.of_another_server())
        };
    }
    if !reply.has_type("application/json") {
        return Err(reply.of_another_server());
    }
    let refusal = read_error(reply).unwrap_or_else(|| reply.refusal_by_status());
    Err(refusal.into_problem(|name| reply.headers.get(name)))
}

fn read_error(reply: &Reply) -> Option<Refusal> {
    let json = js_sys::JSON::parse(str::from_utf8(&reply.body).ok()?).ok()?;
    let error: JsonError = serde_wasm_bindgen::from_value(json).ok()?;
    let by_status = reply.refusal_by_status();
    let details = error.details.into_iter();
    Some(Refusal {
        code: error.code.parse().unwrap_or(by_status.code),
        message: error.message.unwrap_or_default(),
        details: details
            .map(|detail| Any {
                type_url: detail.type_name,
                value: decode_base64(&detail.value).unwrap_or_default().into(),
                ..Default::default()
            })
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use connectrpc::ErrorCode;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::api::unary::tests::reply;

    const JSON: (&str, &str) = ("content-type", "application/json");
    const PROTO: (&str, &str) = ("content-type", "application/proto");

    fn refused(reply: Reply) -> (ErrorCode, String) {
        match read(&reply) {
            Err(Problem::Refused(error)) => (error.code, error.message),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_message_needs_the_right_content_type() {
        assert_eq!(read(&reply(200, &[PROTO], [1, 2])), Ok(vec![1, 2]));
        let page = reply(200, &[("content-type", "text/html")], "<html>");
        let problem = read(&page).unwrap_err();
        assert!(problem.to_string().contains("web page"), "{problem}");
    }

    #[test]
    fn errors_are_decoded_with_details_and_request_id() {
        let body = r#"{ "code": "not_found", "message": "no key",
            "details": [{ "type": "google.rpc.RetryInfo", "value": "CgIIEQ", "debug": {} }] }"#;
        let headers = [JSON, ("x-request-id", "r1")];
        let Err(Problem::Refused(error)) = read(&reply(404, &headers, body)) else {
            panic!("a refusal");
        };
        assert_eq!(error.code, ErrorCode::NotFound);
        assert_eq!(error.message, "no key");
        assert_eq!(
            error.explanation.sentences,
            ["The API asks you to wait 17 seconds."]
        );
        assert_eq!(error.support, [("Request ID", "r1".to_owned())]);
    }

    #[test]
    fn answers_of_proxies_are_named_and_do_not_blame_the_token() {
        const HTML: (&str, &str) = ("content-type", "text/html");
        const PLAIN: (&str, &str) = ("content-type", "text/plain; charset=utf-8");
        const BASIC: (&str, &str) = ("www-authenticate", "Basic realm=\"x\"");
        let problem = |answer: &Reply| read(answer).unwrap_err();
        for (answer, part) in [
            (reply(0, &[], ""), "redirects"),
            (reply(200, &[HTML], "<html>"), "web page"),
            (reply(401, &[HTML], "<html>"), "HTTP status 401"),
            (reply(401, &[BASIC], ""), "user name and password"),
            (reply(403, &[HTML], "<html>"), "HTTP status 403"),
            (reply(421, &[PLAIN], "x isn't a name"), "x isn't a name"),
            (reply(502, &[HTML], "<html>"), "HTTP status 502"),
            (reply(503, &[], ""), "HTTP status 503"),
        ] {
            let is_outage = answer.status >= 500;
            let problem = problem(&answer);
            assert!(problem.to_string().contains(part), "{problem}");
            assert!(!problem.to_string().contains("token"), "{problem}");
            assert!(!problem.is_unauthenticated());
            assert_eq!(problem.is_ambiguous(), is_outage, "{problem}");
        }
        let missing = problem(&reply(404, &[HTML], "<html>"));
        assert!(missing.to_string().contains("doesn't support"), "{missing}");
    }

    #[test]
    fn malformed_errors_fall_back_to_the_http_status() {
        for body in ["", "[]", "{}", r#"{ "code": 5 }"#, "{ \"code\""] {
            assert_eq!(
                refused(reply(403, &[JSON], body)).0,
                ErrorCode::PermissionDenied
            );
        }
        let unknown = reply(429, &[JSON], r#"{ "code": "new", "message": "slow down" }"#);
        assert_eq!(
            refused(unknown),
            (ErrorCode::Unavailable, "slow down".to_owned())
        );
    }
}
