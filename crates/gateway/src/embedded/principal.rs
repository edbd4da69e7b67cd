//! Identifies callers and checks their permissions.
//!
//! Members of the admins group may do everything. The single user of the embedded IAM may always read
//! everything. A service account may read itself, its keys, its groups and its operations. Groups other than
//! admins give no further permissions.

use connectrpc::RequestContext;
use rusqlite::{Connection, OptionalExtension};

use super::{groups, reset_mask::ResetMask, time::Micros};
use crate::{error::IamError, sign_in::token::TokenHash};

const ADMIN_NEEDED: &str = "this needs the admin role in the tenant. Ask a tenant admin.";

/// The user's ID in the tenant.
pub const USER_ID: &str = "tenantuseraccount-e00admin";
/// The user's name.
pub const USER_NAME: &str = "Local admin";

/// The caller.
#[derive(Clone, PartialEq, Eq)]
pub enum Principal {
    /// The user with the admin token.
    User,
    /// A service account, with its ID.
    ServiceAccount(String),
}

impl Principal {
    /// The caller's ID, as it appears in operations.
    pub fn id(&self) -> &str {
        match self {
            Self::User => USER_ID,
            Self::ServiceAccount(id) => id,
        }
    }
}

/// One authenticated call.
pub struct Call {
    pub principal: Principal,
    pub now: Micros,
    /// The `x-idempotency-key`, if the caller sent one.
    pub idempotency_key: Option<String>,
    /// The `X-ResetMask`.
    pub reset: ResetMask,
    is_admin: bool,
}

impl Call {
    /// A call without admin permissions until [`Call::with_permissions`] looks them up.
    ///
    /// # Errors
    /// INVALID_ARGUMENT if a header can't be parsed.
    pub fn new(principal: Principal, ctx: &RequestContext) -> Result<Self, IamError> {
        let header = |name: &str| {
            let value = ctx.header(name).and_then(|value| value.to_str().ok());
            value.filter(|value| !value.is_empty())
        };
        Ok(Self {
            principal,
            now: Micros::now(),
            idempotency_key: header("x-idempotency-key").map(str::to_owned),
            reset: match header("x-resetmask") {
                Some(mask) => ResetMask::parse(mask)?,
                None => ResetMask::default(),
            },
            is_admin: false,
        })
    }

    /// Looks up whether the caller is an admin.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn with_permissions(self, db: &Connection) -> rusqlite::Result<Self> {
        let is_admin = groups::is_admin(db, self.principal.id())?;
        Ok(Self { is_admin, ..self })
    }

    /// Checks the permission to change resources.
    ///
    /// # Errors
    /// PERMISSION_DENIED unless the caller is an admin.
    pub fn require_admin(&self) -> Result<(), IamError> {
        match self.is_admin {
            true => Ok(()),
            false => Err(IamError::PermissionDenied(ADMIN_NEEDED)),
        }
    }

    /// Checks the permission to read resources.
    ///
    /// # Errors
    /// PERMISSION_DENIED unless the caller is the user or an admin.
    pub fn require_reader(&self) -> Result<(), IamError> {
        match self.principal {
            Principal::User => Ok(()),
            Principal::ServiceAccount(_) => self.require_admin(),
        }
    }

    /// Checks the permission to read what belongs to the account `id`.
    ///
    /// # Errors
    /// PERMISSION_DENIED unless the caller is that account, the user or an admin.
    pub fn require_reader_or(&self, id: &str) -> Result<(), IamError> {
        match &self.principal {
            Principal::ServiceAccount(own) if own == id => Ok(()),
            _ => self.require_reader(),
        }
    }
}

/// The service account that the token was issued to, and when the token expires. The lookup isn't constant
/// time, but its timing can only reveal hashes, not tokens.
///
/// # Errors
/// UNAUTHENTICATED if the token is unknown or has expired.
pub fn from_access_token(
    db: &Connection,
    hash: &TokenHash,
    now: Micros,
) -> Result<(Principal, Micros), IamError> {
    db.query_row(
        "SELECT service_account_id, expires_at FROM access_tokens WHERE hash = ?1 AND expires_at > ?2",
        (hash, now),
        |row| Ok((Principal::ServiceAccount(row.get(0)?), row.get(1)?)),
    )
    .optional()?
    .ok_or(IamError::BadToken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_token_is_valid_until_it_expires() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(
            "CREATE TABLE access_tokens (hash BLOB, service_account_id TEXT, expires_at INTEGER)",
        )
        .unwrap();
        let hash: TokenHash = [7; 32];
        db.execute(
            "INSERT INTO access_tokens VALUES (?1, 'sa', ?2)",
            (hash, Micros(1_000)),
        )
        .unwrap();
        let at = |now, hash| from_access_token(&db, &hash, Micros(now));
        assert!(
            matches!(at(999, hash), Ok((Principal::ServiceAccount(id), Micros(1_000))) if id == "sa")
        );
        assert!(matches!(at(1_000, hash), Err(IamError::BadToken)));
        assert!(matches!(at(999, [8; 32]), Err(IamError::BadToken)));
    }
}
