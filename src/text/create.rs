//! Texts of the screen Create.

use super::count;

pub const TITLE: &str = "Create a key";
pub const ROTATE: &str = "Rotate a key";
pub const WITHOUT_API: &str = "Without signing in, you can generate a key pair here and upload its public key \
    in the web console.";
pub const SIGN_IN_TO_ROTATE: &str = "Sign in to rotate this key.";
pub const NEW_KEY_FOR: &str = "The new key is for";
pub const OLD_KEY_STAYS: &str = "The old key stays active until you deactivate it.";
pub const SAVED_AS: &str = "Saved as";
pub const REVIEW: &str = "Review the request first";
pub const UPLOADING: &str = "Uploading the public key…";
pub const VERIFYING: &str = "Verifying the key…";
pub const UPLOAD: &str = "Upload public key";
pub const GENERATE: &str = "Generate key pair";
pub const CREATE_NEW: &str = "Create new key";
pub const PAIR_STAYS: &str = "Your key pair is still here.";
pub const PAIR: &str = "Key pair";
pub const FAST: &str = "(fast engine)";
pub const PORTABLE: &str = "(portable engine)";
pub const SAVED: &str = "You saved the private key. A copy stays in this tab.";
pub const NOT_SAVED: &str = "The private key is only in this tab until you download it.";
pub const DISCARD: &str = "Discard key";
pub const DISCARD_QUESTION: &str = "Discard this private key?";
pub const DISCARD_EFFECT: &str = "You haven't downloaded it, and it can't be recovered. A public key that you \
    uploaded stays in Nebius.";
pub const DISCARD_SEVERAL: &str = "Discard keys";
pub const DISCARD_SEVERAL_QUESTION: &str = "Discard these private keys?";
pub const DISCARD_SEVERAL_EFFECT: &str = "The ZIP with these private keys isn't saved, and they can't be \
    recovered. Their public keys stay in Nebius.";
pub const CREATED: &str = "Key created";
pub const VERIFY: &str = "Verify key";
pub const NOT_VERIFIED: &str = "This key isn't verified yet.";
pub const VIEW_KEY: &str = "View key";
pub const CREATE_ANOTHER: &str = "Create another key";
pub const OTHER_KEY_FIRST: &str = "Finish this key first";
pub const OTHER_KEY_FIRST_HINT: &str = "You opened a rotation while another new key isn't saved. Save that key, or discard it to continue.";
pub const DISCARD_AND_ROTATE: &str = "Discard key and rotate";

pub fn rotate(id: &str) -> String {
    format!("Rotate key {id}")
}

pub fn create(accounts: usize) -> String {
    match accounts {
        0 | 1 => "Create key".to_owned(),
        n => format!("Create {}", count(n, "key")),
    }
}

/// Followed by the elapsed time.
pub fn generated(bits: u32) -> String {
    format!("RSA-{bits} key pair generated in")
}
