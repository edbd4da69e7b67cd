//! What has to be so before a key is of use, seen before the first failure: the admin's groups, and
//! the service account's.

mod account_groups;
mod rights;

pub use account_groups::AccountGroups;
pub use rights::Rights;

use std::rc::Rc;

use keyside_iam::iam::Group;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{api::Problem, state::Session};

/// The tenant's default group with the admin role.
const ADMINS: &str = "admins";

/// The default groups from the least that they may do to the most.
const BY_RIGHTS: [&str; 4] = ["auditors", "viewers", "editors", ADMINS];

/// The groups of a member; nothing until they are there. Read anew when `attempt` changes.
#[hook]
fn use_groups(
    session: &Rc<Session>,
    subject_id: Option<&str>,
    attempt: u32,
) -> Option<Result<Vec<Group>, Problem>> {
    let groups = use_state(|| None);
    {
        let groups = groups.clone();
        let watched = (Rc::clone(session), subject_id.map(str::to_owned), attempt);
        use_effect_with(watched, move |(session, subject_id, _)| {
            groups.set(None);
            if let Some(id) = subject_id.clone() {
                let session = Rc::clone(session);
                spawn_local(async move {
                    groups.set(Some(session.api.groups_of(&id).await));
                });
            }
        });
    }
    (*groups).clone()
}

/// The groups' names, one after the other.
fn names(groups: &[Group]) -> String {
    let names: Vec<_> = groups
        .iter()
        .map(|group| group.metadata.name.as_str())
        .collect();
    names.join(", ")
}
