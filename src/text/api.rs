//! Texts for failed calls.

use connectrpc::ErrorCode;
use keyside_iam::common::service_error::RetryType;

pub const UNREACHABLE: &str = "The API didn't answer. Check that the server is running and that you're online, \
    then try again.";
pub const UNREADABLE: &str = "The API's answer can't be read. Check that the address serves a compatible version \
    of the IAM API.";
const OPERATION_FAILED: [&str; 2] = [
    "The API accepted the request but couldn't carry it out.",
    "Read the details, then try again.",
];
const QUOTA_USED_UP: [&str; 2] = [
    "You've reached a quota.",
    "Delete what you no longer need, or ask for a higher quota.",
];
const RETRY_CALL: &str = "Wait a moment, then try again.";
const RETRY_WORK: &str = "Check the current state, then start again.";
const RETRY_NOTHING: &str = "Trying again won't help: the details say why.";
pub const OPERATION_SLOW: &str = "The API hasn't finished the request after two minutes. Try again to continue \
    waiting for the same operation.";
pub const ANONYMOUS: &str = "This token isn't linked to an account. Run nebius iam get-access-token and paste \
    the new one.";
pub const BAD_TOKEN: &str =
    "This isn't a valid access token. Copy the whole token, without line breaks.";
pub const DETAILS: &str = "Details";
pub const RESOURCE: &str = "Resource:";
pub const SUPPORT: &str = "For API support:";
/// Headers that API support asks for, and their labels.
pub const SUPPORT_FIELDS: [(&str, &str); 2] =
    [("x-request-id", "Request ID"), ("x-trace-id", "Trace ID")];
pub const CODE_REFUSED: &str = "This sign-in address no longer works: it was already used, it's older than \
    10 minutes, or Keyside was restarted. For a new one, press Enter in the terminal that runs keyside serve, \
    or run keyside open.";
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
pub fn refusal(code: ErrorCode, retry: RetryType, is_quota: bool) -> String {
    advise(meaning(code), retry, is_quota)
}

/// The meaning of a failed operation, and what to do.
pub fn operation_failed(retry: RetryType, is_quota: bool) -> String {
    advise(OPERATION_FAILED, retry, is_quota)
}

fn advise([what, advice]: [&str; 2], retry: RetryType, is_quota: bool) -> String {
    let [what, advice] = match retry {
        _ if is_quota => QUOTA_USED_UP,
        RetryType::CALL => [what, RETRY_CALL],
        RetryType::UNIT_OF_WORK => [what, RETRY_WORK],
        RetryType::NOTHING if advice == RETRY_CALL => [what, RETRY_NOTHING],
        RetryType::NOTHING | RetryType::UNSPECIFIED => [what, advice],
    };
    format!("{what} {advice}")
}

fn meaning(code: ErrorCode) -> [&'static str; 2] {
    match code {
        ErrorCode::Unauthenticated => [
            "Your access token is wrong or has expired.",
            "Sign in again; your work stays here.",
        ],
        ErrorCode::PermissionDenied => [
            "You don't have permission to do this.",
            "Ask a tenant admin to add you to a group with the admin role, such as admins.",
        ],
        ErrorCode::NotFound => [
            "The API can't find what you asked for.",
            "Check the ID and the project, then try again.",
        ],
        ErrorCode::InvalidArgument | ErrorCode::OutOfRange => [
            "The API rejected the request as invalid.",
            "Correct the fields named in the details, then try again.",
        ],
        ErrorCode::AlreadyExists => [
            "This name is already taken.",
            "Choose another name, or use the one that exists.",
        ],
        ErrorCode::FailedPrecondition | ErrorCode::Aborted => [
            "Something has changed in the meantime.",
            "Check the current state, then try again.",
        ],
        ErrorCode::ResourceExhausted => ["A limit has been reached.", RETRY_CALL],
        ErrorCode::Unimplemented => [
            "The API at this address doesn't support this request.",
            "Ask your Keyside administrator to check it.",
        ],
        ErrorCode::Unavailable | ErrorCode::DeadlineExceeded => {
            ["The API is unavailable right now.", RETRY_CALL]
        }
        _ => ["The API couldn't carry out the request.", RETRY_CALL],
    }
}

/// The message of an error that has only an HTTP status.
pub fn http_status(status: u16) -> String {
    format!("HTTP status {status}")
}

/// What a server answered instead of the API, and what to do.
pub fn other_server(status: u16, asks_for_password: bool, explanation: &str) -> String {
    const SIGN_IN: &str = "Your session there may have ended: open this page in another tab and sign in, then \
        try again here. Your work stays here.";
    let status_text = http_status(status);
    let (what, advice) = match status {
        0 => ("redirects, perhaps to a sign-in page".to_owned(), SIGN_IN),
        200 => ("sends a web page, perhaps to sign in".to_owned(), SIGN_IN),
        201..=299 => (
            format!("sends something other than the API ({status_text})"),
            "Ask your Keyside administrator.",
        ),
        401 if asks_for_password => (
            format!("asks for a user name and password ({status_text})"),
            SIGN_IN,
        ),
        401 | 403 => (format!("refuses the call ({status_text})"), SIGN_IN),
        429 | 500.. => (
            format!("can't pass the call on ({status_text})"),
            RETRY_CALL,
        ),
        _ => (
            format!("refuses the call ({status_text})"),
            "Ask your Keyside administrator.",
        ),
    };
    if !explanation.is_empty() {
        return format!("The call didn't reach the API ({status_text}). {explanation}");
    }
    format!("A server between this page and the API {what}. {advice}")
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

/// A message from the API as a sentence.
pub fn fact(message: &str) -> String {
    format!("{}.", message.trim_end_matches('.'))
}

/// What is wrong with a field of the request.
pub fn field(field: &str, message: &str, related: &[String]) -> String {
    let mut sentence = fact(&format!("{field}: {message}"));
    if !related.is_empty() {
        sentence = format!("{sentence} See also: {}.", related.join(", "));
    }
    sentence
}

pub fn out_of_range(requested: &str, limit: &str) -> String {
    format!("Limit: {limit}; requested: {requested}.")
}

pub fn quota(quota: &str, message: &str, limit: &str, requested: &str) -> String {
    let sentence = fact(&format!("Quota {quota}: {message}"));
    if limit.is_empty() && requested.is_empty() {
        return sentence;
    }
    format!("{sentence} {}", out_of_range(requested, limit))
}

pub fn not_enough(resource_type: &str, message: &str, requested: &str) -> String {
    let sentence = fact(&format!("{resource_type}: {message}"));
    format!("{sentence} Requested: {requested}.")
}

pub fn operation_aborted(operation: &str, by: &str) -> String {
    format!("The operation {operation} was aborted by {by}.")
}

pub fn operation_conflict(operation: &str) -> String {
    format!("The operation {operation} isn't finished yet.")
}

pub fn internal(request_id: &str, trace_id: &str) -> String {
    let [request, trace] = SUPPORT_FIELDS.map(|(_, name)| name);
    let ids = [(request, request_id), (trace, trace_id)];
    let ids = ids.into_iter().filter(|(_, id)| !id.is_empty());
    let ids: Vec<_> = ids.map(|(name, id)| format!("{name} {id}")).collect();
    format!("{SUPPORT} {}.", ids.join(", "))
}

pub fn resource(id: &str) -> String {
    format!("{RESOURCE} {id}.")
}

pub fn unknown_detail(kind: &str) -> String {
    format!("There's an error detail of an unknown type, {kind}.")
}
