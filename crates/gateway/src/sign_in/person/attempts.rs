//! Sign-ins that have begun.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use rsa::sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// How long a sign-in may take.
const LIFETIME: Duration = Duration::from_secs(10 * 60);
/// More than a person begins. The oldest ones make room, so that nobody can fill the memory.
const MOST: usize = 32;

/// One sign-in.
pub struct Attempt {
    pub redirect_uri: String,
    pub nonce: String,
    /// The PKCE verifier, which only the gateway knows.
    pub verifier: Zeroizing<String>,
    /// The hash of the cookie of the browser that began it.
    browser: [u8; 32],
}

impl Attempt {
    /// Also returns its state and the browser's cookie.
    ///
    /// # Errors
    /// If the system has no random numbers.
    pub fn new(origin: &str) -> Result<(String, String, Self), getrandom::Error> {
        let browser = random()?;
        let attempt = Self {
            redirect_uri: origin.to_owned(),
            nonce: random()?,
            verifier: Zeroizing::new(random()?),
            browser: hash(&browser),
        };
        Ok((random()?, browser, attempt))
    }

    /// `S256` of the verifier (RFC 7636, 4.2).
    pub fn challenge(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(hash(&self.verifier))
    }

    /// Whether this cookie is the browser's.
    pub fn is_of(&self, cookie: &str) -> bool {
        hash(cookie).ct_eq(&self.browser).into()
    }
}

fn random() -> Result<String, getrandom::Error> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bytes)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(*bytes))
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// The sign-ins by their state.
#[derive(Default)]
pub struct Attempts(HashMap<String, (Instant, Attempt)>);

impl Attempts {
    pub fn insert(&mut self, state: String, attempt: Attempt, now: Instant) {
        self.0
            .retain(|_, (began, _)| now.duration_since(*began) < LIFETIME);
        if self.0.len() >= MOST {
            let oldest = self.0.iter().min_by_key(|(_, (began, _))| *began);
            if let Some(oldest) = oldest.map(|(state, _)| state.clone()) {
                self.0.remove(&oldest);
            }
        }
        self.0.insert(state, (now, attempt));
    }

    /// Each can be finished once.
    pub fn take(&mut self, state: &str, now: Instant) -> Option<Attempt> {
        let (began, attempt) = self.0.remove(state)?;
        (now.duration_since(began) < LIFETIME).then_some(attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_finished_once_within_ten_minutes() {
        let mut attempts = Attempts::default();
        let now = Instant::now();
        let begin = |attempts: &mut Attempts, at| {
            let (state, cookie, attempt) = Attempt::new("http://127.0.0.1:8080").unwrap();
            assert!(attempt.is_of(&cookie) && !attempt.is_of("") && !attempt.is_of(&state));
            attempts.insert(state.clone(), attempt, at);
            state
        };
        let first = begin(&mut attempts, now);
        assert!(attempts.take("another", now).is_none());
        assert!(attempts.take(&first, now).is_some());
        assert!(attempts.take(&first, now).is_none());
        let late = begin(&mut attempts, now);
        assert!(attempts.take(&late, now + LIFETIME).is_none());
        // Many at once don't fill the memory.
        let oldest = begin(&mut attempts, now);
        for second in 1..=MOST as u64 {
            begin(&mut attempts, now + Duration::from_secs(second));
        }
        assert_eq!(attempts.0.len(), MOST);
        assert!(attempts.take(&oldest, now).is_none());
    }

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let attempt = Attempt {
            redirect_uri: String::new(),
            nonce: String::new(),
            // RFC 7636, appendix B.
            verifier: Zeroizing::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned()),
            browser: [0; 32],
        };
        assert_eq!(
            attempt.challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
