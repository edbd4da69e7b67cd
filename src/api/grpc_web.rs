//! gRPC-Web frames and trailers.

use buffa::Message;
use connectrpc::ErrorCode;
use keyside_iam::rpc::Status;

use super::{Problem, error_detail::decode_base64, problem::Refusal, unary::Reply};

/// The size of a frame's flags and length.
const PREFIX_BYTES: usize = 5;
const MESSAGE: u8 = 0;
const TRAILERS: u8 = 0x80;

/// Encodes a message as one uncompressed frame.
pub fn frame(message: &[u8]) -> Vec<u8> {
    // The length fits into 32 bits: requests have a few thousand bytes.
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    [&[MESSAGE], length.to_be_bytes().as_slice(), message].concat()
}

/// The response's message.
///
/// # Errors
/// If the API rejected the call, or the response isn't a gRPC-Web response.
pub fn read(reply: &Reply) -> Result<Vec<u8>, Problem> {
    let header = |name: &str| reply.headers.get(name);
    // Without a message, trailers may be sent as headers.
    if let Some(refusal) = refusal(header)? {
        return Err(refusal.into_problem(header));
    }
    let is_grpc_web =
        reply.has_type("application/grpc-web+proto") || reply.has_type("application/grpc-web");
    if reply.status != 200 || !is_grpc_web {
        return Err(reply.of_another_server());
    }
    let (message, trailers) = read_frames(&reply.body).ok_or(Problem::Unreadable)?;
    let trailer = |name: &str| {
        let mut lines = trailers.lines().filter_map(|line| line.split_once(':'));
        let (_, value) = lines.find(|(found, _)| found.trim().eq_ignore_ascii_case(name))?;
        Some(value.trim().to_owned())
    };
    if trailer("grpc-status").is_none() {
        return Err(Problem::Unreadable);
    }
    match refusal(trailer)? {
        None => message.ok_or(Problem::Unreadable),
        Some(refusal) => Err(refusal.into_problem(|name| header(name).or_else(|| trailer(name)))),
    }
}

/// The message, if any, and the trailers after it.
fn read_frames(mut body: &[u8]) -> Option<(Option<Vec<u8>>, &str)> {
    let mut message = None;
    loop {
        let (prefix, rest) = body.split_at_checked(PREFIX_BYTES)?;
        let (flags, length) = prefix.split_first()?;
        let length = usize::try_from(u32::from_be_bytes(length.try_into().ok()?)).ok()?;
        let (content, rest) = rest.split_at_checked(length)?;
        match *flags {
            MESSAGE if message.is_none() => message = Some(content.to_vec()),
            TRAILERS if rest.is_empty() => return Some((message, str::from_utf8(content).ok()?)),
            _ => return None,
        }
        body = rest;
    }
}

/// The error in trailers or headers; `None` without a status or with status 0.
fn refusal(field: impl Fn(&str) -> Option<String>) -> Result<Option<Refusal>, Problem> {
    let Some(status) = field("grpc-status") else {
        return Ok(None);
    };
    let status: u32 = status.parse().map_err(|_| Problem::Unreadable)?;
    if status == 0 {
        return Ok(None);
    }
    let message = field("grpc-message").unwrap_or_default();
    let details = field("grpc-status-details-bin")
        .and_then(|value| Status::decode_from_slice(&decode_base64(&value)?).ok())
        .map(|status| status.details)
        .unwrap_or_default();
    Ok(Some(Refusal {
        code: ErrorCode::from_grpc_code(status).unwrap_or(ErrorCode::Unknown),
        // Percent-encoded UTF-8; invalid encodings stay as they are.
        message: js_sys::decode_uri_component(&message).map_or(message, String::from),
        details,
    }))
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::api::unary::tests::reply;

    const TYPE: (&str, &str) = ("content-type", "application/grpc-web+proto");

    fn trailers(text: &str) -> Vec<u8> {
        let mut trailers = frame(text.as_bytes());
        trailers[0] = TRAILERS;
        trailers
    }

    fn read_body(body: Vec<u8>) -> Result<Vec<u8>, Problem> {
        read(&reply(200, &[TYPE], body))
    }

    #[test]
    fn a_message_precedes_trailers_with_status_0() {
        assert_eq!(frame(b"ab"), b"\0\0\0\0\x02ab");
        let good = [frame(b"ab"), trailers("grpc-status:0\r\n")].concat();
        assert_eq!(read_body(good.clone()), Ok(b"ab".to_vec()));
        // Truncated and oversized bodies are unreadable.
        for length in 0..good.len() {
            assert_eq!(
                read_body(good[..length].to_vec()),
                Err(Problem::Unreadable),
                "{length}"
            );
        }
        for bad in [
            [good.as_slice(), b"x"].concat(),
            [frame(b"ab"), good.clone()].concat(),
            [b"\x01", &good[1..]].concat(),
            [frame(b"ab"), trailers("server: x\r\n")].concat(),
            trailers("grpc-status: 0\r\n"),
            b"<html></html>".to_vec(),
        ] {
            assert_eq!(read_body(bad), Err(Problem::Unreadable));
        }
    }

    #[test]
    fn errors_are_decoded_from_trailers_and_headers() {
        // google.rpc.Status { code: 8, details: [RetryInfo { retry_delay: 17 s }] }
        let details = "CAgaMAoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJldHJ5SW5mbxIECgIIEQ==";
        let expected = |problem| match problem {
            Problem::Refused(error) => {
                assert_eq!(error.code, ErrorCode::ResourceExhausted);
                assert_eq!(error.message, "too many, größer");
                assert_eq!(error.explanation.sentences.len(), 1);
                assert_eq!(error.support, [("Request ID", "r1".to_owned())]);
            }
            other => panic!("{other:?}"),
        };
        let text = format!(
            "Grpc-Status: 8\r\ngrpc-message: too many, gr%C3%B6%C3%9Fer\r\n\
             grpc-status-details-bin: {details}\r\nx-request-id: r1\r\n"
        );
        expected(read_body(trailers(&text)).unwrap_err());
        let headers = [
            TYPE,
            ("grpc-status", "8"),
            ("grpc-message", "too many, gr%C3%B6%C3%9Fer"),
            ("grpc-status-details-bin", details),
            ("x-request-id", "r1"),
        ];
        expected(read(&reply(200, &headers, "")).unwrap_err());
    }

    #[test]
    fn responses_of_proxies_are_recognized() {
        for status in [200, 502] {
            let page = reply(status, &[("content-type", "text/html")], "<html>");
            assert!(matches!(read(&page), Err(Problem::OtherServer { .. })));
        }
        let odd = reply(200, &[TYPE, ("grpc-status", "many")], "");
        assert_eq!(read(&odd), Err(Problem::Unreadable));
        let raw = reply(
            200,
            &[TYPE, ("grpc-status", "99"), ("grpc-message", "100%")],
            "",
        );
        match read(&raw) {
            Err(Problem::Refused(error)) => {
                assert_eq!((error.code, &*error.message), (ErrorCode::Unknown, "100%"));
            }
            other => panic!("{other:?}"),
        }
    }
}
