//! Texts that several components share.

use super::count;

pub const NAME: &str = "Keyside";
pub const LOADING: &str = "Loading Keyside…";
pub const SCREENS: &str = "Screens";
pub const CREATE: &str = "Create";
pub const KEYS: &str = "Keys";
pub const INSPECT: &str = "Inspect";
pub const NO_SUCH_ADDRESS: &str =
    "There's nothing at this address. You can create a key here instead.";
pub const TRY_AGAIN: &str = "Try again";
pub const CANCEL: &str = "Cancel";
pub const COPY: &str = "Copy";
pub const COPIED: &str = "Copied.";
pub const SELECTED: &str = "Selected: copy it with your keyboard.";
pub const KEY_ID: &str = "Key ID";
pub const SERVICE_ACCOUNT: &str = "Service account";
pub const SERVICE_ACCOUNT_ID: &str = "Service account ID";
pub const PROJECT: &str = "Project";
pub const PROJECT_ID: &str = "Project ID";
pub const DESCRIPTION: &str = "Description";
pub const DESCRIPTION_OPTIONAL: &str = "Description (optional)";
pub const STATE: &str = "State";
pub const CREATED: &str = "Created";
pub const EXPIRES: &str = "Expires";
pub const ADD_TO_CALENDAR: &str = "Add to calendar";
pub const ALGORITHM: &str = "Algorithm";
pub const FINGERPRINT: &str = "SHA-256 fingerprint";
pub const PUBLIC_KEY: &str = "Public key";

pub const EXPIRATION: &str = "Expiration";
pub const ON_A_DATE: &str = "On a date";
pub const NEVER: &str = "Never";
pub const EXPIRATION_DATE: &str = "Expiration date (local time)";
pub const NEVER_EXPIRES: &str = "This key never expires.";
pub const EXPIRATION_PAST: &str = "This date is in the past. Choose a later one.";
pub const EXPIRATION_UNREADABLE: &str = "Choose a date and a time.";

pub const LOADING_KEY: &str = "Loading the key…";
pub const GENERATING: &str = "Generating the key pair";
pub const VERIFIED: &str = "Verified: the API accepts the key";
pub const VERIFY_HINT: &str = "If the key was uploaded just now, wait a few seconds and try again. If this \
    computer's clock is off by more than a minute, set it: a proof is valid for 60 seconds.";
pub const SIGN_IN_FIRST: &str = "You're signed out. Sign in, then try again.";
/// An earlier attempt had already uploaded the key.
pub const FIRST_ORDER: &str = "Your earlier upload succeeded, so the key wasn't uploaded again. It has the \
    description and expiration date of that upload.";

/// The maximum length of external text that isn't truncated, in characters.
const LONG: usize = 200;

/// The title of the browser's tab.
pub fn title(screen: &str) -> String {
    format!("{screen} · {NAME}")
}

pub fn copy(name: &str) -> String {
    format!("Copy: {name}")
}

pub fn expiration_too_late(max_days: u32) -> String {
    format!(
        "Keys must expire within {}. Choose an earlier date.",
        count(max_days, "day")
    )
}

/// Progress of the prime search; `percent` of all searches take no longer than the current one so far.
pub fn generation(primes_found: u8, candidates_tested: u32, percent: u32) -> String {
    let next = match primes_found {
        0 | 1 => format!("The next one is {percent}% likely by now."),
        _ => "Checking the pair.".to_owned(),
    };
    format!("{primes_found} of 2 primes found, {candidates_tested} candidates tested. {next}")
}

pub fn token_lifetime(duration: &str) -> String {
    format!("and issues access tokens that are valid for {duration}.")
}

/// The private key of an uploaded key is lost.
pub fn pair_lost(key_id: &str) -> String {
    format!(
        "The key worker ended, and the private key of {key_id} was lost. If you saved it in a ZIP, \
         you can still use it. Otherwise, delete {key_id} and try again."
    )
}

/// Truncates external text, so that it can't break the layout.
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONG) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Lower-cases text with the browser, which saves shipping Unicode tables.
pub fn lower_case(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn long_text_is_truncated_at_a_character_boundary() {
        assert_eq!(shortened("short"), "short");
        let long = "ä".repeat(4000);
        assert_eq!(shortened(&long).chars().count(), LONG + 1);
    }
}
