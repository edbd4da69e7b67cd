//! Texts of the service account picker.

use super::count;

pub const SEVERAL: &str = "Service accounts";
pub const SEARCH: &str = "Search by name, ID or description";
pub const NONE: &str = "This project has no service account yet. Create one below.";
pub const NOT_FOUND: &str = "No service account matches your search.";
pub const LOADING: &str = "Loading service accounts…";
pub const CHOOSE_NONE: &str = "Clear selection";
pub const CREATE: &str = "Create service account";
pub const CREATING: &str = "Creating service account…";
pub const NAME: &str = "Name";
pub const NEW_HAS_NO_ACCESS: &str = "A new service account has no access until it's in a group.";
pub const OTHER: &str = "Use the ID of another service account";
pub const ID_OPTIONAL: &str = "Service account ID (optional)";
pub const USE_ID: &str = "Use this ID";

pub fn more(shown: usize, found: usize) -> String {
    format!(
        "Showing {shown} of {}. Search to find the others.",
        count(found, "service account")
    )
}

pub fn choose_all(found: usize) -> String {
    format!("Select all {}", count(found, "service account"))
}
