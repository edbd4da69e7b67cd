//! The embedded IAM: the API's behaviour on an SQLite file, for a laptop without an account.
//!
//! One file per service; [`store`] keeps the rows, [`principal`] says who calls and what they
//! may do. Changes answer with an operation that finishes a moment later, as the real API's do;
//! the change itself is durable before the answer is sent.

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
    listen::{client::Client, rate::Mistakes},
    operate::Operated,
};

/// The API on a database in one folder.
pub struct EmbeddedIam {
    store: Arc<Store>,
    admin_token: AdminToken,
    seed: Seed,
    mistakes: Mistakes,
}

impl EmbeddedIam {
    /// Opens the IAM in `folder`, making the folder, the database with its first tenant, project
    /// and service account, and the admin token where they are missing.
    ///
    /// # Errors
    /// When the folder, the database or the token cannot be had.
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
            mistakes: Mistakes::default(),
        })
    }

    /// The first tenant, project and service account.
    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    /// The admin's access token, to be printed at start and nowhere else.
    pub fn admin_token(&self) -> &str {
        self.admin_token.expose()
    }

    /// Answers a call that changes nothing.
    async fn read<T: Send + 'static>(
        &self,
        ctx: &RequestContext,
        f: impl FnOnce(&Connection, &Call) -> Result<T, IamError> + Send + 'static,
    ) -> ServiceResult<T> {
        let call = self.authenticate(ctx).await?;
        let answer = self
            .store
            .read(move |db| f(db, &call.with_rights(db)?))
            .await?;
        Response::ok(answer)
    }

    /// Answers a call that changes something; all of it or nothing is kept.
    async fn write<T: Send + 'static>(
        &self,
        ctx: &RequestContext,
        f: impl FnOnce(&Transaction<'_>, &Call) -> Result<T, IamError> + Send + 'static,
    ) -> ServiceResult<T> {
        let call = self.authenticate(ctx).await?;
        let answer = self
            .store
            .write(move |tx| f(tx, &call.with_rights(tx)?))
            .await?;
        Response::ok(answer)
    }

    /// Who calls, from the `authorization` metadata. After some wrong tokens in a row, those of the
    /// same caller have to wait.
    async fn authenticate(&self, ctx: &RequestContext) -> Result<Call, ConnectError> {
        let token_hash = principal::token_hash(ctx)?;
        let caller = ctx.extensions().get().map(|Client(caller)| *caller);
        if let Some(caller) = caller {
            match self.mistakes.wait(caller, Instant::now()) {
                Some(Duration::ZERO) => {}
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(IamError::TooManyWrongTokens.into()),
            }
        }
        let principal = self.principal(token_hash).await;
        match (caller, &principal) {
            (Some(caller), Ok(_)) => self.mistakes.right(caller),
            (Some(caller), Err(IamError::BadToken)) => self.mistakes.wrong(caller, Instant::now()),
            _ => {}
        }
        Ok(Call::new(principal?, ctx))
    }

    async fn principal(&self, token_hash: TokenHash) -> Result<Principal, IamError> {
        if self.admin_token.is(&token_hash) {
            return Ok(Principal::User);
        }
        self.store
            .read(move |db| principal::of_access_token(db, &token_hash, time::Micros::now()))
            .await
    }
}

impl Operated for EmbeddedIam {
    async fn ready(&self) -> Result<(), String> {
        self.store
            .read(|db| Ok(db.query_row("SELECT 1", [], |_| Ok(()))?))
            .await
            .map_err(|error| error.to_string())
    }

    async fn who(&self, ctx: &RequestContext) -> Option<String> {
        // The call itself has waited for its turn.
        let principal = self
            .principal(principal::token_hash(ctx).ok()?)
            .await
            .ok()?;
        Some(principal.id().to_owned())
    }
}
