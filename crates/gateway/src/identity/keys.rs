//! The issuer's public keys, from a file or an address. They are read again from time to time, and when a JWT
//! names a key that isn't among them.

use std::{
    fs,
    time::{Duration, Instant},
};

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse},
};
use tokio::sync::Mutex;

use super::setting::Jwks;
use crate::fetch::Fetch;

/// After this time, the keys are read again, so that a withdrawn one is no longer accepted.
const MAX_AGE: Duration = Duration::from_secs(5 * 60);
/// How often the keys are read at most, whatever key IDs callers send.
const MIN_AGE: Duration = Duration::from_secs(5);
/// Smaller keys can be forged, or nearly (NIST SP 800-131A).
const MIN_RSA_BITS: usize = 2048;

/// A key and the one algorithm that it's used with.
#[derive(Clone)]
pub struct Key {
    pub key: DecodingKey,
    pub algorithm: Algorithm,
    id: Option<String>,
}

/// The keys that were read last.
pub struct Keys {
    place: Jwks,
    fetch: Fetch,
    read: Mutex<Option<(Vec<Key>, Instant)>>,
}

impl Keys {
    /// Doesn't read them yet.
    pub fn new(place: Jwks, fetch: Fetch) -> Self {
        Self {
            place,
            fetch,
            read: Mutex::new(None),
        }
    }

    /// The key with this ID, or the only one if no ID is given.
    ///
    /// # Errors
    /// Returns why there are no keys. If reading them again fails, the earlier ones stay.
    pub async fn find(&self, id: Option<&str>) -> Result<Option<Key>, String> {
        let mut read = self.read.lock().await;
        let now = Instant::now();
        if let Some((keys, at)) = &*read {
            let found = one(keys, id);
            let age = now.duration_since(*at);
            if found.is_some() && age < MAX_AGE || age < MIN_AGE {
                return Ok(found);
            }
        }
        let (keys, problem) = match (self.load().await, read.take()) {
            (Ok(keys), _) => (keys, None),
            (Err(problem), Some((keys, _))) => (keys, Some(problem)),
            (Err(problem), None) => return Err(problem),
        };
        if let Some(problem) = problem {
            tracing::warn!(place = %self.place, problem, "can't read the keys of --identity again: the earlier ones stay");
        }
        let found = one(&keys, id);
        *read = Some((keys, now));
        Ok(found)
    }

    /// Reads the keys.
    async fn load(&self) -> Result<Vec<Key>, String> {
        let content = match &self.place {
            Jwks::File(path) => fs::read(path).map_err(|error| error.to_string())?,
            Jwks::Url(uri) => {
                let answer = self.fetch.get_plain(uri).await?;
                if !answer.status.is_success() {
                    return Err(format!("the answer is {}", answer.status));
                }
                answer.body.to_vec()
            }
        };
        let set: JwkSet = serde_json::from_slice(&content)
            .map_err(|error| format!("it isn't a JSON Web Key Set: {error}"))?;
        let keys: Vec<_> = set.keys.iter().filter_map(key).collect();
        match keys.is_empty() {
            true => Err("it has no public key for RS256, ES256 or EdDSA".to_owned()),
            false => Ok(keys),
        }
    }
}

fn one(keys: &[Key], id: Option<&str>) -> Option<Key> {
    match id {
        Some(id) => keys.iter().find(|key| key.id.as_deref() == Some(id)),
        None => keys.first().filter(|_| keys.len() == 1),
    }
    .cloned()
}

/// The key, if it's one to verify signatures with by an algorithm that is accepted here. The algorithm follows
/// from the key, never from a JWT.
fn key(jwk: &Jwk) -> Option<Key> {
    let (algorithm, name) = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        _ => return None,
    };
    let common = &jwk.common;
    let is_for_it = common.key_algorithm.is_none_or(|given| given == name)
        && !matches!(&common.public_key_use, Some(other) if *other != PublicKeyUse::Signature);
    if !is_for_it {
        return None;
    }
    let is_strong = match &jwk.algorithm {
        AlgorithmParameters::RSA(key) => rsa_bits(&key.n) >= MIN_RSA_BITS,
        _ => true,
    };
    Some(Key {
        key: DecodingKey::from_jwk(jwk).ok().filter(|_| is_strong)?,
        algorithm,
        id: common.key_id.clone(),
    })
}

/// The length of a modulus in base64url without leading zero bytes, at least.
fn rsa_bits(modulus: &str) -> usize {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(modulus).unwrap_or_default();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    match bytes.get(zeros) {
        Some(first) => (bytes.len() - zeros) * 8 - first.leading_zeros() as usize,
        None => 0,
    }
}
