//! Checks what a key needs to work before anything fails: the user's groups, the service account's, and the
//! gateway's policy.

mod account_groups;
mod policy;
mod rights;

pub use account_groups::AccountGroups;
pub use policy::use_denial;
pub use rights::Rights;

use std::rc::Rc;

use keyside_iam::iam::Group;
use yew::prelude::*;

use crate::{api::Problem, components::use_response, session::Session};

/// The tenant's default group with the admin role.
const ADMINS: &str = "admins";

/// The default groups, from fewest to most rights.
const BY_RIGHTS: [&str; 4] = ["auditors", "viewers", "editors", ADMINS];

/// A member's groups; `None` until they're loaded. Changes of `attempt` reload them.
#[hook]
fn use_groups(
    session: Option<&Rc<Session>>,
    subject_id: Option<&str>,
    attempt: u32,
) -> Option<Result<Vec<Group>, Problem>> {
    let inputs = (session.cloned(), subject_id.map(str::to_owned), attempt);
    let groups = use_response(inputs, |(session, subject_id, _)| {
        let (session, id) = (session.clone()?, subject_id.clone()?);
        Some(async move { session.api.groups_of(&id).await })
    });
    (*groups).clone()
}

/// The groups' names, separated by commas.
fn names(groups: &[Group]) -> String {
    let names: Vec<_> = groups
        .iter()
        .map(|group| group.metadata.name.as_str())
        .collect();
    names.join(", ")
}
