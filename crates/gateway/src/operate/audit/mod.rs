//! The audit log: one JSON line for each change, with the caller, the key, account or group, and the
//! outcome, chained to the line before. It never contains key material or tokens.

mod chain;
mod verify;

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

use connectrpc::{Payload, interceptor::UnaryResponse};
use http::HeaderValue;
use keyside_iam::{
    common::Operation,
    iam::{oneof::revoke_session_request::Revoke, *},
    token_exchange::{ACCESS_TOKEN_TYPE, SUBJECT_IDENTIFIER_TYPE},
};
use serde::Serialize;
use zeroize::Zeroizing;

use self::chain::Chain;
pub use self::verify::verify;
use super::Caller;
use crate::{error::StartError, parsers};

/// The change that a call makes or attempts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The key, account or membership, if it's known.
    target: Option<String>,
    /// The key's account, the account's project, or the membership's group.
    within: Option<String>,
    /// The account that is added to a group.
    member: Option<String>,
}

/// One line, without its time.
pub struct Entry<'a> {
    pub request_id: &'a str,
    /// The upstream's ID of the call.
    pub upstream_request_id: Option<&'a str>,
    pub by: Option<&'a Caller>,
    /// `Service/Method`.
    pub action: &'a str,
    pub change: &'a Change,
    /// `ok`, or the error code. After `canceled`, the change may have been made.
    pub outcome: &'a str,
}

#[derive(Serialize)]
struct Line<'a> {
    /// RFC 3339, UTC.
    time: String,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream_request_id: Option<&'a str>,
    /// The caller's account, or subject.
    by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    action: &'a str,
    target: Option<&'a str>,
    within: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<&'a str>,
    outcome: &'a str,
}

/// The open audit log.
pub struct Audit(Mutex<Chain>);

impl Audit {
    /// Opens the log for appending.
    ///
    /// # Errors
    /// Returns an error if the file can't be used, or if another gateway writes to it.
    pub fn open(path: &Path) -> Result<Self, StartError> {
        Ok(Self(Mutex::new(Chain::open(path)?)))
    }

    /// Writes one record; returns its hash, which is SHA-256 in hexadecimal.
    ///
    /// # Errors
    /// Returns an error if the record can't be written and is lost.
    pub fn write(&self, entry: &Entry<'_>) -> std::io::Result<String> {
        let line = Line {
            time: jiff::Timestamp::now().to_string(),
            request_id: entry.request_id,
            upstream_request_id: entry.upstream_request_id,
            by: entry.by.map(|by| by.id.as_str()),
            email: entry.by.and_then(|by| by.email.as_deref()),
            action: entry.action,
            target: entry.change.target.as_deref(),
            within: entry.change.within.as_deref(),
            member: entry.change.member.as_deref(),
            outcome: entry.outcome,
        };
        // The chain is intact even if a writer panicked: its head changes last.
        let mut chain = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(chain.add(&line)?.as_str().to_owned())
    }
}

