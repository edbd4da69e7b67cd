//! The audit log: JSON lines of who did what to which key, account or group, and how it ended. Never key
//! material, never a token.

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

/// What one call changed, or tried to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The key, account or membership, when it is known.
    target: Option<String>,
    /// Whose key, in which project, or of which group.
    within: Option<String>,
    /// Who enters a group.
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
    /// `ok`, or the code of the error.
    outcome: &'a str,
}

/// The open audit log.
pub struct Audit(Mutex<File>);

impl Audit {
    /// Appends to a file, which is made with mode 0600 if missing.
    ///
    /// # Errors
    /// When it cannot be opened.
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
    /// When the system refuses; the record is lost then.
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
        // A writer that panicked has written its line or has not: the file is whole.
        let mut file = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        file.write_all(&line)
    }
}

/// What a call of this method (`Service/Method`) would change; nothing for those that only read.
pub fn change_of(method: &str, request: &Payload) -> Option<Change> {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let of = |target: &str, within: &str| {
        Some(Change {
            target: some(target),
            within: some(within),
            member: None,
        })
    };
    // One that cannot be decoded will be refused, which is on record then.
    macro_rules! with {
        ($type:ty, $f:expr) => {
            request.message::<$type>().map_or_else(|_| of("", ""), $f)
        };
    }
    match method {
        "AuthPublicKeyService/Create" => with!(CreateAuthPublicKeyRequest, |request| {
            of(
                "",
                request
                    .spec
                    .account
                    .service_account_id()
                    .unwrap_or_default(),
            )
        }),
        "AuthPublicKeyService/Update" => {
            with!(UpdateAuthPublicKeyRequest, |r| of(&r.metadata.id, ""))
        }
        "AuthPublicKeyService/Activate" => with!(ActivateAuthPublicKeyRequest, |r| of(&r.id, "")),
        "AuthPublicKeyService/Deactivate" => {
            with!(DeactivateAuthPublicKeyRequest, |r| of(&r.id, ""))
        }
        "AuthPublicKeyService/Delete" => with!(DeleteAuthPublicKeyRequest, |r| of(&r.id, "")),
        "ServiceAccountService/Create" => with!(CreateServiceAccountRequest, |r| {
            of("", &r.metadata.parent_id)
        }),
        "ServiceAccountService/Update" => {
            with!(UpdateServiceAccountRequest, |r| of(&r.metadata.id, ""))
        }
        "ServiceAccountService/Delete" => with!(DeleteServiceAccountRequest, |r| of(&r.id, "")),
        "GroupMembershipService/Create" => with!(CreateGroupMembershipRequest, |r| {
            Some(Change {
                target: None,
                within: some(&r.metadata.parent_id),
                member: some(&r.spec.member_id),
            })
        }),
        "GroupMembershipService/Delete" => with!(DeleteGroupMembershipRequest, |r| of(&r.id, "")),
        "TokenExchangeService/Exchange" => with!(ExchangeTokenRequest, |r| {
            let (kid, subject) = claimed(&r.subject_token).unwrap_or_default();
            of(&kid, &subject)
        }),
        _ => None,
    }
}

impl Change {
    /// The id of what was made is in the answer.
    pub fn complete(&mut self, method: &str, outcome: &Result<UnaryResponse, ConnectError>) {
        if let Ok(answer) = outcome
            && method.ends_with("/Create")
            && let Ok(operation) = answer.body.message::<Operation>()
        {
            self.target = Some(operation.resource_id.clone());
        }
    }
}

/// The kid and the subject that a JWT names, whatever its signature. Ids only: bounded, printable.
fn claimed(jwt: &str) -> Option<(String, String)> {
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
