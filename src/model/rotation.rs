//! Rotations, reconstructed from the API alone: the new key's description names the old key, so nothing is
//! stored here.

use keyside_iam::iam::auth_public_key_status::State as KeyState;

use super::key_list::ListedKey;

const MARK: &str = "Replaces ";

/// The description of a key that replaces another.
pub fn description(old_id: &str, words: &str) -> String {
    match words.trim() {
        "" => format!("{MARK}{old_id}"),
        words => format!("{MARK}{old_id}: {words}"),
    }
}

/// The ID of the replaced key, from a description.
pub fn replaced(description: &str) -> Option<&str> {
    let rest = description.strip_prefix(MARK)?;
    let id = rest.split([':', ' ']).next()?;
    keyside_keygen::check_id(id).is_ok().then_some(id)
}

/// The old key's own description, without the ID of a key that it replaced.
pub fn words(description: &str) -> &str {
    match replaced(description) {
        Some(id) => description[MARK.len() + id.len()..]
            .trim_start_matches([':', ' '])
            .trim(),
        None => description.trim(),
    }
}

/// An unfinished rotation.
#[derive(Clone, PartialEq, Debug)]
pub struct Rotation {
    pub old: ListedKey,
    /// The key that replaces it.
    pub new: ListedKey,
}

/// The unfinished rotations among these keys: each old key with its newest replacement.
pub fn unfinished(keys: &[ListedKey]) -> Vec<Rotation> {
    let is_there =
        |key: &&ListedKey| !matches!(key.state, Some(KeyState::DELETING | KeyState::DELETED));
    let mut found: Vec<Rotation> = Vec::new();
    let by_id: std::collections::HashMap<_, _> = keys
        .iter()
        .filter(is_there)
        .map(|key| (key.id.as_str(), key))
        .collect();
    for new in keys.iter().filter(is_there) {
        let Some(old) = replaced(&new.description).and_then(|id| by_id.get(id)) else {
            continue;
        };
        // Anyone can write a description, so it may only name a key of the same account.
        if old.account_id != new.account_id || old.id == new.id {
            continue;
        }
        match found.iter_mut().find(|rotation| rotation.old.id == old.id) {
            Some(earlier) if earlier.new.created_s < new.created_s => earlier.new = new.clone(),
            Some(_) => {}
            None => found.push(Rotation {
                old: (*old).clone(),
                new: new.clone(),
            }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::model::key_list::tests::listed;

    fn key(id: &str, account: &str, created_s: i64, state: KeyState, text: &str) -> ListedKey {
        listed(id, account, text, state, created_s, None)
    }

    #[test]
    fn a_description_names_the_old_key_and_keeps_its_text() {
        let text = description("publickey-e00a", " CI runner ");
        assert_eq!(text, "Replaces publickey-e00a: CI runner");
        assert_eq!(replaced(&text), Some("publickey-e00a"));
        assert_eq!(words(&text), "CI runner");
        let bare = description("publickey-e00a", "");
        assert_eq!(replaced(&bare), Some("publickey-e00a"));
        assert_eq!(words(&bare), "");
        assert_eq!(replaced("laptop"), None);
        assert_eq!(words("laptop"), "laptop");
        assert_eq!(replaced("Replaces <b>: x"), None);
    }

    #[test]
    fn repeated_rotations_do_not_accumulate_prefixes() {
        let first = description("publickey-1", "CI");
        assert_eq!(
            description("publickey-2", words(&first)),
            "Replaces publickey-2: CI"
        );
    }

    #[test]
    fn unfinished_rotations_are_found_from_descriptions() {
        use KeyState::{ACTIVE, DELETING, INACTIVE};
        let keys = [
            key("publickey-1", "a", 1, ACTIVE, "CI"),
            key("publickey-2", "a", 2, ACTIVE, "Replaces publickey-1: CI"),
            key("publickey-3", "a", 3, ACTIVE, "Replaces publickey-1: CI"),
            key("publickey-4", "b", 4, INACTIVE, ""),
            key("publickey-5", "b", 5, ACTIVE, "Replaces publickey-4"),
            // The old key is gone: finished.
            key("publickey-6", "b", 6, ACTIVE, "Replaces publickey-0"),
            // Another account's key.
            key("publickey-7", "c", 7, ACTIVE, "Replaces publickey-1"),
            key("publickey-8", "b", 8, DELETING, "Replaces publickey-5"),
        ];
        let found: Vec<_> = unfinished(&keys)
            .into_iter()
            .map(|rotation| (rotation.old.id, rotation.new.id))
            .collect();
        let ids = |old: &str, new: &str| (old.to_owned(), new.to_owned());
        assert_eq!(
            found,
            [
                ids("publickey-1", "publickey-3"),
                ids("publickey-4", "publickey-5")
            ]
        );
    }
}
