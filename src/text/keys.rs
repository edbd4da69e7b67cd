//! Texts of the screen Keys.

use super::{count, number};

pub const TITLE: &str = "Authorized keys";
pub const TABLE: &str = "Table of authorized keys";
pub const SIGN_IN: &str = "Sign in to see the keys.";
pub const NO_PROJECT: &str = "Choose a project to see its keys.";
pub const SEARCH: &str = "Search";
pub const SEARCH_HINT: &str = "ID, service account, description, fingerprint";
pub const SHOW: &str = "Show";
pub const SORT: &str = "Sort by";
pub const KEY: &str = "Key";
pub const ACTIONS: &str = "Actions";
pub const ROTATE: &str = "Rotate key";
pub const ROTATE_SHORT: &str = "Rotate";
pub const ACTIVATE_SHORT: &str = "Activate";
pub const DEACTIVATE_SHORT: &str = "Deactivate";
pub const DELETE_SHORT: &str = "Delete";
pub const PREVIOUS: &str = "Previous";
pub const NEXT: &str = "Next";
pub const REFRESH: &str = "Refresh";
pub const READ_REST: &str = "Load the rest";
pub const STOP_READING: &str = "Stop loading";
pub const LOADING: &str = "Loading keys…";
pub const FIND_ROTATIONS: &str = "Find unfinished rotations";
pub const BACK: &str = "← All keys";
pub const NO_DESCRIPTION: &str = "None";
pub const REPLACES: &str = "Replaces";

pub fn key(id: &str) -> String {
    format!("Key {id}")
}

pub fn no_key(id: &str) -> String {
    format!("There's no key {id}. It may have been deleted.")
}

pub fn of_key(verb: &str, id: &str) -> String {
    format!("{verb} {id}")
}

/// `read` keys are loaded, `found` of them match; `rows` are the first and last row numbers displayed, if not
/// all are.
pub fn counted(
    read: usize,
    found: usize,
    is_complete: bool,
    is_plain: bool,
    rows: Option<(usize, usize)>,
) -> String {
    let place = rows.map_or_else(String::new, |(from, to)| {
        format!(" Showing {} to {}.", number(from), number(to))
    });
    let (keys, found) = (count(read, "key"), number(found));
    match (is_complete, is_plain) {
        (true, true) if read == 0 => {
            "This project has no keys yet. Create the first one on the Create screen.".to_owned()
        }
        (true, true) => format!("{keys}.{place}"),
        (true, false) => format!("{found} of {keys}.{place}"),
        (false, true) => format!("{keys} loaded so far; there are more.{place}"),
        (false, false) => format!("{found} of the {keys} loaded so far.{place}"),
    }
}
