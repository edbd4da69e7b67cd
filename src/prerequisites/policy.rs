//! Whether the gateway's policy lets the user create the keys that the form describes.

use std::rc::Rc;

use keyside_iam::iam::{AuthPublicKey, Group, auth_public_key_status::State as KeyState};
use yew::prelude::*;

use super::use_groups;
use crate::{components::use_response, model::Chosen, session::Session, text::policy as text};

/// Why the policy denies keys for these accounts with this description; none if it allows them. Looks up the
/// keys and groups of a single account if the policy limits them.
#[hook]
pub fn use_denial(
    session: Option<&Rc<Session>>,
    chosen: &Chosen,
    description: &str,
) -> Option<AttrValue> {
    let rules = session
        .and_then(|session| session.policy.permissions())
        .map(|permissions| permissions.keys.clone())
        .unwrap_or_default();
    let only = (chosen.len() == 1).then(|| chosen.keys().next()).flatten();
    let subject = |is_needed: bool| only.filter(|_| is_needed).cloned();
    let inputs = (session.cloned(), subject(rules.max_active.is_some()));
    let keys = use_response(inputs, |(session, account)| {
        let (session, account) = (session.clone()?, account.clone()?);
        Some(async move { session.api.keys_of(&account).await })
    });
    let groups = {
        let account = subject(!rules.not_in_groups.is_empty());
        use_groups(session, account.as_deref(), 0)
    };
    let policy = &session?.policy;
    let denied = chosen.values().find_map(|account| {
        policy.denial_of_key(account.project_id.as_deref(), &account.id, account.label())
    });
    if denied.is_some() {
        return denied;
    }
    // What can't be looked up is left to the gateway.
    let is_active = |key: &&AuthPublicKey| key.status.state.as_known() == Some(KeyState::ACTIVE);
    if let (Some(max), Some(Ok(keys))) = (rules.max_active, &*keys) {
        let active = keys.iter().filter(is_active).count();
        if active >= max {
            return Some(text::too_many_active(max, active).into());
        }
    }
    if let Some(Ok(groups)) = &groups {
        let is_named = |name: &String| rules.not_in_groups.contains(name);
        let is_closed =
            |group: &&Group| is_named(&group.metadata.id) || is_named(&group.metadata.name);
        if let Some(group) = groups.iter().find(is_closed) {
            return Some(text::not_in_group(&group.metadata.name).into());
        }
    }
    policy.denial_of_description(description)
}
