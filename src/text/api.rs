//! Texts for failed calls.
#![allow(missing_docs)]

use connectrpc::ErrorCode;

pub const UNREACHABLE: &str = "The API didn't answer. Check that the server is running and that you're online, \
    then try again.";
pub const UNREADABLE: &str = "The API's answer can't be read. Check that the address serves a compatible version \
    of the IAM API.";
pub const OPERATION_FAILED: &str = "The API accepted the request but couldn't carry it out. Read the details, then \
    try again.";
pub const OPERATION_SLOW: &str = "The API hasn't finished the request after two minutes. Try again to continue \
    waiting for the same operation.";
pub const ANONYMOUS: &str = "This token isn't linked to an account. Run nebius iam get-access-token and paste \
    the new one.";
pub const BAD_TOKEN: &str =
    "This isn't a valid access token. Copy the whole token, without line breaks.";
pub const DETAILS: &str = "Details";
pub const SUPPORT: &str = "For API support:";
/// Headers that API support asks for, and their labels.
pub const SUPPORT_FIELDS: [(&str, &str); 2] =
    [("x-request-id", "Request ID"), ("x-trace-id", "Trace ID")];
pub const PROOF_REFUSED: &str = "Nebius rejected these credentials.";

pub fn bad_base(base: &str) -> String {
    format!(
        "The API address in config.json isn't valid: \"{base}\". Ask your Keyside administrator to fix it."
    )
}

pub fn bad_config(why: &str) -> String {
    format!("config.json can't be read: {why}. Ask your Keyside administrator to fix it.")
}

/// The meaning of an API error, and what to do.
pub fn refusal(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::Unauthenticated => {
            "Your access token is wrong or has expired. Sign in again; your work stays here."
        }
        ErrorCode::PermissionDenied => {
            "You don't have permission to do this. Ask a tenant admin to add you to a group with the admin role, \
             such as admins."
        }
        ErrorCode::NotFound => {
            "The API can't find what you asked for. Check the ID and the project, then try again."
        }
        ErrorCode::InvalidArgument | ErrorCode::OutOfRange => {
            "The API rejected the request as invalid. Correct the fields named in the details, then try again."
        }
        ErrorCode::AlreadyExists => {
            "This name is already taken. Choose another name, or use the one that exists."
        }
        ErrorCode::FailedPrecondition | ErrorCode::Aborted => {
            "Something has changed in the meantime. Check the current state, then try again."
        }
        ErrorCode::ResourceExhausted => "A limit has been reached. Wait a moment, then try again.",
        ErrorCode::Unimplemented => {
            "The API at this address doesn't support this request. Ask your Keyside administrator to check it."
        }
        ErrorCode::Unavailable | ErrorCode::DeadlineExceeded => {
            "The API is unavailable right now. Wait a moment, then try again."
        }
        _ => "The API couldn't carry out the request. Wait a moment, then try again.",
    }
}

/// The message of an error that has only an HTTP status.
pub fn http_status(status: u16) -> String {
    format!("HTTP status {status}")
}

pub fn retry_after(seconds: i64) -> String {
    format!(
        "The API asks you to wait {}.",
        super::count(seconds, "second")
    )
}

pub fn reason(reason: &str, domain: &str) -> String {
    format!("Reason: {reason} ({domain}).")
}

pub fn unknown_detail(kind: &str) -> String {
    format!("There's an error detail of an unknown type, {kind}.")
}
