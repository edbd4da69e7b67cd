//! The API: whether it can be reached as the page would, and whether the clocks agree.

use std::time::{Duration, SystemTime};

use http::Uri;

use super::{
    Finding::{self, Hint, Right, Wrong},
    fetch::{Answer, Fetch},
    page::{Config, Protocol, join},
};

/// A proof is valid for 60 s: half of it is left for the way.
const MOST_SKEW: Duration = Duration::from_secs(30);

const METHOD: &str = "nebius.iam.v1.ProfileService/Get";

/// Asks who nobody is, which the API must refuse to say.
pub async fn check(fetch: &Fetch, page: &Uri, config: &Config, findings: &mut Vec<Finding>) {
    let Some(uri) = address(page, &config.api) else {
        findings.push(Wrong(format!(
            "config.json names \"{}\" as the API's address, which is not one",
            config.api
        )));
        return;
    };
    let answer = match config.protocol {
        Protocol::Connect => fetch.post(&uri, "application/proto", b"").await,
        // An empty message: not compressed, of no bytes.
        Protocol::GrpcWeb => {
            fetch
                .post(&uri, "application/grpc-web+proto", &[0; 5])
                .await
        }
    };
    match answer {
        Err(why) => findings.push(Wrong(format!("the API at {uri} cannot be reached: {why}"))),
        Ok(answer) => {
            findings.push(verdict(&uri, &answer));
            findings.push(clock(&answer));
        }
    }
}

/// `api` is relative to the page.
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

fn verdict(uri: &Uri, answer: &Answer) -> Finding {
    if has_code(answer, "unauthenticated", 16) {
        return Right("the API answers, and wants a token".to_owned());
    }
    if has_code(answer, "unavailable", 14) {
        return Wrong(format!(
            "{uri} answers, but has no connection to the API behind it: look at its log"
        ));
    }
    Wrong(format!(
        "{uri} answers {} of the type \"{}\", which is not the IAM API's: does the path lead to \
         it, and does it speak what config.json says?",
        answer.status,
        answer.header("content-type")
    ))
}

/// Whether it is this error: by Connect's name in its JSON, or by gRPC's number in the headers, or
/// in the trailers, which gRPC-Web has in the body.
fn has_code(answer: &Answer, name: &str, number: u8) -> bool {
    let body = String::from_utf8_lossy(&answer.body);
    body.contains(&format!("\"{name}\""))
        || answer.header("grpc-status") == number.to_string()
        || body.contains(&format!("grpc-status: {number}"))
        || body.contains(&format!("grpc-status:{number}"))
}

fn clock(answer: &Answer) -> Finding {
    let date = answer.header("date");
    let Ok(theirs) = httpdate::parse_http_date(date) else {
        return Hint("the API's answer has no Date: the clocks cannot be compared".to_owned());
    };
    let ours = SystemTime::now();
    let skew = ours
        .duration_since(theirs)
        .unwrap_or_else(|error| error.duration());
    if skew > MOST_SKEW {
        Wrong(format!(
            "this machine's clock and the API's are {} s apart: proofs are valid for 60 s, and \
             would be refused. Set the clock",
            skew.as_secs()
        ))
    } else {
        Right(format!("the clocks agree to {} s", skew.as_secs().max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(page: &str, api: &str) -> String {
        address(&page.parse().unwrap(), api).unwrap().to_string()
    }

    #[test]
    fn the_api_is_found_as_the_page_finds_it() {
        let page = "https://intern.example/tools/keys/";
        assert_eq!(at(page, ""), format!("{page}{METHOD}"));
        assert_eq!(
            at(page, "/iam"),
            format!("https://intern.example/iam/{METHOD}")
        );
        assert_eq!(at(page, "iam/"), format!("{page}iam/{METHOD}"));
        assert_eq!(
            at(page, "https://iam.example/"),
            format!("https://iam.example/{METHOD}")
        );
        assert_eq!(
            at("https://intern.example", ""),
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
        assert!(matches!(clock(&answer(SystemTime::now())), Right(_)));
        for seconds in [40, 100_000] {
            let skew = Duration::from_secs(seconds);
            assert!(matches!(clock(&answer(SystemTime::now() - skew)), Wrong(_)));
            assert!(matches!(clock(&answer(SystemTime::now() + skew)), Wrong(_)));
        }
    }
}
