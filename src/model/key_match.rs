//! Searches for authorized keys with a given public key, page by page.

use keyside_iam::iam::AuthPublicKey;

use super::key_list::ListedKey;
use crate::api::{Api, Problem};

/// Search results and progress.
#[derive(Clone, PartialEq, Default)]
pub struct Matched {
    /// Matching keys, each with its project's ID.
    pub keys: Vec<(ListedKey, String)>,
    /// The number of keys checked.
    pub checked: usize,
}

impl Matched {
    fn add_matching(&mut self, keys: Vec<AuthPublicKey>, public_pem: &str) {
        for key in keys {
            if is_same_pem(&key.spec.data, public_pem) {
                let project = key.metadata.parent_id.clone();
                let listed = ListedKey::from(key);
                if self.keys.iter().all(|(key, _)| key.id != listed.id) {
                    self.keys.push((listed, project));
                }
            }
        }
    }
}

/// Whether two PEM texts hold the same key, whatever their line breaks.
pub fn is_same_pem(a: &str, b: &str) -> bool {
    let text = |pem: &str| pem.split_ascii_whitespace().collect::<String>();
    text(a) == text(b)
}

/// Searches the keys of `account_id`, if given, then the project's, then those of the tenant's other projects, if
/// the tenant is given. `report` gets the results so far.
///
/// # Errors
/// If the API refuses or doesn't answer; earlier results were already reported.
pub async fn search(
    api: &Api,
    public_pem: &str,
    account_id: Option<&str>,
    project_id: &str,
    tenant_id: Option<&str>,
    report: impl Fn(&Matched),
) -> Result<(), Problem> {
    let mut found = Matched::default();
    let mut projects = vec![project_id.to_owned()];
    if let Some(tenant_id) = tenant_id {
        let ids = api.projects(tenant_id).await?.into_iter();
        let ids = ids.map(|project| project.metadata.id.clone());
        projects.extend(ids.filter(|id| id != project_id));
    }
    if let Some(account_id) = account_id {
        match api.keys_of(account_id).await {
            // The project's pages count them.
            Ok(keys) => found.add_matching(keys, public_pem),
            // A deleted account has no keys.
            Err(problem) if problem.is_not_found() => {}
            Err(problem) => return Err(problem),
        }
        if !found.keys.is_empty() {
            report(&found);
            return Ok(());
        }
    }
    for project_id in &projects {
        let mut token = String::new();
        loop {
            let (keys, next) = api.keys_page(project_id, token).await?;
            found.checked += keys.len();
            found.add_matching(keys, public_pem);
            report(&found);
            // A public key belongs to at most one authorized key, so stop at the first match.
            if !found.keys.is_empty() {
                return Ok(());
            }
            if next.is_empty() {
                break;
            }
            token = next;
        }
    }
    Ok(())
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
