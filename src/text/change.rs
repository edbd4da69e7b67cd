//! Texts for changing a key.

use super::count;

pub const ACTIVATE: &str = "Activate key";
pub const DEACTIVATE: &str = "Deactivate key";
pub const DELETE: &str = "Delete key";
pub const DEACTIVATE_INSTEAD: &str = "Deactivate instead";
pub const WAITING: &str = "Waiting for the API…";
pub const DEACTIVATE_FIRST: &str =
    "Deactivate the key first: the same things stop working, but you can undo it.";
pub const LAST_ACTIVE_KEY: &str = "This is the service account's only active key. Without it, nothing can \
    authenticate as this account.";

pub const ACTIVATE_EFFECT: &str = "Anyone with its private key can authenticate as the service account \
    again. You can deactivate the key at any time.";
pub const DEACTIVATE_EFFECT: &str = "Anything that uses this key can't get new access tokens. Existing \
    tokens work for up to 12 hours. You can reactivate the key.";
pub const DELETE_EFFECT: &str = "Anything that uses this key can't get new access tokens. Existing tokens \
    work for up to 12 hours. Deleting the key can't be undone.";
pub const DELETE_INACTIVE_EFFECT: &str =
    "This key is already inactive, so nothing stops working. Deleting it can't be undone.";

pub const REVOKE_TOKENS: &str = "Also revoke the access tokens that this service account already has. \
    Everything that runs as this account needs a new token, whichever key it uses.";
pub const TOKENS_REVOKED: &str = "The service account's access tokens no longer work.";

/// `verb` includes its object: "Delete key".
pub fn question(verb: &str, id: &str) -> String {
    format!("{verb} {id}?")
}

pub fn other_keys(n: usize) -> String {
    format!(
        "The service account has {}, which won't change.",
        count(n, "other active key")
    )
}

pub fn activated(id: &str) -> String {
    format!("Key {id} is active.")
}

pub fn deactivated(id: &str) -> String {
    format!("Key {id} is inactive.")
}

pub fn deleted(id: &str) -> String {
    format!("Key {id} was deleted.")
}

pub fn gone(id: &str) -> String {
    format!("Key {id} no longer exists. Someone else deleted it.")
}
