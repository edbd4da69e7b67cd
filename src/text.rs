//! The longer texts that a person reads at the page, in one place, so that wording can be
//! reviewed as a whole. Each error says what happened, why, and what to do next; none holds a
//! secret. Labels and headings stand with their components.

use connectrpc::ErrorCode;

/// No answer from the API.
pub const UNREACHABLE: &str = "The API gave no answer: the server may be stopped or restarting, \
    or the network is down. Nothing is lost here. Check that it runs, then try again.";
/// An answer that cannot be read.
pub const UNREADABLE: &str = "The API answered in a way that this page does not understand. Check \
    that the address serves the IAM API and is not an older or newer version, then try again.";
/// An operation that failed.
pub const OPERATION_FAILED: &str = "The API took the request, but could not carry it out";
/// An operation that takes too long.
pub const OPERATION_SLOW: &str = "The API took the request, but has not finished it after two \
    minutes. Nothing is lost. Try again to go on waiting for the same operation.";
/// An anonymous caller.
pub const ANONYMOUS: &str = "The API takes this token for nobody. Get a fresh one with `nebius iam \
    get-access-token` and connect again.";
/// A token with characters that no token has.
pub const BAD_TOKEN: &str = "This is not an access token: it has line breaks or other characters \
    that none has. Copy it again, whole and alone.";
/// The API's base address.
#[must_use]
pub fn bad_base(base: &str) -> String {
    format!(
        "config.json names \"{base}\" as the API's address, which is not one. Ask who runs this \
         page to mend it."
    )
}

/// A config.json that cannot be read.
#[must_use]
pub fn bad_config(why: &str) -> String {
    format!(
        "config.json beside this page cannot be understood: {why}. It may hold \"api\" (the API's \
         address) and \"protocol\" (connect or grpc-web). Ask who runs this page to mend it."
    )
}

/// The browser refused to make a file.
pub const NO_FILE: &str = "The browser could not make the file: it may be out of memory. The key \
    is still here. Close other tabs and try again.";

/// What to do about an API error.
#[must_use]
pub fn advice(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::Unauthenticated => {
            "The access token is wrong or has expired. Connect again with a fresh one; a pair that \
             was made here stays."
        }
        ErrorCode::PermissionDenied => {
            "The admin role in the tenant is needed for this. Ask a tenant admin to add you to a \
             group that has it (the default one is called admins), then try again."
        }
        ErrorCode::NotFound => {
            "Check the id, and that the right project is chosen, then try again."
        }
        ErrorCode::InvalidArgument => "Correct what the API names, then try again.",
        ErrorCode::AlreadyExists => "Choose another name, or use the one that exists.",
        ErrorCode::FailedPrecondition | ErrorCode::Aborted => {
            "Something changed in the meantime. Look at the current state, then try again."
        }
        ErrorCode::ResourceExhausted => "A limit is reached. Wait a little, then try again.",
        ErrorCode::Unimplemented => "This API does not offer it.",
        _ => "Nothing is lost here. Wait a moment, then try again.",
    }
}

/// A repeated upload turned out to be the earlier one.
pub const FIRST_ORDER: &str = "An earlier attempt had arrived after all, and this is its key: it was \
    not uploaded twice. It has that attempt's description and expiration date.";

/// The field for the expiration date, its options and its date picker.
pub const EXPIRATION: &str = "Expiration";
/// See [`EXPIRATION`].
pub const ON_A_DATE: &str = "On a date";
/// See [`EXPIRATION`].
pub const NEVER: &str = "Never";
/// See [`EXPIRATION`].
pub const EXPIRATION_DATE: &str = "Expiration date (local time)";
/// Below the field, when a key gets no expiration date.
pub const NEVER_EXPIRES: &str = "This key never expires.";
/// A date that can't be sent.
pub const EXPIRATION_PAST: &str = "This date is in the past. Choose a later one.";
/// A date that the browser can't read.
pub const EXPIRATION_UNREADABLE: &str = "Choose a date and a time.";

/// A date beyond the longest lifetime that is allowed.
#[must_use]
pub fn expiration_too_late(max_days: u32) -> String {
    format!(
        "Keys must expire within {}. Choose an earlier date.",
        count(max_days, "day")
    )
}

/// `1 key`, `2 keys`, `10,000 keys`.
#[must_use]
pub fn count(n: impl TryInto<i64>, what: &str) -> String {
    let n = whole(n);
    format!("{} {what}{}", number(n), if n == 1 { "" } else { "s" })
}

