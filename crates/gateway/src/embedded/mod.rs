//! The embedded IAM: implements the API on an SQLite file, so that you can use Keyside without a Nebius
//! account.
//!
//! Each service has its own file. [`store`] manages the database, and [`principal`] identifies callers and
//! their permissions. As in the real API, a change returns an operation that finishes a moment later. The
//! change itself is durable before the answer is sent.

mod auth_public_keys;
mod containers;
mod facts;
mod group_memberships;
mod groups;
mod ids;
mod metadata;
mod operations;
mod paging;
mod principal;
mod profile;
mod public_key;
mod reset_mask;
mod service_accounts;
mod sessions;
mod store;
mod time;
mod token_exchange;

use std::{path::Path, sync::Arc};

use connectrpc::{ConnectError, RequestContext, Response, ServiceResult};
use rusqlite::{Connection, Transaction};
use zeroize::Zeroizing;

pub use self::store::{BackupError, Seed};
use self::{
    principal::{Call, Principal},
    store::{Backup, Store},
};
use crate::{
    data_folder,
    error::{IamError, StartError},
    operate::{Caller, Operable, key_gauges::KeyEnd},
    sign_in::{SignIn, token},
};

/// The database's file in the data folder.
const DATABASE: &str = "iam.sqlite3";

/// Copies the database in the data folder into a new file, also while a gateway uses it.
///
/// # Errors
/// Returns an error if there is no intact copy.
pub fn backup(folder: &Path, to: &Path) -> Result<Backup, BackupError> {
    store::backup(&folder.join(DATABASE), to)
}

/// The IAM with its database and admin token.
pub struct EmbeddedIam {
    store: Arc<Store>,
    sign_in: SignIn,
    seed: Seed,
}

impl EmbeddedIam {
    /// Opens the IAM in `folder`. Creates what's missing: the folder, the admin token, and the database with
    /// its first tenant, project and service account.
    ///
    /// # Errors
    /// Returns an error if the folder, the database or the token can't be used.
    pub fn open(folder: &Path) -> Result<Self, StartError> {
        data_folder::prepare(folder)?;
        let sign_in = SignIn::open(folder)?;
        let (store, seed) = Store::open(&folder.join(DATABASE))?;
        Ok(Self {
            store: Arc::new(store),
            sign_in,
            seed,
        })
    }

    /// The first tenant, project and service account.
    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    /// Answers a call that only reads.
    async fn read<T: Send + 'static>(
        &self,
        ctx: &RequestContext,
        f: impl FnOnce(&Connection, &Call) -> Result<T, IamError> + Send + 'static,
    ) -> ServiceResult<T> {
        let call = self.authenticate(ctx).await?;
        let answer = self
            .store
            .read(move |db| f(db, &call.with_permissions(db)?))
            .await?;
        Response::ok(answer)
    }

    /// Answers a call that changes something, in one transaction.
    async fn write<T: Send + 'static>(
        &self,
        ctx: &RequestContext,
        f: impl FnOnce(&Transaction<'_>, &Call) -> Result<T, IamError> + Send + 'static,
    ) -> ServiceResult<T> {
        let call = self.authenticate(ctx).await?;
        let answer = self
            .store
            .write(move |tx| f(tx, &call.with_permissions(tx)?))
            .await?;
        Response::ok(answer)
    }

    /// Identifies the caller by the `authorization` metadata.
    async fn authenticate(&self, ctx: &RequestContext) -> Result<Call, ConnectError> {
        let token = token::bearer_token(ctx)?;
        let principal = self
            .sign_in
            .with_failure_delay(ctx, self.principal(token))
            .await?;
        Ok(Call::new(principal, ctx)?)
    }

    /// Whose access token this is.
    async fn principal(&self, token: Zeroizing<Vec<u8>>) -> Result<Principal, IamError> {
        let token_hash = token::hash(&token);
        if self.user_token_end(&token).is_some() {
            return Ok(Principal::User);
        }
        let lookup = move |db: &Connection| {
            principal::from_access_token(db, &token_hash, time::Micros::now())
        };
        self.store
            .read(lookup)
            .await
            .map(|(principal, _)| principal)
    }

    /// When the user's token ends; none if it isn't the admin token or that of a session.
    fn user_token_end(&self, token: &[u8]) -> Option<time::Micros> {
        let end_s = self.sign_in.token_end_s(token)?;
        Some(time::Micros(end_s.saturating_mul(1_000_000)))
    }
}

impl Operable for EmbeddedIam {
    async fn ready(&self) -> Result<(), String> {
        self.store
            .read(|db| Ok(db.query_row("SELECT 1", [], |_| Ok(()))?))
            .await
            .map_err(|error| error.to_string())
    }

    async fn caller(&self, ctx: &RequestContext) -> Option<Caller> {
        // Not delayed: the caller doesn't see the result, and the call itself is delayed afterwards.
        let principal = self.principal(token::bearer_token(ctx).ok()?).await.ok()?;
        Some(Caller::account(principal.id()))
    }

    async fn keys(&self) -> Option<Result<Vec<KeyEnd>, String>> {
        let read = |db: &Connection| auth_public_keys::all(db, time::Micros::now());
        let keys = self.store.read(read).await;
        let ends = keys.map(|keys| keys.iter().map(KeyEnd::of).collect());
        Some(ends.map_err(|error| error.to_string()))
    }
}
