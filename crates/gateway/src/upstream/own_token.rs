//! The gateway's own access token, kept in memory and renewed before it ends.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use connectrpc::client::{CallOptions, SharedHttp2Connection};
use http::HeaderValue;
use keyside_iam::{
    iam::{ExchangeTokenRequest, TokenExchangeServiceClient},
    token_exchange::{ACCESS_TOKEN_TYPE, GRANT_TYPE, JWT_TYPE},
};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::clients::Clients;
use crate::{
    own_token::{CommandLine, Credentials, OwnTokenError, OwnTokenSource, PersonToken},
    parsers::decode_part,
};

/// After this time, the source is asked again: a token may not say when it ends.
const MAX_AGE: Duration = Duration::from_secs(10 * 60);
/// How long before its end a token is renewed.
const BEFORE_END: Duration = Duration::from_secs(60);
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(15);

/// Where tokens come from.
pub enum Source {
    Command(CommandLine),
    Person(Arc<PersonToken>),
    Credentials {
        credentials: Box<Credentials>,
        tokens: Box<TokenExchangeServiceClient<SharedHttp2Connection>>,
    },
}

/// Gets a token when one is needed.
pub struct OwnToken {
    source: Source,
    current: Mutex<Option<Current>>,
}

struct Current {
    authorization: HeaderValue,
    renew_at: Instant,
}

impl OwnToken {
    pub fn new(source: Source) -> Self {
        Self {
            source,
            current: Mutex::new(None),
        }
    }

    /// The value of the `authorization` header.
    ///
    /// # Errors
    /// Returns why there is no token.
    pub async fn authorization(&self) -> Result<HeaderValue, OwnTokenError> {
        // Held while the source is asked, so that it's asked once for all calls.
        let mut current = self.current.lock().await;
        // Another person may have signed in.
        if !matches!(self.source, Source::Person(_))
            && let Some(current) = &*current
            && current.renew_at > Instant::now()
        {
            return Ok(current.authorization.clone());
        }
        let (token, left) = self.source.token().await?;
        let authorization = bearer(&token).ok_or(OwnTokenError::NotAToken)?;
        *current = Some(Current {
            authorization: authorization.clone(),
            renew_at: Instant::now() + lifetime(left),
        });
        Ok(authorization)
    }

    /// Forgets a token that the API refused, so that the next call gets another one.
    pub async fn refused(&self, authorization: &HeaderValue) {
        if let Source::Person(person) = &self.source {
            person.refused(authorization.as_bytes());
        }
        let mut current = self.current.lock().await;
        // Another call may have renewed it.
        if current
            .as_ref()
            .is_some_and(|current| current.authorization == authorization)
        {
            *current = None;
        }
    }
}

impl Source {
    /// Credentials are exchanged at the API of these clients.
    pub fn new(source: OwnTokenSource, clients: &Clients) -> Self {
        match source {
            OwnTokenSource::Command(command) => Self::Command(command),
            OwnTokenSource::Credentials(credentials) => Self::Credentials {
                credentials,
                tokens: Box::new(clients.tokens.clone()),
            },
        }
    }

    /// A token, and how many seconds are left until its end, if that is known.
    async fn token(&self) -> Result<(Zeroizing<String>, Option<i64>), OwnTokenError> {
        let now_s = jiff::Timestamp::now().as_second();
        match self {
            Self::Person(person) => {
                let (token, left_s) = person.get(now_s)?;
                Ok((token, Some(left_s)))
            }
            Self::Command(command) => {
                let token = command.token().await?;
                let left_s = expires_at_s(&token).map(|end_s| end_s.saturating_sub(now_s));
                Ok((token, left_s))
            }
            Self::Credentials {
                credentials,
                tokens,
            } => {
                let request = ExchangeTokenRequest {
                    grant_type: GRANT_TYPE.to_owned(),
                    requested_token_type: ACCESS_TOKEN_TYPE.to_owned(),
                    subject_token: credentials.jwt(now_s)?,
                    subject_token_type: JWT_TYPE.to_owned(),
                    ..Default::default()
                };
                let options = CallOptions::default().with_timeout(EXCHANGE_TIMEOUT);
                let answer = tokens.exchange_with_options(request, options).await;
                let answer = answer
                    .map_err(|error| OwnTokenError::Exchange(error.to_string()))?
                    .into_owned();
                let token = Zeroizing::new(answer.access_token);
                Ok((token, Some(answer.expires_in)))
            }
        }
    }
}

