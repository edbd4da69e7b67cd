//! Texts for creating keys for several service accounts.

use super::count;

pub const TITLE: &str = "New keys";
pub const PROGRESS: &str = "Keys created";
pub const NOT_SAVED: &str =
    "The private keys are only in this tab's memory until you save the ZIP.";
pub const STOP: &str = "Stop after this key";
pub const STOPPING: &str = "Stopping after this key…";
pub const GENERATING: &str = "generating the key pair…";
pub const UPLOADING: &str = "uploading the public key…";
pub const VERIFYING: &str = "verifying the key…";
pub const FAILED: &str = "Failed keys";
pub const CREATED: &str = "Created keys";
pub const WHY: &str = "Reason";
pub const REACHED: &str = "Current state";
pub const GENERATED: &str = "The key pair is generated and kept; it isn't uploaded.";
pub const NOTHING: &str = "No key pair yet.";
pub const FILES: &str = "Credentials files";
pub const ARCHIVE: &str = "One ZIP with a credentials file for each new key. It contains the private keys: keep \
    it secret, and delete it once the files are where they belong.";
pub const ENCRYPT: &str = "Encrypt the ZIP with a passphrase";
pub const ARCHIVE_PASSPHRASE: &str = "AES-256. WinZip, 7-Zip and bsdtar can open it; the built-in tools of \
    Windows and macOS can't. The format doesn't slow down guessing, so use a passphrase that can't be \
    guessed. File names stay readable.";
pub const SUGGEST: &str = "Suggest a passphrase";
pub const SAVE: &str = "Download ZIP";
pub const SAVE_ENCRYPTED: &str = "Download encrypted ZIP";
pub const PREPARING: &str = "Preparing the ZIP…";
pub const START_OVER: &str = "Create other keys";

pub fn status(done: usize, failed: usize, total: usize) -> String {
    let failed = match failed {
        0 => String::new(),
        n => format!(", {n} failed"),
    };
    format!("{done} of {total} created{failed}.")
}

pub fn resume(left: usize, is_retry: bool) -> String {
    if is_retry {
        format!("Retry the other {left}")
    } else {
        format!("Continue with the other {left}")
    }
}

pub fn created(done: usize) -> String {
    format!("Show {}", count(done, "new key"))
}

pub fn uploaded(key_id: &str) -> String {
    format!("Uploaded as {key_id}, not verified. Retry to add it to the ZIP, or delete it.")
}
