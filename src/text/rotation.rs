//! Texts for rotations.

pub const UNFINISHED: &str = "Unfinished rotations";
pub const LEFT_TO_DEACTIVATE: &str =
    "The old key is still active. Put the new files in place, then deactivate the old key.";
pub const LEFT_TO_DELETE: &str = "The old key is inactive. Delete it once nothing needs it.";
pub const NEW_KEY: &str = "New key";
pub const RESUMED: &str = "The new private key is only in the files that were saved then. If they're in place, \
    continue below. If they're lost, delete the new key and start over.";
pub const GIVE_UP: &str = "Delete the new key";
pub const RETIRE: &str = "Deactivate the old key";
pub const RETIRED: &str = "The old key";
pub const AFTER_VERIFYING: &str = "First verify the new key.";
pub const AFTER_SAVING: &str = "First download the new credentials file.";
pub const STILL_ACTIVE: &str =
    "is still active. Replace the old files everywhere, and check that everything works.";
pub const IN_PLACE: &str = "The new files are in place wherever the old key was used.";
pub const DEACTIVATE_OLD: &str = "Deactivate old key";
pub const DELETE_LATER: &str = "If something still needs it, reactivate it. Otherwise, delete it after a few days: \
    until then, the rotation stays listed on the Keys screen.";
pub const FINISHED: &str = "The old key is deleted. The rotation is finished.";
pub const DONE: &str = "Done";

pub fn resumed(old: &str) -> String {
    format!("Rotation of key {old}")
}

pub fn resume(account: &str) -> String {
    format!("Continue: {account}")
}

pub fn is(state: &str) -> String {
    format!("is {state}.")
}