fn bearer(token: &str) -> Option<HeaderValue> {
    let value = Zeroizing::new(format!("Bearer {token}"));
    let mut value = HeaderValue::from_str(&value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// How long a token is used: until shortly before its end, and not for long in any case.
fn lifetime(left_s: Option<i64>) -> Duration {
    let left = left_s.map(|left_s| {
        Duration::from_secs(u64::try_from(left_s).unwrap_or(0)).saturating_sub(BEFORE_END)
    });
    left.map_or(MAX_AGE, |left| left.min(MAX_AGE))
}

/// The `exp` of a JWT, in Unix seconds.
fn expires_at_s(token: &str) -> Option<i64> {
    let claims: serde_json::Value = decode_part(token.split('.').nth(1)?)?;
    claims["exp"].as_i64()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};

    use super::*;

    /// A command that prints another token each time: the text with `%` as the number of the run.
    fn counting(folder: &Path, printed: &str) -> OwnToken {
        let script = folder.join("script");
        let count = folder.join("count");
        let text = format!(
            "echo x >> '{0}'; n=$(wc -l < '{0}'); echo '{printed}' | sed \"s/%/$n/\"",
            count.display()
        );
        fs::write(&script, text).unwrap();
        let command = format!("sh '{}'", script.display());
        OwnToken::new(Source::Command(command.parse().unwrap()))
    }

    #[tokio::test]
    async fn a_token_is_kept_until_it_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let token = counting(folder.path(), "token-%");
        let first = token.authorization().await.unwrap();
        assert_eq!(first, "Bearer token-1");
        assert!(first.is_sensitive());
        assert_eq!(token.authorization().await.unwrap(), first);
        token.refused(&first).await;
        let second = token.authorization().await.unwrap();
        assert_eq!(second, "Bearer token-2");
        // A late refusal of the first one changes nothing.
        token.refused(&first).await;
        assert_eq!(token.authorization().await.unwrap(), second);
    }

    #[tokio::test]
    async fn a_token_is_renewed_before_it_ends() {
        let in_s = |seconds: i64| {
            let end = jiff::Timestamp::now().as_second() + seconds;
            let claims = BASE64_URL_SAFE_NO_PAD.encode(format!("{{\"exp\":{end}}}"));
            format!("%.{claims}.c")
        };
        let folder = tempfile::tempdir().unwrap();
        let lasting = counting(folder.path(), &in_s(3600));
        let first = lasting.authorization().await.unwrap();
        assert_eq!(lasting.authorization().await.unwrap(), first);
        let folder = tempfile::tempdir().unwrap();
        let ending = counting(folder.path(), &in_s(59));
        let first = ending.authorization().await.unwrap();
        assert_ne!(ending.authorization().await.unwrap(), first);
    }

    #[test]
    fn the_lifetime_is_that_of_the_token_less_a_minute_and_at_most_ten_minutes() {
        assert_eq!(lifetime(None), MAX_AGE);
        assert_eq!(lifetime(Some(i64::MIN)), Duration::ZERO);
        assert_eq!(lifetime(Some(61)), Duration::from_secs(1));
        assert_eq!(lifetime(Some(i64::MAX)), MAX_AGE);
        let jwt = |exp: &str| {
            let claims = BASE64_URL_SAFE_NO_PAD.encode(format!("{{\"exp\":{exp}}}"));
            expires_at_s(&format!("a.{claims}.c"))
        };
        assert_eq!(jwt("7"), Some(7));
        for other in ["\"never\"", "{}", "1e99"] {
            assert_eq!(jwt(other), None);
        }
        assert_eq!(expires_at_s("opaque"), None);
    }
}
