//! Searches for authorized keys with a given public key, page by page.

use std::{cell::Cell, rc::Rc};

use keyside_iam::iam::AuthPublicKey;

use super::key_list::ListedKey;
use crate::{
    api::{Api, Problem},
    text::lower_case,
};

/// Search results and progress.
#[derive(Clone, PartialEq, Default)]
pub struct Matched {
    /// Matching keys, each with its project's ID.
    pub keys: Vec<(ListedKey, String)>,
    /// The number of keys checked.
    pub checked: usize,
}

/// Whether two PEM texts hold the same key, whatever their line breaks.
#[must_use]
pub fn is_same_pem(a: &str, b: &str) -> bool {
    let text = |pem: &str| pem.split_ascii_whitespace().collect::<String>();
    text(a) == text(b)
}

/// Searches a project's keys, and first those of `account_id`, if given. `stop` ends the search; `report` gets
/// the results so far.
///
/// # Errors
/// If the API refuses or doesn't answer; earlier results were already reported.
pub async fn search(
    api: &Api,
    public_pem: &str,
    project_id: &str,
    account_id: Option<&str>,
    stop: Rc<Cell<bool>>,
    mut found: Matched,
    report: impl Fn(Matched),
) -> Result<(), Problem> {
    let take = |keys: Vec<AuthPublicKey>, found: &mut Matched| {
        for key in keys {
            if is_same_pem(&key.spec.data, public_pem) {
                let project = key.metadata.parent_id.clone();
                let listed = ListedKey::new(key, lower_case);
                if found.keys.iter().all(|(key, _)| key.id != listed.id) {
                    found.keys.push((listed, project));
                }
            }
        }
    };
    if let Some(account_id) = account_id {
        match api.keys_of(account_id).await {
            // The project's pages count them.
            Ok(keys) => take(keys, &mut found),
            // A deleted account has no keys.
            Err(problem) if problem.is_not_found() => {}
            Err(problem) => return Err(problem),
        }
        if !found.keys.is_empty() {
            report(found);
            return Ok(());
        }
    }
    let mut token = String::new();
    loop {
        let (keys, next) = api.keys_page(project_id, token).await?;
        if stop.get() {
            return Ok(());
        }
        found.checked += keys.len();
        take(keys, &mut found);
        report(found.clone());
        // A public key belongs to at most one authorized key, so stop at the first match.
        if next.is_empty() || !found.keys.is_empty() {
            return Ok(());
        }
        token = next;
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::is_same_pem;

    #[test]
    fn line_endings_do_not_matter() {
        assert!(is_same_pem(
            "-----BEGIN\nab\ncd\n",
            "-----BEGIN\r\nab\r\ncd"
        ));
        assert!(!is_same_pem("-----BEGIN\nab\n", "-----BEGIN\nac\n"));
    }
}
