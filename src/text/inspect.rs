//! Texts of the screen Inspect.

pub const TITLE: &str = "Inspect a key file";
pub const PICK: &str = "Choose a credentials file, a private key or a public key. See which authorized key it \
    belongs to and what's wrong with it, or upload a public key. The file is read in this browser and \
    isn't sent.";
pub const CHOOSE: &str = "Choose a file, or drop it here";
pub const PASTE: &str = "Paste the text instead";
pub const PASTED: &str = "Text of the key file";
pub const READ: &str = "Inspect text";
pub const READING: &str = "Reading…";
pub const PASTED_TEXT: &str = "Pasted text";
pub const DROPPED_TEXT: &str = "Dropped text";
pub const LOCKED: &str = "Enter the passphrase to open it in this tab. The passphrase isn't sent.";
pub const OPEN: &str = "Open file";
pub const OPENING: &str = "Opening…";
pub const FORGET: &str = "Forget file";
pub const SAVE_PUBLIC: &str = "Download public.pem";
pub const KID: &str = "Key ID (kid)";

pub const REFUSED: &str = "The official SDKs and the CLI reject this file.";
pub const VALID_SIGN_IN: &str = "The file is valid. Sign in to see whether its key still works.";
pub const VALID_LOADING: &str = "The file is valid. Looking up its key…";
pub const VALID: &str = "This file is valid, and its key is active.";
pub const ACCEPTED_BUT: &str = "The official SDK accepts this file, but:";
pub const REPAIRED: &str = "Download the repaired file to fix this.";
pub const NOT_REPAIRED: &str = "The repaired file doesn't fix this.";
pub const SAVE_REPAIRED: &str = "Download repaired file";
pub const VERIFY: &str = "Verify credentials";
pub const VERIFYING: &str = "Verifying credentials…";

pub const KID_UNKNOWN: &str = "No key has this kid, or it was deleted. Nothing can authenticate with this file. \
    If a matching key is listed below, put its ID into kid. Otherwise, create a new key.";
pub const KID_UNSEEN: &str = "You can't look up this kid with your token.";
pub const KID_INACTIVE: &str = "The key is inactive. Nothing can authenticate with this file until you activate \
    the key on the Keys screen.";
pub const KID_EXPIRED: &str = "The key has expired. Nothing can authenticate with this file. Rotate the key to \
    replace it.";
pub const KID_OTHER_KEY: &str = "The private key in this file doesn't belong to its kid, so Nebius rejects it. \
    See the matching key below.";

pub const MATCH: &str = "Matching authorized key";
pub const SIGN_IN_TO_SEARCH: &str = "Sign in to look for it among the uploaded keys.";
pub const CHOOSE_PROJECT: &str = "Choose a project to look for it among its keys.";
pub const PROJECT: &str = "this project";
pub const TENANT: &str = "the tenant's projects";
pub const STOP: &str = "Stop search";
pub const SEARCH_AGAIN: &str = "Search again";
pub const SEARCH_EVERYWHERE: &str = "Search the tenant's other projects";
pub const CANNOT_BE_USED: &str = "It can't be used.";
pub const UPLOADED: &str = "Public key uploaded";
pub const UPLOADED_AS: &str = "The authorized key is";

pub fn kid_of_another(owner: &str) -> String {
    format!(
        "The key of this kid belongs to {owner}, not to the service account in the file, so Nebius rejects \
         it. Use the kid of one of the account's keys, or put {owner} into iss and sub."
    )
}

/// `checked` is a number of keys with its unit.
pub fn searching(scope: &str, checked: &str) -> String {
    format!("Searching {scope}: {checked} so far…")
}

pub fn stopped(scope: &str, checked: &str) -> String {
    format!(
        "Search stopped. None of the {checked} checked in {scope} has this public key; the others weren't \
         checked."
    )
}

pub fn none(scope: &str, checked: &str) -> String {
    format!("No match: none of the {checked} in {scope} has this public key.")
}
