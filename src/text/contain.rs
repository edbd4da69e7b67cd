//! Texts for containing a leak.

pub const CONTAIN: &str = "Contain leak";
pub const WHEN: &str =
    "If someone else may have this file: stops its key and the tokens issued with it.";
pub const DEACTIVATES: &str = "Deactivates the key, so nobody can get new access tokens with it.";
pub const IS_NOT_ACTIVE: &str =
    "The key is already not active, so nobody can get new access tokens with it.";
pub const REVOKES: &str = "Revokes all access tokens of the service account, which would work for up to 12 \
    hours.";
pub const REPLACES: &str = "Then leads you to a new key that replaces this one.";
pub const EFFECT: &str = "Everything that uses this key stops working until it has the new one. What uses other \
    keys of the account gets a new token with them.";
pub const REPLACE: &str = "Create replacement";

pub fn question(id: &str) -> String {
    format!("Contain the leak of key {id}?")
}

pub fn contained(id: &str) -> String {
    format!(
        "Key {id} isn't active, and the access tokens of its service account no longer work. Create a key \
         that replaces it."
    )
}
