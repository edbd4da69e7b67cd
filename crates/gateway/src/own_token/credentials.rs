//! A service account's credentials file, with which the gateway gets access tokens of its own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use keyside_iam::token_exchange::AUDIENCE;
use rsa::{PrivateKey, pkcs1::EncodeRsaPrivateKey, pkcs8::DecodePrivateKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// How long a JWT is valid, in seconds. The official SDKs use the same.
const LIFETIME_S: i64 = 60;

/// Why the file can't be used. None of them contains any of its content.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    #[error("can't read the credentials file {}: {cause}", path.display())]
    Unreadable {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("{} isn't a credentials file of a service account. Check it on the page's Inspect screen", .0.display())]
    NotCredentials(PathBuf),
    #[error("the JWT can't be signed with the key in the credentials file")]
    Unsigned,
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "subject-credentials")]
    subject: Subject,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Subject {
    alg: String,
    private_key: Zeroizing<String>,
    kid: String,
    iss: String,
    sub: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
}

/// A service account and its key.
pub struct Credentials {
    service_account_id: String,
    header: Header,
    key: EncodingKey,
}

impl Credentials {
    /// Reads the file.
    ///
    /// # Errors
    /// If it isn't a credentials file with an RSA key.
    pub fn read(path: &Path) -> Result<Self, CredentialsError> {
        let content = fs::read(path).map(Zeroizing::new);
        let content = content.map_err(|cause| CredentialsError::Unreadable {
            path: path.to_owned(),
            cause,
        })?;
        Self::parse(&content).ok_or_else(|| CredentialsError::NotCredentials(path.to_owned()))
    }

    fn parse(content: &[u8]) -> Option<Self> {
        let File { subject } = serde_json::from_slice(content).ok()?;
        if subject.alg != "RS256" || subject.iss != subject.sub {
            return None;
        }
        let key = PrivateKey::from_pkcs8_pem(&subject.private_key).ok()?;
        let der = key.to_pkcs1_der().ok()?;
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(subject.kid);
        Some(Self {
            service_account_id: subject.iss,
            header,
            key: EncodingKey::from_rsa_der(der.as_bytes()),
        })
    }

    /// A JWT to exchange for an access token, valid from `now_s`, in Unix seconds.
    ///
    /// # Errors
    /// If it can't be signed.
    pub fn jwt(&self, now_s: i64) -> Result<String, CredentialsError> {
        let claims = Claims {
            iss: &self.service_account_id,
            sub: &self.service_account_id,
            aud: AUDIENCE,
            iat: now_s,
            exp: now_s + LIFETIME_S,
        };
        encode(&self.header, &claims, &self.key).map_err(|_| CredentialsError::Unsigned)
    }
}
