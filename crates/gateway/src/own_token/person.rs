//! The access token of the person who has signed in at the issuer, in memory only.

use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use super::OwnTokenError;

/// None before the first sign-in; the last one counts.
#[derive(Default)]
pub struct PersonToken(Mutex<Option<Current>>);

/// Whose token it is: the issuer's ID of them.
pub type PersonId = String;

struct Current {
    person: PersonId,
    token: Zeroizing<String>,
    /// In Unix seconds.
    end_s: i64,
}

impl PersonToken {
    /// Whether the last token was this person's.
    pub fn is_of(&self, person: &PersonId) -> bool {
        let current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().is_some_and(|last| last.person == *person)
    }

    /// Uses this token until its end, in Unix seconds.
    pub fn set(&self, person: PersonId, token: Zeroizing<String>, end_s: i64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Current {
            person,
            token,
            end_s,
        });
    }

    /// Forgets the token if the API refused it. Whose it was is still known.
    pub fn refused(&self, authorization: &[u8]) {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(current) = &mut *current
            && authorization.strip_prefix(b"Bearer ") == Some(current.token.as_bytes())
        {
            current.end_s = 0;
        }
    }

    /// The token, and how many seconds are left until its end.
    ///
    /// # Errors
    /// If nobody is signed in, or no longer.
    pub fn get(&self, now_s: i64) -> Result<(Zeroizing<String>, i64), OwnTokenError> {
        let current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*current {
            Some(current) if current.end_s > now_s => {
                Ok((current.token.clone(), current.end_s - now_s))
            }
            _ => Err(OwnTokenError::NobodySignedIn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_ends_when_it_says_and_the_last_one_counts() {
        let person = PersonToken::default();
        assert!(person.get(0).is_err());
        // Returns whether it's the same person's as the last one.
        let set = |name: &str, token: &str, end_s| {
            let name = name.to_owned();
            let is_same = person.is_of(&name);
            person.set(name, Zeroizing::new(token.to_owned()), end_s);
            is_same
        };
        assert!(!set("anna", "first", 100));
        assert!(set("anna", "second", 200));
        let (token, left_s) = person.get(150).unwrap();
        assert_eq!((token.as_str(), left_s), ("second", 50));
        assert!(person.get(200).is_err());
        assert!(!set("ben", "third", 200));
        person.refused(b"Bearer second");
        assert!(person.get(150).is_ok());
        person.refused(b"Bearer third");
        assert!(person.get(150).is_err());
    }
}
