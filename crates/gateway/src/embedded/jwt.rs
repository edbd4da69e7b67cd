//! Reads and verifies the JWT of a token exchange: RS256 only (RFC 7515, RFC 7518 section 3.3).

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use keyside_iam::token_exchange::AUDIENCE;
use rsa::{
    PublicKey,
    pkcs1v15::{Signature, VerifyingKey},
    sha2::Sha256,
    signature::Verifier,
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::error::IamError;

/// How far the signer's clock may be ahead of ours, in seconds.
const CLOCK_SKEW_S: i64 = 60;

/// A JWT that was read, but is not yet believed.
pub struct UnverifiedJwt<'a> {
    pub key_id: String,
    claims: Claims,
    signed: &'a str,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Option<Audience>,
    exp: f64,
    iat: Option<f64>,
    nbf: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl<'a> UnverifiedJwt<'a> {
    /// Splits and decodes the compact form.
    ///
    /// # Errors
    /// UNAUTHENTICATED when it is no JWT with RS256 and a kid.
    pub fn read(token: &'a str) -> Result<Self, IamError> {
        let not_a_jwt = IamError::BadJwt("it is not a JWT in compact form");
        let Some((signed, signature)) = token.rsplit_once('.') else {
            return Err(not_a_jwt);
        };
        let Some((header, claims)) = signed.split_once('.') else {
            return Err(not_a_jwt);
        };
        let header: Header = decode(header).ok_or(IamError::BadJwt("its header cannot be read"))?;
        if header.alg != "RS256" {
            return Err(IamError::BadJwt("its alg is not RS256"));
        }
        if header
            .typ
            .is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT"))
        {
            return Err(IamError::BadJwt("its typ is not JWT"));
        }
        if header.crit.is_some() {
            return Err(IamError::BadJwt(
                "it has critical header fields, none of which is known",
            ));
        }
        Ok(Self {
            key_id: header.kid.ok_or(IamError::BadJwt("it names no kid"))?,
            claims: decode(claims).ok_or(IamError::BadJwt("its claims cannot be read"))?,
            signed,
            signature: BASE64_URL_SAFE_NO_PAD
                .decode(signature)
                .map_err(|_| IamError::BadJwt("its signature cannot be read"))?,
        })
    }

    /// Checks signature, issuer, subject, audience and times.
    ///
    /// # Errors
    /// UNAUTHENTICATED, with the check that failed.
    pub fn verify(
        &self,
        key: PublicKey,
        service_account_id: &str,
        now_unix_s: i64,
    ) -> Result<(), IamError> {
        let wrong_signature = || IamError::BadJwt("its signature is not by this key");
        let signature =
            Signature::try_from(self.signature.as_slice()).map_err(|_| wrong_signature())?;
        VerifyingKey::<Sha256>::new(key)
            .verify(self.signed.as_bytes(), &signature)
            .map_err(|_| wrong_signature())?;
        let claims = &self.claims;
        if claims.iss != service_account_id || claims.sub != service_account_id {
            return Err(IamError::BadJwt(
                "its iss or sub is not the key's service account",
            ));
        }
        let for_us = match &claims.aud {
            None => true,
            Some(Audience::One(one)) => one == AUDIENCE,
            Some(Audience::Several(several)) => several.iter().any(|one| one == AUDIENCE),
        };
        if !for_us {
            return Err(IamError::BadJwt("its aud is another service"));
        }
        // NumericDate may have fractions (RFC 7519, section 2); JSON has no NaN.
        let now = now_unix_s as f64;
        let latest = (now_unix_s + CLOCK_SKEW_S) as f64;
        if claims.exp <= now {
            return Err(IamError::BadJwt(
                "it has expired; check the clock of its signer",
            ));
        }
        if [claims.iat, claims.nbf]
            .into_iter()
            .flatten()
            .any(|time| time > latest)
        {
            return Err(IamError::BadJwt(
                "it is from the future; check the clock of its signer",
            ));
        }
        Ok(())
    }
}

fn decode<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn arbitrary_text_is_read_or_refused_without_panic(text in "\\PC{0,300}") {
            let _ = UnverifiedJwt::read(&text);
        }

        #[test]
        fn arbitrary_parts_are_read_or_refused_without_panic(
            header in "\\PC{0,100}", claims in "\\PC{0,100}", signature in any::<Vec<u8>>(),
        ) {
            let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
            let token = format!(
                "{}.{}.{}", part(header.as_bytes()), part(claims.as_bytes()), part(&signature)
            );
            prop_assert!(UnverifiedJwt::read(&token).is_err());
        }
    }
}
