//! Checks that the API can be reached the way the page reaches it, and that the clocks agree.

use std::time::{Duration, SystemTime};

use http::Uri;

use super::{
    Finding::{self, Hint, Passed, Problem},
    page::{Config, Protocol, join},
};
use crate::fetch::{Answer, Fetch};

/// A JWT is valid for 60 s. Half of that is reserved for the network.
const MAX_SKEW: Duration = Duration::from_secs(30);

const METHOD: &str = "nebius.iam.v1.ProfileService/Get";

/// Calls the API without a token, which must be answered with UNAUTHENTICATED.
pub async fn check(fetch: &Fetch, page: &Uri, config: &Config, findings: &mut Vec<Finding>) {
    let Some(uri) = address(page, &config.api) else {
        findings.push(Problem(format!(
            "the API address in config.json isn't valid: \"{}\". Set api to a URL or a path",
            config.api
        )));
        return;
    };
    let answer = match config.protocol {
        Protocol::Connect => fetch.post(&uri, "application/proto", &b""[..]).await,
        // The frame of an empty message, not compressed.
        Protocol::GrpcWeb => {
            fetch
                .post(&uri, "application/grpc-web+proto", &[0_u8; 5][..])
                .await
        }
    };
    match answer {
        Err(why) => findings.push(Problem(format!(
            "can't reach the API at {uri}: {why}. Check api in config.json, and that the server is \
             running"
        ))),
        Ok(answer) => {
            findings.push(check_answer(&uri, &answer));
            findings.push(check_clock(&answer));
        }
    }
}

/// The address of the method that's called. `api` is relative to the page.
fn address(page: &Uri, api: &str) -> Option<Uri> {
    if api.contains("://") {
        return format!("{}/{METHOD}", api.trim_end_matches('/'))
            .parse()
            .ok();
    }
    match api.trim_end_matches('/') {
        "" if api.is_empty() => join(page, METHOD),
        path if api.starts_with('/') => {
            let mut parts = page.clone().into_parts();
            parts.path_and_query = Some(format!("{path}/{METHOD}").parse().ok()?);
            Uri::from_parts(parts).ok()
        }
        path => join(page, &format!("{path}/{METHOD}")),
    }
}

fn check_answer(uri: &Uri, answer: &Answer) -> Finding {
    if has_code(answer, "unauthenticated", 16) {
        return Passed("the API answers and requires a token".to_owned());
    }
    if has_code(answer, "unavailable", 14) {
        return Problem(format!(
            "{uri} answers, but can't reach the API behind it. Check its log"
        ));
    }
    Problem(format!(
        "{uri} answers {} with content type \"{}\", so it isn't the IAM API. Check api and protocol \
         in config.json",
        answer.status,
        answer.header("content-type")
    ))
}

/// Whether the answer is this error: Connect has the name in its JSON, gRPC the number in the headers
/// or in the trailers, which gRPC-Web puts in the body.
fn has_code(answer: &Answer, name: &str, number: u8) -> bool {
    let body = String::from_utf8_lossy(&answer.body);
    body.contains(&format!("\"{name}\""))
        || answer.header("grpc-status") == number.to_string()
        || body.contains(&format!("grpc-status: {number}"))
        || body.contains(&format!("grpc-status:{number}"))
}

fn check_clock(answer: &Answer) -> Finding {
    let date = answer.header("date");
    let Ok(theirs) = httpdate::parse_http_date(date) else {
        return Hint(
            "the API's answer has no Date header, so the clocks can't be compared".to_owned(),
        );
    };
    let ours = SystemTime::now();
    let skew = ours
        .duration_since(theirs)
        .unwrap_or_else(|error| error.duration());
    if skew > MAX_SKEW {
        Problem(format!(
            "this machine's clock and the API's differ by {} s. JWTs are valid for 60 s and would be \
             rejected. Set the clock",
            skew.as_secs()
        ))
    } else {
        Passed(format!(
            "the clocks agree to within {} s",
            skew.as_secs().max(1)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(page: &str, api: &str) -> String {
        address(&page.parse().unwrap(), api).unwrap().to_string()
    }

    #[test]
    fn the_api_address_is_relative_to_the_page() {
        let page = "https://intern.example/tools/keys/";
        assert_eq!(resolve(page, ""), format!("{page}{METHOD}"));
        assert_eq!(
            resolve(page, "/iam"),
            format!("https://intern.example/iam/{METHOD}")
        );
        assert_eq!(resolve(page, "iam/"), format!("{page}iam/{METHOD}"));
        assert_eq!(
            resolve(page, "https://iam.example/"),
            format!("https://iam.example/{METHOD}")
        );
        assert_eq!(
            resolve("https://intern.example", ""),
            format!("https://intern.example/{METHOD}")
        );
    }

    #[test]
    fn clocks_are_compared_by_the_date_header() {
        let answer = |date: SystemTime| Answer {
            status: http::StatusCode::OK,
            headers: [(
                http::header::DATE,
                httpdate::fmt_http_date(date).parse().unwrap(),
            )]
            .into_iter()
            .collect(),
            body: bytes::Bytes::new(),
        };
        assert!(matches!(check_clock(&answer(SystemTime::now())), Passed(_)));
        for seconds in [40, 100_000] {
            let skew = Duration::from_secs(seconds);
            assert!(matches!(
                check_clock(&answer(SystemTime::now() - skew)),
                Problem(_)
            ));
            assert!(matches!(
                check_clock(&answer(SystemTime::now() + skew)),
                Problem(_)
            ));
        }
    }
}