/// `1`, `10,000`.
#[must_use]
pub fn number(n: impl TryInto<i64>) -> String {
    let digits = whole(n).to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Of whatever kind of number.
fn whole(n: impl TryInto<i64>) -> i64 {
    n.try_into().unwrap_or(i64::MAX)
}

/// Asked before a pair is given up.
pub const CONFIRM_FORGET: &str = "The private key has not been downloaded and cannot be had again. \
    Forget it all the same?";
/// Asked before a pair is replaced.
pub const CONFIRM_NEW_PAIR: &str = "A new pair replaces this one, whose private key has not been \
    downloaded and cannot be had again. Make a new one all the same?";

/// A proof that the API does not accept.
pub const PROOF_REFUSED: &str = "Nobody can sign in with these credentials as they are.";
/// Why credentials were refused.
pub const VERIFY_HINT: &str = "If the key was uploaded just now, wait a few seconds and try again. \
    If this computer's clock is wrong by more than a minute, set it: the proof is valid for 60 \
    seconds.";
/// No random numbers.
pub const NO_RANDOMNESS: &str = "The browser gave no random numbers, so nothing was sent. Try \
    again; if it fails again, load the page anew.";

/// What activating a key does.
pub const ACTIVATE_EFFECT: &str = "Whoever has its private key can sign in as the service account \
    again. Activate only a key whose file you know the place of.";
/// What deactivating a key does.
pub const DEACTIVATE_EFFECT: &str = "Whatever signs in with it gets no new access tokens: CLI \
    profiles, programs with an SDK, Terraform, jobs. Tokens that were given already stay valid until \
    they end, up to 12 hours. The key can be activated again.";
/// What deleting an active key does.
pub const DELETE_EFFECT: &str = "Whatever signs in with it gets no new access tokens: CLI profiles, \
    programs with an SDK, Terraform, jobs. Tokens that were given already stay valid until they end, \
    up to 12 hours. A deleted key cannot be had back.";
/// Offered first.
pub const DEACTIVATE_FIRST: &str = "Deactivate it first: that stops the same things, and can be \
    undone if something still needs the key.";
/// What deleting a key that opens nothing does.
pub const DELETE_INACTIVE_EFFECT: &str = "It opens nothing now, so nothing more will stop working. A \
    deleted key cannot be had back.";
/// The private key of a key that was made is lost.
#[must_use]
pub fn pair_lost(key_id: &str) -> String {
    format!(
        "The key worker ended, and with it the private key of {key_id}. If the ZIP with it was saved, \
         all is well; otherwise delete {key_id} and try again."
    )
}

/// What the screen for many keys does.
pub const MANY: &str = "Each chosen service account gets a new key: a pair is made here, its public key \
    uploaded, and a proof exchanged. At the end there is one ZIP with a credentials file for each.";
/// Many keys are being made, or were.
pub const MANY_BEGUN: &str = "The accounts are chosen. The private keys are in this tab's memory only, \
    until the ZIP of step 4 is saved.";
/// The ZIP.
pub const ARCHIVE: &str = "One ZIP with the credentials file of each key that was made. It holds the \
    private keys, so keep it secret, and delete it once the files are where they belong.";
/// The ZIP under a passphrase.
pub const ARCHIVE_PASSPHRASE: &str = "AES-256, as WinZip, 7-Zip and bsdtar open it; what Windows and macOS \
    have built in does not. The format slows nobody down who guesses, so take a passphrase that cannot \
    be guessed. The names of the files stay readable.";
/// Asked before many pairs are given up.
pub const CONFIRM_FORGET_MANY: &str = "The ZIP with these private keys has not been saved, and they cannot \
    be had again. Their authorized keys stay uploaded. Forget them all the same?";
/// What the screen for key files is for.
pub const PICK: &str = "A public key from elsewhere, to be uploaded; a private.pem or a credentials file, \
    to learn which authorized key it belongs to and whether it is in order. It is read in this browser, \
    by a worker that reaches no network: nothing of it is sent.";
/// The name of what was pasted.
pub const PASTED_TEXT: &str = "The pasted text";
/// The name of what was dropped without being a file.
pub const DROPPED_TEXT: &str = "The dropped text";
/// A file behind a passphrase.
pub const LOCKED: &str = "Its passphrase opens it here, for as long as this page is open. The passphrase \
    is not sent either.";
/// Beside a key that is not alive.
pub const OPENS_NOTHING: &str = "It opens nothing.";
/// A credentials file's kid is not there.
pub const KID_UNKNOWN: &str = "The API knows no key with this kid, or it is deleted: nobody can sign in \
    with this file. Make a new key.";
/// A credentials file's kid cannot be looked at; the API's words follow.
pub const KID_UNSEEN: &str = "Whether the API knows this kid cannot be seen with this token.";
/// A credentials file's kid is inactive.
pub const KID_INACTIVE: &str = "The key of this kid is inactive: nobody can sign in with this file until \
    the key is activated again, on the screen Keys.";
/// A credentials file's kid has expired.
pub const KID_EXPIRED: &str = "The key of this kid has expired, and cannot be had back: nobody can sign in \
    with this file. Rotate it: that makes a new key in its place.";
/// A credentials file's private key is another one's.
pub const KID_OTHER_KEY: &str = "The private key in this file is not the one of this kid: its proofs are \
    refused. Below is told which authorized key it belongs to, if any.";

/// A credentials file's kid is another account's.
#[must_use]
pub fn kid_of_another(owner: &str) -> String {
    format!(
        "The key of this kid belongs to {owner}, not to the service account that the file names: its \
         proofs are refused. Take the kid of a key of that account, or name its owner."
    )
}

/// An admin.
pub const IS_ADMIN: &str =
    "You are in the group admins of this tenant, so you may make and change keys.";
/// Perhaps none.
pub const NO_ADMIN: &str = "You are not in admins, the default group with the admin role, which making and \
    changing keys needs. Unless another group gives you that role, the API will refuse: ask an admin of \
    the tenant to add you to admins.";
/// Groups that cannot be read; the API's words follow.
pub const GROUPS_UNSEEN: &str = "The groups cannot be seen with this token.";
/// A service account that can do nothing.
pub const NO_GROUP: &str = "This service account is in no group, so it may do nothing yet: its keys will \
    sign in, and then be refused everything. Add it to a group, with no more rights than its work needs.";
/// A key that was to be changed.
#[must_use]
pub fn key_gone(id: &str) -> String {
    format!("{id} is not there any more: somebody else has deleted it.")
}

/// Asked before a file in a chosen folder is replaced.
#[must_use]
pub fn confirm_replace(name: &str, folder: &str) -> String {
    format!(
        "The folder {folder} has a file {name} already. Replace it? What is in it is lost then."
    )
}

/// A file was saved in a chosen folder.
#[must_use]
pub fn saved_in(name: &str, folder: &str) -> String {
    format!("{name} is in the folder {folder}.")
}

/// A file of a chosen folder was not replaced.
#[must_use]
pub fn kept_in(name: &str, folder: &str) -> String {
    format!("{name} in the folder {folder} is as it was; nothing was saved.")
}

/// A folder that takes no file.
pub const NOT_IN_FOLDER: &str = "The file could not be written into the folder: writing was not \
    allowed, the disk is full, or the folder is gone. The key is still here. Choose another folder, or \
    use the downloads.";
/// What a passphrase is good for.
pub const PASSPHRASE_HINT: &str = "For a copy that is kept: PKCS#8 with AES-256 (PBES2), which openssl \
    opens. Nobody can open it without the passphrase, and nobody can tell it to you again. The \
    credentials file stays as it is: neither the CLI nor the SDKs open an encrypted key, and they need \
    it on every start.";
/// A rotation that was begun on another visit.
pub const RESUMED_ROTATION: &str = "Its private key was in that visit's tab alone, and is in the files \
    that were saved there. If they are in place, go on; if they are lost, delete the new key and begin \
    anew.";
/// An old key that opens nothing any more.
pub const DELETE_LATER: &str = "If something still needs it, activate it again; if nothing misses it for \
    some days, delete it. This page finds the rotation again by the description of the new key.";
/// A change takes the account's last way in.
pub const LAST_ACTIVE_KEY: &str = "It is the service account's only active key: after this nothing \
    can sign in as the account.";

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::count;

    #[test]
    fn numbers_have_their_unit() {
        assert_eq!(count(1, "day"), "1 day");
        assert_eq!(count(0, "key"), "0 keys");
        assert_eq!(count(10_000, "key"), "10,000 keys");
        assert_eq!(count(1_234_567, "key"), "1,234,567 keys");
    }
}
