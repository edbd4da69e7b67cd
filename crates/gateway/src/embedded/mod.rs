//! The embedded IAM: implements the API on an SQLite file, so that you can use Keyside without a Nebius
//! account.
//!
//! Each service has its own file. [`store`] manages the database, and [`principal`] identifies callers and
//! their permissions. As in the real API, a change returns an operation that finishes a moment later. The
//! change itself is durable before the answer is sent.

mod admin_token;
mod auth_public_keys;
mod containers;
mod data_folder;
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
mod sign_in_codes;
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
use zeroize::Zeroizing;

pub use self::store::Seed;
use self::{
    admin_token::AdminToken,
    principal::{Call, Principal},
    sign_in_codes::SignInCodes,
    store::Store,
};
use crate::{
    error::{IamError, StartError},
    listen::{client::Client, rate::TokenFailures},
    operate::Operable,
};

/// Makes addresses of the page that sign in once.
pub struct SignInLinks {
    page_url: String,
    admin_token: AdminToken,
}

impl SignInLinks {
    /// Uses the admin token from the environment or from the data folder.
    ///
    /// # Errors
    /// Returns an error if there is no token or it can't be read.
    pub fn new(page_url: String, data: &Path) -> Result<Self, StartError> {
        let admin_token = AdminToken::find(data)?;
        Ok(Self {
            page_url,
            admin_token: admin_token.ok_or_else(|| StartError::NoAdminToken(data.to_owned()))?,
        })
    }

    /// A new address. It signs in once, within ten minutes.
    ///
    /// # Errors
    /// Returns an error if the system has no random numbers.
    pub fn make(&self) -> Result<String, StartError> {
        let now_s = time::Micros::now().unix_seconds();
        let code = sign_in_codes::make(self.admin_token.expose(), now_s);
        let code = code.map_err(StartError::Randomness)?;
        Ok(format!("{}#code={}", self.page_url, code.as_str()))
    }
}

/// The IAM with its database and admin token.
pub struct EmbeddedIam {
    store: Arc<Store>,
    admin_token: AdminToken,
    seed: Seed,
    token_failures: TokenFailures,
    sign_in_codes: SignInCodes,
}

impl EmbeddedIam {
    /// Opens the IAM in `folder`. Creates what's missing: the folder, the admin token, and the database with
    /// its first tenant, project and service account.
    ///
    /// # Errors
    /// Returns an error if the folder, the database or the token can't be used.
    pub fn open(folder: &Path) -> Result<Self, StartError> {
        data_folder::prepare(folder)?;
        let admin_token = AdminToken::find_or_create(folder)?;
        let (store, seed) = Store::open(&folder.join("iam.sqlite3"))?;
        let now_s = time::Micros::now().unix_seconds();
        Ok(Self {
            store: Arc::new(store),
            sign_in_codes: SignInCodes::new(admin_token.expose(), now_s),
            admin_token,
            seed,
            token_failures: TokenFailures::default(),
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
        let token = principal::bearer_token(ctx)?;
        let principal = self.with_failure_delay(ctx, self.principal(token)).await?;
        Ok(Call::new(principal, ctx)?)
    }

    /// Runs `check`; after several wrong credentials in a row, the caller's next check is delayed.
    async fn with_failure_delay<T>(
        &self,
        ctx: &RequestContext,
        check: impl Future<Output = Result<T, IamError>>,
    ) -> Result<T, IamError> {
        let Some(caller) = ctx.extensions().get::<Client>().copied() else {
            return check.await;
        };
        match self.token_failures.wait(caller, Instant::now()) {
            Some(Duration::ZERO) => {}
            Some(wait) => tokio::time::sleep(wait).await,
            None => return Err(IamError::TooManyWrongTokens),
        }
        let checked = check.await;
        match &checked {
            Ok(_) => self.token_failures.reset(caller),
            Err(IamError::BadToken | IamError::BadSignInCode | IamError::BadJwt(_)) => {
                self.token_failures.record_failure(caller, Instant::now());
            }
            Err(_) => {}
        }
        checked
    }

    /// Whose access token this is.
    async fn principal(&self, token: Zeroizing<Vec<u8>>) -> Result<Principal, IamError> {
        let token_hash = principal::hash(&token);
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
        if self.admin_token.matches(&principal::hash(token)) {
            return Some(time::Micros::MAX);
        }
        let now_s = time::Micros::now().unix_seconds();
        let end_s = self.sign_in_codes.session_end(token, now_s)?;
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

    async fn caller_id(&self, ctx: &RequestContext) -> Option<String> {
        // Not delayed: the caller doesn't see the result, and the call itself is delayed afterwards.
        let principal = self
            .principal(principal::bearer_token(ctx).ok()?)
            .await
            .ok()?;
        Some(principal.id().to_owned())
    }
}
