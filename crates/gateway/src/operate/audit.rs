//! The audit log: one JSON line for each change, with the caller, the key, account or group, and the
//! outcome. It never contains key material or tokens.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
    sync::Mutex,
};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use connectrpc::{ConnectError, Payload, interceptor::UnaryResponse};
use keyside_iam::{common::Operation, iam::*};
use serde::Serialize;

use crate::error::StartError;

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

#[derive(Serialize)]
struct Record<'a> {
    /// RFC 3339, UTC.
    time: String,
    request_id: &'a str,
    /// The caller's account.
    by: Option<&'a str>,
    action: &'a str,
    target: Option<&'a str>,
    within: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<&'a str>,
    /// `ok`, or the error code.
    outcome: &'a str,
}

/// The open audit log.
pub struct Audit(Mutex<File>);

impl Audit {
    /// Opens the file for appending. Creates it with mode 0600 if it's missing.
    ///
    /// # Errors
    /// Returns an error if the file can't be opened.
    pub fn open(path: &Path) -> Result<Self, StartError> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let file = options.open(path).map_err(|cause| StartError::AuditLog {
            path: path.to_owned(),
            cause,
        })?;
        Ok(Self(Mutex::new(file)))
    }

    /// Writes one record.
    ///
    /// # Errors
    /// Returns an error if the record can't be written and is lost.
    pub fn write(
        &self,
        request_id: &str,
        by: Option<&str>,
        action: &str,
        change: &Change,
        outcome: &str,
    ) -> std::io::Result<()> {
        let record = Record {
            time: jiff::Timestamp::now().to_string(),
            request_id,
            by,
            action,
            target: change.target.as_deref(),
            within: change.within.as_deref(),
            member: change.member.as_deref(),
            outcome,
        };
        let mut line = serde_json::to_vec(&record)?;
        line.push(b'\n');
        // The file is intact even if a writer panicked: a line is written in one go.
        let mut file = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        file.write_all(&line)
    }
}

/// The change that a call of `method` (`Service/Method`) would make, or `None` if it only reads.
pub fn change_of(method: &str, request: &Payload) -> Option<Change> {
    let non_empty = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let change = |target: &str, within: &str| {
        Some(Change {
            target: non_empty(target),
            within: non_empty(within),
            member: None,
        })
    };
    // A request that can't be decoded is rejected, and that is recorded.
    macro_rules! decode {
        ($type:ty, $f:expr) => {
            request
                .message::<$type>()
                .map_or_else(|_| change("", ""), $f)
        };
    }
    match method {
        "AuthPublicKeyService/Create" => decode!(CreateAuthPublicKeyRequest, |request| {
            change(
                "",
                request
                    .spec
                    .account
                    .service_account_id()
                    .unwrap_or_default(),
            )
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
        "GroupMembershipService/Create" => decode!(CreateGroupMembershipRequest, |r| {
            Some(Change {
                target: None,
                within: non_empty(&r.metadata.parent_id),
                member: non_empty(&r.spec.member_id),
            })
        }),
        "GroupMembershipService/Delete" => {
            decode!(DeleteGroupMembershipRequest, |r| change(&r.id, ""))
        }
        "TokenExchangeService/Exchange" => decode!(ExchangeTokenRequest, |r| {
            let (kid, subject) = jwt_ids(&r.subject_token).unwrap_or_default();
            change(&kid, &subject)
        }),
        _ => None,
    }
}

impl Change {
    /// Takes the ID of a created resource from the answer.
    pub fn complete(&mut self, method: &str, outcome: &Result<UnaryResponse, ConnectError>) {
        if let Ok(answer) = outcome
            && method.ends_with("/Create")
            && let Ok(operation) = answer.body.message::<Operation>()
        {
            self.target = Some(operation.resource_id.clone());
        }
    }
}

/// The kid and the subject of a JWT, without verifying it. Only printable IDs of limited length.
fn jwt_ids(jwt: &str) -> Option<(String, String)> {
    let mut parts = jwt.split('.').take(2).map(|part| {
        let json = BASE64_URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice::<serde_json::Value>(&json).ok()
    });
    let (header, claims) = (parts.next()??, parts.next()??);
    let id = |value: &serde_json::Value| {
        let id = value.as_str()?;
        let is_id = id.len() <= 128 && id.bytes().all(|b| b.is_ascii_graphic());
        is_id.then(|| id.to_owned())
    };
    Some((id(&header["kid"])?, id(&claims["sub"])?))
}
