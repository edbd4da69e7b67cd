//! The issuer at which a person signs in: its addresses, and what it answers.

use std::{fmt, str::FromStr};

use http::Uri;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::PersonError;
use crate::{
    fetch::Fetch,
    own_token::PersonId,
    parsers::{decode_part, is_this_machine},
};

/// How far the issuer's clock may differ from ours, in seconds.
const LEEWAY_S: i64 = 60;

/// The issuer's identifier, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerUrl(String);

/// The error for text that isn't the address of an issuer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} isn't the address of an issuer. Use one with https://, such as https://auth.nebius.com"
)]
pub struct IssuerUrlError(String);

impl FromStr for IssuerUrl {
    type Err = IssuerUrlError;

    fn from_str(text: &str) -> Result<Self, IssuerUrlError> {
        let error = || IssuerUrlError(text.to_owned());
        let url = text.trim_end_matches('/');
        let uri: Uri = url.parse().map_err(|_| error())?;
        let host = uri.host().ok_or_else(error)?;
        let is_private = match uri.scheme_str() {
            Some("https") => true,
            // Only for tests.
            Some("http") => is_this_machine(host),
            _ => false,
        };
        match is_private && !url.contains(['?', '#', '@']) {
            true => Ok(Self(url.to_owned())),
            false => Err(error()),
        }
    }
}

impl fmt::Display for IssuerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An issuer, for one client.
pub struct Issuer {
    pub url: IssuerUrl,
    pub client_id: String,
    pub fetch: Fetch,
}

/// What identifies one sign-in.
pub struct Request<'a> {
    pub redirect_uri: &'a str,
    pub nonce: &'a str,
}

/// The answer to the exchange of a code (RFC 6749, 5.1).
#[derive(Deserialize)]
struct Tokens {
    access_token: Zeroizing<String>,
    token_type: String,
    expires_in: Option<i64>,
    id_token: Option<Zeroizing<String>>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    iss: String,
    aud: Audience,
    exp: f64,
    nonce: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// The access token of a person.
pub struct SignedIn {
    pub person: PersonId,
    pub token: Zeroizing<String>,
    /// In Unix seconds.
    pub end_s: i64,
}

impl Issuer {
    /// The address at which the person signs in (RFC 6749, 4.1.1; RFC 7636).
    pub fn authorization(&self, request: &Request<'_>, state: &str, challenge: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", request.redirect_uri)
            .append_pair("scope", "openid")
            .append_pair("state", state)
            .append_pair("nonce", request.nonce)
            .append_pair("code_challenge", challenge)
            .append_pair("code_challenge_method", "S256")
            .finish();
        format!("{}/oauth2/authorize?{query}", self.url)
    }

    /// Exchanges the code of a sign-in for its access token.
    ///
    /// # Errors
    /// If the issuer refuses the code, or if its ID token isn't for this sign-in.
    pub async fn exchange(
        &self,
        request: &Request<'_>,
        code: &str,
        verifier: &str,
        now_s: i64,
    ) -> Result<SignedIn, PersonError> {
        let uri: Uri = format!("{}/oauth2/token", self.url)
            .parse()
            .map_err(|_| PersonError::Unreadable)?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", request.redirect_uri)
            .append_pair("client_id", &self.client_id)
            .append_pair("code_verifier", verifier)
            .finish();
        let answer = self
            .fetch
            .post(&uri, "application/x-www-form-urlencoded", form)
            .await
            .map_err(PersonError::Unreachable)?;
        if answer.status != 200 {
            return Err(PersonError::Refused(answer.status.as_u16()));
        }
        let tokens: Tokens =
            serde_json::from_slice(&answer.body).map_err(|_| PersonError::Unreadable)?;
        if !tokens.token_type.eq_ignore_ascii_case("bearer") || tokens.access_token.is_empty() {
            return Err(PersonError::Unreadable);
        }
        let id_token = tokens.id_token.ok_or(PersonError::Id("there is none"))?;
        let person = self.check(&id_token, request.nonce, now_s)?;
        // A person's token is valid for up to 12 hours.
        let lifetime_s = tokens.expires_in.unwrap_or(600).clamp(0, 12 * 60 * 60);
        Ok(SignedIn {
            person,
            token: tokens.access_token,
            end_s: now_s.saturating_add(lifetime_s),
        })
    }

    /// Checks the ID token. It came from the issuer itself over TLS, which stands for its signature (OpenID
    /// Connect Core, 3.1.3.7).
    fn check(&self, id_token: &str, nonce: &str, now_s: i64) -> Result<PersonId, PersonError> {
        let claims = id_token.split('.').nth(1).and_then(decode_part::<Claims>);
        let claims = claims.ok_or(PersonError::Id("it can't be decoded"))?;
        let is_for_us = match &claims.aud {
            Audience::One(audience) => *audience == self.client_id,
            Audience::Several(audiences) => {
                matches!(audiences.as_slice(), [one] if *one == self.client_id)
            }
        };
        if !self.is(&claims.iss) {
            return Err(PersonError::Id("its iss is another issuer"));
        }
        if !is_for_us {
            return Err(PersonError::Id("its aud is another client"));
        }
        if claims.exp + (LEEWAY_S as f64) <= now_s as f64 {
            return Err(PersonError::Id("it has expired"));
        }
        match claims.nonce.as_deref() == Some(nonce) {
            true => Ok(claims.sub),
            false => Err(PersonError::Id("its nonce is that of another sign-in")),
        }
    }

    /// Whether this is the issuer's identifier.
    pub fn is(&self, issuer: &str) -> bool {
        issuer.trim_end_matches('/') == self.url.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_need_tls_except_on_this_machine() {
        for right in [
            "https://auth.nebius.com",
            "https://a.example/tenant/",
            "http://127.0.0.1:9",
        ] {
            assert!(right.parse::<IssuerUrl>().is_ok(), "{right}");
        }
        for wrong in [
            "",
            "auth.nebius.com",
            "http://auth.nebius.com",
            "https://a@b.example",
            "https://a.example/?x",
            "ftp://a.example",
        ] {
            assert!(wrong.parse::<IssuerUrl>().is_err(), "{wrong}");
        }
    }
}
