//! The service account's groups, with a form that adds an account without groups to one.

use std::rc::Rc;

use keyside_iam::{iam::Group, permissions::Action};
use yew::prelude::*;

use super::{BY_RIGHTS, names, use_groups};
use crate::{
    components::{ProblemView, action::use_action, keep, use_response},
    model::upload::wait_for,
    session::Session,
    text::groups as text,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The session that reads and changes groups.
    pub session: Rc<Session>,
    /// The chosen tenant, whose groups are offered.
    pub tenant_id: Option<String>,
    pub account_id: String,
}

/// The account's groups, or the form.
#[component]
pub fn AccountGroups(props: &Props) -> Html {
    let attempt = use_state(|| 0_u32);
    let chosen = use_state(String::new);
    let action = use_action::<String>();
    let groups = use_groups(Some(&props.session), Some(&props.account_id), *attempt);
    let session = Rc::clone(&props.session);
    let offered = use_response(props.tenant_id.clone(), move |tenant_id| {
        let tenant_id = tenant_id.clone()?;
        Some(async move {
            // Without the list there's nothing to choose; the error is displayed with the account's groups.
            let mut groups = session.api.groups(&tenant_id).await.unwrap_or_default();
            groups.sort_by_key(rank);
            groups
        })
    });
    let offered = offered.as_deref().unwrap_or_default();
    let join = {
        let (chosen, action, attempt) = (chosen.clone(), action.clone(), attempt.clone());
        let (session, member_id) = (Rc::clone(&props.session), props.account_id.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if chosen.is_empty() {
                return;
            }
            let (session, member_id) = (Rc::clone(&session), member_id.clone());
            let (group, attempt) = (chosen.clone(), attempt.clone());
            let work = move |group_id: String, key: String| async move {
                let api = &session.api;
                let operation = api.join_group(&group_id, &member_id, &key).await?;
                wait_for(api, operation).await
            };
            action.run((*chosen).clone(), work, move |_| {
                group.set(String::new());
                attempt.set(*attempt + 1);
            });
        })
    };
    let groups = match &groups {
        None => return html! { <p class="hint" role="status">{ text::LOADING }</p> },
        Some(Err(problem)) => {
            return html! {
                <p id="groups" class="hint">{ text::unseen(&problem.line()) }</p>
            };
        }
        Some(Ok(groups)) => groups,
    };
    // Groups belong to no project, so a rule for some doesn't allow it.
    let denial = props.session.policy.denial(Action::Create, None, None);
    let is_in = |group: &Group| groups.iter().any(|g| g.metadata.id == group.metadata.id);
    let form = html! {
        <form onsubmit={join}>
            <label for="group">{ text::GROUP }</label>
            <div class="row">
                <select id="group" onchange={keep::<Event>(&chosen)}>
                    <option value="" selected={chosen.is_empty()}>{ text::CHOOSE }</option>
                    { for offered.iter().filter(|group| !is_in(group)).map(|group| html! {
                        <option value={group.metadata.id.clone()}
                            selected={group.metadata.id == **chosen}>
                            { &group.metadata.name }
                            if rank(group) == BY_RIGHTS.len() {
                                { text::CUSTOM }
                            }
                        </option>
                    }) }
                </select>
                <button id="join-group" type="submit" class="quiet" disabled={action.is_busy() || chosen.is_empty() || denial.is_some()}>
                    { if action.is_busy() { text::ADDING } else { text::ADD } }
                </button>
            </div>
            if let Some(denial) = denial { <p class="hint denial">{ denial }</p> }
            if let Some(problem) = action.problem() {
                <ProblemView problem={problem.clone()} />
            }
        </form>
    };
    html! {
        <div id="groups">
            if groups.is_empty() {
                <p role="status"><strong class="caution">{ text::NO_GROUP }</strong></p>
                if !offered.is_empty() { { form } }
            } else {
                <p class="hint" role="status">
                    { text::account_groups(&names(groups)) }
                </p>
            }
        </div>
    }
}

/// The rank among the default groups; other groups come last.
fn rank(group: &Group) -> usize {
    BY_RIGHTS
        .iter()
        .position(|name| *name == group.metadata.name)
        .unwrap_or(BY_RIGHTS.len())
}