/// The authorization of the actor, if a call exchanges an access token for one of another account. The call
/// itself needs none.
pub fn actor_authorization(method: &str, request: &Payload) -> Option<HeaderValue> {
    if method != "TokenExchangeService/Exchange" {
        return None;
    }
    let request = request.message::<ExchangeTokenRequest>().ok()?;
    if request.subject_token_type != SUBJECT_IDENTIFIER_TYPE
        || request.actor_token_type != ACCESS_TOKEN_TYPE
    {
        return None;
    }
    let bearer = Zeroizing::new(format!("Bearer {}", request.actor_token));
    let mut value = HeaderValue::from_str(&bearer).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Whether `Service/Method` only reads, by the API's naming rule.
pub fn is_read(method: &str) -> bool {
    let name = method.rsplit('/').next().unwrap_or_default();
    name.starts_with("Get") || name.starts_with("List")
}

/// The change that a call of `method` (`Service/Method`) would make, or `None` if it only reads.
pub fn change_of(method: &str, request: &Payload) -> Option<Change> {
    if is_read(method) {
        return None;
    }
    let change = |target: &str, within: &str| Change {
        target: id(target),
        within: id(within),
        member: None,
    };
    // A request that can't be decoded is rejected, and that is recorded.
    macro_rules! decode {
        ($type:ty, $f:expr) => {
            request
                .message::<$type>()
                .map_or_else(|_| Change::default(), $f)
        };
    }
    Some(match method {
        "AuthPublicKeyService/Create" => decode!(CreateAuthPublicKeyRequest, |request| {
            let account = request.spec.account.service_account_id();
            change("", account.unwrap_or_default())
        }),
        "AuthPublicKeyService/Update" => {
            decode!(UpdateAuthPublicKeyRequest, |r| change(&r.metadata.id, ""))
        }
        "AuthPublicKeyService/Activate" => {
            decode!(ActivateAuthPublicKeyRequest, |r| change(&r.id, ""))
        }
        "AuthPublicKeyService/Deactivate" => {
            decode!(DeactivateAuthPublicKeyRequest, |r| change(&r.id, ""))
        }
        "AuthPublicKeyService/Delete" => decode!(DeleteAuthPublicKeyRequest, |r| change(&r.id, "")),
        "ServiceAccountService/Create" => decode!(CreateServiceAccountRequest, |r| {
            change("", &r.metadata.parent_id)
        }),
        "ServiceAccountService/Update" => {
            decode!(UpdateServiceAccountRequest, |r| change(&r.metadata.id, ""))
        }
        "ServiceAccountService/Delete" => {
            decode!(DeleteServiceAccountRequest, |r| change(&r.id, ""))
        }
        "GroupMembershipService/Create" => {
            decode!(CreateGroupMembershipRequest, |r| Change {
                member: id(&r.spec.member_id),
                ..change("", &r.metadata.parent_id)
            })
        }
        "GroupMembershipService/Delete" => {
            decode!(DeleteGroupMembershipRequest, |r| change(&r.id, ""))
        }
        "TokenExchangeService/Exchange" => decode!(ExchangeTokenRequest, |r| {
            if r.subject_token_type == SUBJECT_IDENTIFIER_TYPE {
                let (kid, _) = jwt_ids(&r.actor_token).unwrap_or_default();
                return change(&kid, &r.subject_token);
            }
            let (kid, subject) = jwt_ids(&r.subject_token).unwrap_or_default();
            change(&kid, &subject)
        }),
        "SessionManagementService/Revoke" => decode!(RevokeSessionRequest, |r| match &r.revoke {
            Some(Revoke::ServiceAccountId(id) | Revoke::TenantUserAccountId(id)) => change(id, ""),
            Some(Revoke::AllMyActive(_)) | None => Change::default(),
        }),
        _ => Change::default(),
    })
}

impl Change {
    /// Takes the ID of a created resource from the answer to `method`.
    pub fn complete(&mut self, method: &str, answer: &UnaryResponse) {
        if method == "Create"
            && let Ok(operation) = answer.body.message::<Operation>()
        {
            self.target = id(&operation.resource_id);
        }
    }
}

/// A text from a request, if it has the form of the API's IDs: a kind, a hyphen, and up to
/// [`MAX_ID_LENGTH`] lowercase letters and digits in all. What else a caller sends as an ID may be a
/// secret that was pasted into the wrong field.
fn id(text: &str) -> Option<String> {
    let (kind, rest) = text.split_once('-')?;
    let is_id = text.len() <= MAX_ID_LENGTH
        && !kind.is_empty()
        && kind.bytes().all(|b| b.is_ascii_lowercase())
        && !rest.is_empty()
        && rest
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    is_id.then(|| text.to_owned())
}

const MAX_ID_LENGTH: usize = 64;

/// The kid and the subject of a JWT, without verifying it.
fn jwt_ids(jwt: &str) -> Option<(String, String)> {
    let mut parts = jwt
        .split('.')
        .map(parsers::decode_part::<serde_json::Value>);
    let (header, claims) = (parts.next()??, parts.next()??);
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    Some((text(&header["kid"])?, text(&claims["sub"])?))
}

#[cfg(test)]
mod tests {
    use super::id;

    #[test]
    fn only_texts_in_the_form_of_an_id_are_recorded() {
        for good in ["publickey-e00abc123", "serviceaccount-e00", "group-e00-a"] {
            assert_eq!(id(good).as_deref(), Some(good));
        }
        let long = format!("publickey-{}", "a".repeat(64 * 1024));
        for other in [
            "",
            "-",
            "publickey-",
            "-e00abc",
            "publickey-E00ABC",
            "publickey-e00\nabc",
            "v1.CmQKHHRlbmFudHVzZXJhY2NvdW50",
            "eyJhbGciOiJSUzI1NiJ9.e30.c2ln",
            "-----BEGIN PRIVATE KEY-----",
            &long,
        ] {
            assert_eq!(id(other), None, "{other}");
        }
    }
}
