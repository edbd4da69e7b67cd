//! Who calls, and what they may do.
//!
//! Who is in the group of admins may do everything. The one person that the embedded IAM knows may
//! read everything in any case. A service account may read itself, its keys, its groups and its
//! operations: no group but the admins gives it more here.

use connectrpc::RequestContext;
use rsa::sha2::{Digest, Sha256};
use rusqlite::{Connection, OptionalExtension};

use super::{groups, time::Micros};
use crate::error::IamError;

/// SHA-256 of an access token: the only form in which tokens are kept and compared.
pub type TokenHash = [u8; 32];

const ADMIN_NEEDED: &str = "the admin role in the tenant is needed for this";

/// The person's id in the tenant.
pub const USER_ID: &str = "tenantuseraccount-e00admin";
/// The person's name.
pub const USER_NAME: &str = "Local admin";

/// Who calls.
#[derive(Clone, PartialEq, Eq)]
pub enum Principal {
    /// Whoever has the admin token.
    User,
    /// With its id.
    ServiceAccount(String),
}

impl Principal {
    /// The caller's id, as operations name it.
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
    /// `x-idempotency-key`, when the caller sent one.
    pub idempotency_key: Option<String>,
    is_admin: bool,
}

impl Call {
    /// One that may change nothing yet: see [`Call::with_rights`].
    pub fn new(principal: Principal, ctx: &RequestContext) -> Self {
        Self {
            principal,
            now: Micros::now(),
            idempotency_key: ctx
                .header("x-idempotency-key")
                .and_then(|v| v.to_str().ok())
                .filter(|key| !key.is_empty())
                .map(str::to_owned),
            is_admin: false,
        }
    }

    /// Looks up what the caller's groups allow.
    ///
    /// # Errors
    /// When the database fails.
    pub fn with_rights(self, db: &Connection) -> rusqlite::Result<Self> {
        let is_admin = groups::is_admin(db, self.principal.id())?;
        Ok(Self { is_admin, ..self })
    }

    /// For what changes something.
    ///
    /// # Errors
    /// PERMISSION_DENIED for anybody but the admins.
    pub fn needs_admin(&self) -> Result<(), IamError> {
        match self.is_admin {
            true => Ok(()),
            false => Err(IamError::PermissionDenied(ADMIN_NEEDED)),
        }
    }

    /// For what is read.
    ///
    /// # Errors
    /// PERMISSION_DENIED for anybody but the person and the admins.
    pub fn needs_reader(&self) -> Result<(), IamError> {
        match self.principal {
            Principal::User => Ok(()),
            Principal::ServiceAccount(_) => self.needs_admin(),
        }
    }

    /// As [`Call::needs_reader`]; the principal `id` itself may, too.
    ///
    /// # Errors
    /// PERMISSION_DENIED for anybody else.
    pub fn needs_reader_or(&self, id: &str) -> Result<(), IamError> {
        match &self.principal {
            Principal::ServiceAccount(own) if own == id => Ok(()),
            _ => self.needs_reader(),
        }
    }
}

/// The hash of the call's bearer token (RFC 6750, section 2.1).
///
/// # Errors
/// UNAUTHENTICATED when there is none.
pub fn token_hash(ctx: &RequestContext) -> Result<TokenHash, IamError> {
    let value = ctx
        .header("authorization")
        .ok_or(IamError::NoToken)?
        .as_bytes();
    let (scheme, token) = value.split_at_checked(7).ok_or(IamError::NoToken)?;
    if !scheme.eq_ignore_ascii_case(b"bearer ") {
        return Err(IamError::NoToken);
    }
    Ok(Sha256::digest(token.trim_ascii()).into())
}

/// The service account that an exchange gave the token to. The hash is looked up as it is: how long
/// that takes tells of hashes, from which no token follows.
///
/// # Errors
/// UNAUTHENTICATED when the token is unknown or its time is over.
pub fn of_access_token(
    db: &Connection,
    hash: &TokenHash,
    now: Micros,
) -> Result<Principal, IamError> {
    db.query_row(
        "SELECT service_account_id FROM access_tokens WHERE hash = ?1 AND expires_at > ?2",
        (hash, now),
        |row| row.get(0),
    )
    .optional()?
    .map(Principal::ServiceAccount)
    .ok_or(IamError::BadToken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_token_is_good_until_its_time_is_over() {
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
        let at = |now, hash| of_access_token(&db, &hash, Micros(now));
        assert!(matches!(at(999, hash), Ok(Principal::ServiceAccount(id)) if id == "sa"));
        assert!(matches!(at(1_000, hash), Err(IamError::BadToken)));
        assert!(matches!(at(999, [8; 32]), Err(IamError::BadToken)));
    }
}
