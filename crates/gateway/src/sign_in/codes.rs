//! One-time sign-in codes, which are part of the address that `keyside serve` prints, and the sessions they
//! start. Browsers record the address, so a used code must be useless.
//!
//! Codes and session tokens are a time and a random number, authenticated with the admin token (HMAC-SHA-256).
//! So `keyside open` can make a code for a running gateway, sessions survive a restart, and replacing the admin
//! token ends them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use hmac::{Hmac, KeyInit, Mac};
use rsa::sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::IamError;

/// How long a code is valid, in seconds.
const CODE_LIFETIME_S: i64 = 10 * 60;
/// How long a session lasts, in seconds: as long as an access token.
pub const SESSION_LIFETIME_S: i64 = 12 * 60 * 60;

const RANDOM_LENGTH: usize = 16;
const MAC_LENGTH: usize = 32;

/// What a ticket is for. The name is authenticated too, so one can't be used as the other.
#[derive(Clone, Copy)]
enum Purpose {
    Code,
    Session,
}

impl Purpose {
    fn name(self) -> &'static [u8] {
        match self {
            Self::Code => b"keyside sign-in code",
            Self::Session => b"keyside session",
        }
    }
}

/// Checks codes and session tokens.
pub struct SignInCodes {
    admin_token: Zeroizing<String>,
    /// When this process started. Earlier codes are refused, because it isn't known which were used.
    started_s: i64,
    /// The random numbers of used codes, and when the codes end.
    used: Mutex<HashMap<[u8; RANDOM_LENGTH], i64>>,
}

/// Makes a code that is valid from `now_s`, in Unix seconds.
///
/// # Errors
/// If the system has no random numbers.
pub fn make(admin_token: &str, now_s: i64) -> Result<Zeroizing<String>, getrandom::Error> {
    ticket(admin_token, Purpose::Code, now_s)
}

fn ticket(
    admin_token: &str,
    purpose: Purpose,
    time_s: i64,
) -> Result<Zeroizing<String>, getrandom::Error> {
    let mut random = [0; RANDOM_LENGTH];
    getrandom::fill(&mut random)?;
    let mac = authenticator(admin_token, purpose, time_s, &random);
    let parts = [
        &time_s.to_be_bytes()[..],
        &random,
        &mac.finalize().into_bytes(),
    ];
    Ok(Zeroizing::new(
        BASE64_URL_SAFE_NO_PAD.encode(parts.concat()),
    ))
}

fn authenticator(admin_token: &str, purpose: Purpose, time_s: i64, random: &[u8]) -> Hmac<Sha256> {
    // HMAC takes keys of any length.
    let mut mac = Hmac::new_from_slice(admin_token.as_bytes())
        .unwrap_or_else(|_| Hmac::new(&Default::default()));
    mac.update(purpose.name());
    mac.update(&time_s.to_be_bytes());
    mac.update(random);
    mac
}

impl SignInCodes {
    /// Accepts codes made from now on.
    pub fn new(admin_token: &str, now_s: i64) -> Self {
        Self {
            admin_token: Zeroizing::new(admin_token.to_owned()),
            started_s: now_s,
            used: Mutex::default(),
        }
    }

    /// Exchanges a code for the token of a new session.
    ///
    /// # Errors
    /// UNAUTHENTICATED unless the code is valid and wasn't used.
    pub fn redeem(&self, code: &str, now_s: i64) -> Result<String, IamError> {
        let verified = self.verify(Purpose::Code, code.as_bytes());
        let (made_s, random) = verified.ok_or(IamError::BadSignInCode)?;
        let end_s = made_s.saturating_add(CODE_LIFETIME_S);
        if made_s < self.started_s || made_s > now_s || end_s <= now_s {
            return Err(IamError::BadSignInCode);
        }
        let token = ticket(&self.admin_token, Purpose::Session, now_s)?;
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, end_s| *end_s > now_s);
        match used.insert(random, end_s) {
            None => Ok(token.to_string()),
            Some(_) => Err(IamError::BadSignInCode),
        }
    }

    /// When the session with this token ends, in Unix seconds; none unless it's going on.
    pub fn session_end(&self, token: &[u8], now_s: i64) -> Option<i64> {
        let (begun_s, _) = self.verify(Purpose::Session, token)?;
        let end_s = begun_s.saturating_add(SESSION_LIFETIME_S);
        (begun_s..end_s).contains(&now_s).then_some(end_s)
    }

    /// The time and the random number of an authentic ticket.
    fn verify(&self, purpose: Purpose, ticket: &[u8]) -> Option<(i64, [u8; RANDOM_LENGTH])> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(ticket).ok()?;
        let (time, rest) = bytes.split_first_chunk()?;
        let (random, mac) = rest.split_first_chunk::<RANDOM_LENGTH>()?;
        let time_s = i64::from_be_bytes(*time);
        let is_authentic = mac.len() == MAC_LENGTH
            && authenticator(&self.admin_token, purpose, time_s, random)
                .verify_slice(mac)
                .is_ok();
        is_authentic.then_some((time_s, *random))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADMIN: &str = "an-admin-token-of-this-test";

    fn refused(codes: &SignInCodes, code: &str, now_s: i64) -> bool {
        matches!(codes.redeem(code, now_s), Err(IamError::BadSignInCode))
    }

    #[test]
    fn a_code_begins_one_session_within_ten_minutes() {
        let codes = SignInCodes::new(ADMIN, 1_000);
        let code = make(ADMIN, 1_000).unwrap();
        assert!(refused(&codes, &code, 999));
        assert!(refused(&codes, &code, 1_600));
        let token = codes.redeem(&code, 1_599).unwrap();
        assert!(refused(&codes, &code, 1_599));
        let end_s = 1_599 + SESSION_LIFETIME_S;
        assert_eq!(codes.session_end(token.as_bytes(), end_s - 1), Some(end_s));
        assert_eq!(codes.session_end(token.as_bytes(), end_s), None);
        // A restart doesn't end the session, but another admin token does.
        let restarted = SignInCodes::new(ADMIN, 2_000);
        assert!(restarted.session_end(token.as_bytes(), 2_000).is_some());
        assert!(refused(&restarted, &code, 2_000));
        let other = SignInCodes::new("another-admin-token-here", 2_000);
        assert_eq!(other.session_end(token.as_bytes(), 2_000), None);
        // Neither can be used as the other.
        assert_eq!(codes.session_end(code.as_bytes(), 1_599), None);
        assert!(refused(&codes, &token, 1_599));
    }

    #[test]
    fn other_codes_are_refused() {
        let codes = SignInCodes::new(ADMIN, 1_000);
        let other = make("another-admin-token-here", 1_000).unwrap();
        assert!(refused(&codes, &other, 1_000));
        let earlier = make(ADMIN, 999).unwrap();
        assert!(refused(&codes, &earlier, 1_000));
        for code in ["", "abc", "\u{e4}", ADMIN] {
            assert!(refused(&codes, code, 1_000), "{code}");
        }
        let code = make(ADMIN, 1_000).unwrap();
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(code.as_str()).unwrap();
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            let altered = BASE64_URL_SAFE_NO_PAD.encode(altered);
            assert!(refused(&codes, &altered, 1_000), "byte {at}");
        }
        assert!(codes.redeem(&code, 1_000).is_ok());
    }
}
