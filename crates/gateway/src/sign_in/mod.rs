//! Sign-in at the gateway itself: by a code in a printed address, by the admin token, or at the API's issuer.

mod admin_token;
mod codes;
mod person;
pub mod token;

use std::{
    path::Path,
    sync::{PoisonError, RwLock, RwLockReadGuard},
    time::{Duration, Instant},
};

use connectrpc::RequestContext;
use zeroize::Zeroizing;

use self::{admin_token::AdminToken, codes::SignInCodes};
use crate::{
    error::{IamError, StartError},
    listen::{client::Client, rate::TokenFailures},
};

pub use self::{
    codes::SESSION_LIFETIME_S,
    person::{IssuerUrl, IssuerUrlError, PersonSignIn},
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
        let code = codes::make(self.admin_token.expose(), now_s());
        let code = code.map_err(StartError::Randomness)?;
        Ok(format!("{}#code={}", self.page_url, code.as_str()))
    }
}

/// Knows whose credentials are valid at this gateway.
pub struct SignIn {
    secrets: RwLock<Secrets>,
    failures: TokenFailures,
}

struct Secrets {
    admin_token: AdminToken,
    codes: SignInCodes,
}

impl Secrets {
    fn new(admin_token: AdminToken) -> Self {
        Self {
            codes: SignInCodes::new(admin_token.expose(), now_s()),
            admin_token,
        }
    }
}

impl SignIn {
    /// Uses the admin token from the environment or from the data folder. Without either, generates one and
    /// saves it in the folder.
    ///
    /// # Errors
    /// Returns an error if the token can't be read, used or saved.
    pub fn open(folder: &Path) -> Result<Self, StartError> {
        Ok(Self::with(AdminToken::find_or_create(folder)?))
    }

    /// Uses a token that nobody knows, for sessions that end with this process or with [`SignIn::end_sessions`].
    ///
    /// # Errors
    /// Returns an error if the system has no random numbers.
    pub fn in_memory() -> Result<Self, getrandom::Error> {
        Ok(Self::with(AdminToken::random()?))
    }

    fn with(admin_token: AdminToken) -> Self {
        Self {
            secrets: RwLock::new(Secrets::new(admin_token)),
            failures: TokenFailures::default(),
        }
    }

    /// Ends all sessions, and makes unused codes useless.
    ///
    /// # Errors
    /// Returns an error if the system has no random numbers.
    pub fn end_sessions(&self) -> Result<(), getrandom::Error> {
        let next = Secrets::new(AdminToken::random()?);
        *self.secrets.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }

    /// A code for a new session.
    ///
    /// # Errors
    /// Returns an error if the system has no random numbers.
    fn code(&self) -> Result<Zeroizing<String>, getrandom::Error> {
        codes::make(self.secrets().admin_token.expose(), now_s())
    }

    fn secrets(&self) -> RwLockReadGuard<'_, Secrets> {
        self.secrets.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Exchanges a code for the token of a new session of [`SESSION_LIFETIME_S`] seconds.
    ///
    /// # Errors
    /// UNAUTHENTICATED unless the code is valid and wasn't used.
    pub fn redeem(&self, code: &str) -> Result<String, IamError> {
        self.secrets().codes.redeem(code, now_s())
    }

    /// When the user's token ends, in Unix seconds; none if it isn't the admin token or that of a session.
    pub fn token_end_s(&self, token: &[u8]) -> Option<i64> {
        let secrets = self.secrets();
        match secrets.admin_token.matches(&token::hash(token)) {
            true => Some(i64::MAX),
            false => secrets.codes.session_end(token, now_s()),
        }
    }

    /// Runs `check`; after several wrong credentials in a row, the caller's next check is delayed.
    ///
    /// # Errors
    /// Returns the check's error, or RESOURCE_EXHAUSTED if the delay would be too long.
    pub async fn with_failure_delay<T>(
        &self,
        ctx: &RequestContext,
        check: impl Future<Output = Result<T, IamError>>,
    ) -> Result<T, IamError> {
        let Some(caller) = ctx.extensions().get::<Client>().copied() else {
            return check.await;
        };
        match self.failures.wait(caller, Instant::now()) {
            Some(Duration::ZERO) => {}
            Some(wait) => tokio::time::sleep(wait).await,
            None => return Err(IamError::TooManyWrongTokens),
        }
        let checked = check.await;
        match &checked {
            Ok(_) => self.failures.reset(caller),
            Err(IamError::BadToken | IamError::BadSignInCode | IamError::BadJwt(_)) => {
                self.failures.record_failure(caller, Instant::now());
            }
            Err(_) => {}
        }
        checked
    }
}

fn now_s() -> i64 {
    jiff::Timestamp::now().as_second()
}
