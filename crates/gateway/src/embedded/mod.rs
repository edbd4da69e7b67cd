//! The embedded IAM: implements the API on an SQLite file, so that you can use Keyside without a Nebius
//! account.
//!
//! Each service has its own file. [`store`] manages the database, and [`principal`] identifies callers and
//! their permissions. As in the real API, a change returns an operation that finishes a moment later. The
//! change itself is durable before the answer is sent.

mod admin_token;
mod auth_public_keys;
mod containers;
mod group_memberships;
mod groups;
mod ids;
mod metadata;
mod operations;
mod paging;
mod principal;
mod profile;
mod public_key;
mod service_accounts;
mod store;
mod time;
mod token_exchange;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use connectrpc::{ConnectError, RequestContext, Response, ServiceResult};
use rusqlite::{Connection, Transaction};

pub use self::store::Seed;
use self::{
    admin_token::AdminToken,
    principal::{Call, Principal, TokenHash},
    store::Store,
};
use crate::{
    error::{IamError, StartError},
    listen::{client::Client, rate::TokenFailures},
    operate::Operable,
};

/// The IAM with its database and admin token.
pub struct EmbeddedIam {
    store: Arc<Store>,
    admin_token: AdminToken,
    seed: Seed,
    token_failures: TokenFailures,
}

impl EmbeddedIam {
    /// Opens the IAM in `folder`. Creates what's missing: the folder, the admin token, and the database with
    /// its first tenant, project and service account.
    ///
    /// # Errors
    /// Returns an error if the folder, the database or the token can't be used.
    pub fn open(folder: &Path) -> Result<Self, StartError> {
        std::fs::create_dir_all(folder).map_err(|cause| StartError::DataFolder {
            path: folder.to_owned(),
            cause,
        })?;
        let admin_token = AdminToken::from_environment_or_file(folder)?;
        let (store, seed) = Store::open(&folder.join("iam.sqlite3"))?;
        Ok(Self {
            store: Arc::new(store),
            admin_token,
            seed,
            token_failures: TokenFailures::default(),
        })
    }

    /// The first tenant, project and service account.
    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    /// The admin's access token. It's only printed at the start.
    pub fn admin_token(&self) -> &str {
        self.admin_token.expose()
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

    /// Identifies the caller by the `authorization` metadata. Delays callers after several wrong tokens.
    async fn authenticate(&self, ctx: &RequestContext) -> Result<Call, ConnectError> {
        let token_hash = principal::token_hash(ctx)?;
        let caller = ctx.extensions().get().map(|Client(caller)| *caller);
        if let Some(caller) = caller {
            match self.token_failures.wait(caller, Instant::now()) {
                Some(Duration::ZERO) => {}
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(IamError::TooManyWrongTokens.into()),
            }
        }
        let principal = self.principal(token_hash).await;
        match (caller, &principal) {
            (Some(caller), Ok(_)) => self.token_failures.reset(caller),
            (Some(caller), Err(IamError::BadToken)) => {
                self.token_failures.record_failure(caller, Instant::now());
            }
            _ => {}
        }
        Ok(Call::new(principal?, ctx))
    }

    async fn principal(&self, token_hash: TokenHash) -> Result<Principal, IamError> {
        if self.admin_token.matches(&token_hash) {
            return Ok(Principal::User);
        }
        self.store
            .read(move |db| principal::from_access_token(db, &token_hash, time::Micros::now()))
            .await
    }
}

impl Operable for EmbeddedIam {
    async fn ready(&self) -> Result<(), String> {
        self.store
            .read(|db| Ok(db.query_row("SELECT 1", [], |_| Ok(()))?))
            .await
            .map_err(|error| error.to_string())
    }

    async fn caller_id(&self, ctx: &RequestContext) -> Option<String> {
        // Not delayed again: the call itself has already waited.
        let principal = self
            .principal(principal::token_hash(ctx).ok()?)
            .await
            .ok()?;
        Some(principal.id().to_owned())
    }
}
