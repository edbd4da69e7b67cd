//! Who a caller is, according to a proxy that signs people in. Only a signed JWT counts.

mod keys;
mod setting;

use http::{HeaderMap, header::AUTHORIZATION};
use jsonwebtoken::{Validation, decode, decode_header, errors::ErrorKind};
use serde::Deserialize;

use self::keys::Keys;
pub use self::setting::IdentitySetting;
use crate::{error::IamError, fetch::Fetch};

/// How far the issuer's clock may differ from ours, in seconds.
const LEEWAY_S: u64 = 60;
/// Longer texts are no names, addresses or IDs.
const MAX_LENGTH: usize = 256;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The issuer's ID of them, which never changes.
    pub subject: String,
    pub email: Option<String>,
    pub name: Option<String>,
    pub groups: Vec<String>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    iat: Option<f64>,
    email: Option<String>,
    /// Absent if the issuer vouches for all addresses.
    email_verified: Option<serde_json::Value>,
    name: Option<String>,
    groups: Option<Groups>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Groups {
    One(String),
    Several(Vec<String>),
}

/// Checks the JWTs of one issuer.
pub struct Identity {
    setting: IdentitySetting,
    keys: Keys,
}

impl Identity {
    /// Reads the issuer's keys.
    ///
    /// # Errors
    /// Returns why there are none.
    pub async fn new(setting: IdentitySetting, fetch: Fetch) -> Result<Self, IamError> {
        let keys = Keys::new(setting.jwks.clone(), fetch);
        let found = keys.find(None).await;
        found.map_err(IamError::NoIdentityKeys)?;
        Ok(Self { setting, keys })
    }

    /// The person whose call has these headers.
    ///
    /// # Errors
    /// Unless there is exactly one JWT, signed by the issuer for this gateway, and it's valid now.
    pub async fn person(&self, headers: &HeaderMap) -> Result<Person, IamError> {
        let token = self.token(headers)?;
        let header = decode_header(token)
            .map_err(|_| IamError::BadIdentity("its header can't be decoded"))?;
        if header.crit.is_some() {
            return Err(IamError::BadIdentity(
                "its header has crit, which isn't supported",
            ));
        }
        let key = self.keys.find(header.kid.as_deref()).await;
        let key = key
            .map_err(IamError::NoIdentityKeys)?
            .ok_or(IamError::BadIdentity("its key isn't one of the issuer's"))?;
        let mut validation = Validation::new(key.algorithm);
        validation.leeway = LEEWAY_S;
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&self.setting.issuer]);
        validation.set_audience(&[&self.setting.audience]);
        let claims = decode::<Claims>(token, &key.key, &validation)
            .map_err(|error| IamError::BadIdentity(reason(error.kind())))?
            .claims;
        let latest = (jiff::Timestamp::now().as_second() as f64) + LEEWAY_S as f64;
        if claims.iat.is_some_and(|at| at > latest) {
            return Err(IamError::BadIdentity("its iat is in the future"));
        }
        claims.person()
    }

    fn token<'a>(&self, headers: &'a HeaderMap) -> Result<&'a str, IamError> {
        let name = &self.setting.header;
        let mut values = headers.get_all(name).iter();
        let missing = || IamError::NoIdentity(name.to_string());
        let value = values.next().ok_or_else(missing)?;
        if values.next().is_some() {
            return Err(IamError::BadIdentity("its header is there twice"));
        }
        let value = value.to_str().unwrap_or_default();
        match name == AUTHORIZATION {
            true => value.strip_prefix("Bearer ").ok_or_else(missing),
            false => Ok(value),
        }
    }
}

impl Claims {
    fn person(self) -> Result<Person, IamError> {
        let is_name = |text: &String| {
            (1..=MAX_LENGTH).contains(&text.len()) && !text.chars().any(char::is_control)
        };
        if !is_name(&self.sub) {
            return Err(IamError::BadIdentity(
                "its sub is empty, too long, or has control characters",
            ));
        }
        // Some issuers send a text.
        let is_verified = self
            .email_verified
            .is_none_or(|verified| verified == true || verified == "true");
        let groups = match self.groups {
            None => Vec::new(),
            Some(Groups::One(group)) => vec![group],
            Some(Groups::Several(groups)) => groups,
        };
        Ok(Person {
            subject: self.sub,
            email: self.email.filter(is_name).filter(|_| is_verified),
            name: self.name.filter(is_name),
            groups,
        })
    }
}

/// The failed check, without any of the JWT's content.
fn reason(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => {
            "its alg isn't that of the issuer's key"
        }
        ErrorKind::InvalidSignature => "its signature doesn't match the key",
        ErrorKind::ExpiredSignature => "it has expired",
        ErrorKind::ImmatureSignature => "it isn't valid yet",
        ErrorKind::InvalidIssuer => "its iss isn't the issuer",
        ErrorKind::InvalidAudience => "its aud isn't this gateway",
        ErrorKind::MissingRequiredClaim(_) => "it lacks exp, iss, aud or sub",
        _ => "it can't be decoded",
    }
}
