//! The JWT that authenticates a service account in a token exchange (RS256: RFC 7518 section 3.3).

use base64ct::{Base64UrlUnpadded, Encoding};
use rsa::rand_core::TryCryptoRng;
use serde::Serialize;

use crate::{IdError, PrivateKey, check_id};

/// The `aud` claim that the official SDKs set.
pub const TOKEN_AUDIENCE: &str = "token-service.iam.new.nebiuscloud.net";

/// Lifetime of a JWT in seconds, as in the official SDKs.
const LIFETIME_S: u64 = 60;

/// Why the JWT wasn't signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// An ID isn't valid.
    #[error(transparent)]
    Id(#[from] IdError),
    /// Signing failed, which is a bug.
    #[error(
        "The JWT couldn't be signed. The key is still here: try again, and report the problem if it \
         happens again."
    )]
    Signature,
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    kid: &'a str,
    typ: &'static str,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'static str,
    exp: u64,
    iat: u64,
    iss: &'a str,
    sub: &'a str,
}

/// Signs the JWT in compact form (RFC 7515 section 7.1) for the authorized key `key_id` of
/// `service_account_id`; it is valid from `now_unix_s` (seconds since 1970, UTC) for 60 seconds.
///
/// # Errors
/// [`SignError`].
pub fn sign_token_exchange_jwt<R: TryCryptoRng + ?Sized>(
    key: &PrivateKey,
    key_id: &str,
    service_account_id: &str,
    now_unix_s: u64,
    rng: &mut R,
) -> Result<String, SignError> {
    check_id(key_id)?;
    check_id(service_account_id)?;
    let header = Header {
        alg: "RS256",
        kid: key_id,
        typ: "JWT",
    };
    let claims = Claims {
        aud: TOKEN_AUDIENCE,
        exp: now_unix_s.saturating_add(LIFETIME_S),
        iat: now_unix_s,
        iss: service_account_id,
        sub: service_account_id,
    };
    let signed = format!("{}.{}", encode(&header)?, encode(&claims)?);
    let signature = key.sign_rs256(signed.as_bytes(), rng)?;
    Ok(format!(
        "{signed}.{}",
        Base64UrlUnpadded::encode_string(&signature)
    ))
}

fn encode(value: &impl Serialize) -> Result<String, SignError> {
    let json = serde_json::to_vec(value).map_err(|_| SignError::Signature)?;
    Ok(Base64UrlUnpadded::encode_string(&json))
}
