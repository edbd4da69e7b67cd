//! Texts of the request preview.

pub const TITLE: &str = "Request";
pub const NEVER: &str = "Never (omitted)";
pub const OMITTED: &str = "(omitted)";
pub const BODY: &str = "This is the whole body, in base64:";
pub const BODY_NAME: &str = "request body in base64";
pub const DECODE: &str = "To decode it:";
pub const COMMAND: &str = "base64 -d | protoc --decode_raw";
pub const FRAMED: &str = " (skip the first five bytes, which are the gRPC-Web frame header)";

pub fn head(url: &str, content_type: &str) -> String {
    format!(
        "POST {url}\ncontent-type: {content_type}\nauthorization: Bearer (your access token)\n\
         x-idempotency-key: (random)"
    )
}
