//! The service account's groups; one that is in none can be put into one here.

use std::rc::Rc;

use keyside_iam::iam::Group;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{BY_RIGHTS, names, use_groups};
use crate::{
    api::Problem,
    state::Session,
    text,
    ui::{ProblemView, keep, make_idempotency_key, use_answer},
    upload::wait_for,
};

/// See [`AccountGroups`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Who asks.
    pub session: Rc<Session>,
    /// The chosen tenant, whose groups are on offer.
    pub tenant_id: Option<String>,
    /// Whose groups.
    pub account_id: String,
}

/// See the module.
#[component]
pub fn AccountGroups(props: &Props) -> Html {
    let attempt = use_state(|| 0_u32);
    let chosen = use_state(String::new);
    let busy = use_state(|| false);
    let problem = use_state(|| None::<Problem>);
    let order = use_mut_ref(|| None::<(String, String)>);
    let groups = use_groups(&props.session, Some(&props.account_id), *attempt);
    let session = Rc::clone(&props.session);
    let offered = use_answer(props.tenant_id.clone(), move |tenant_id| {
        let tenant_id = tenant_id.clone()?;
        Some(async move {
            // Without the list there is nothing to choose; why, is told with the others.
            let mut groups = session.api.groups(&tenant_id).await.unwrap_or_default();
            groups.sort_by_key(rank);
            groups
        })
    });
    let offered = offered.as_deref().unwrap_or_default();
    let join = {
        let (chosen, busy, problem) = (chosen.clone(), busy.clone(), problem.clone());
        let (session, member_id) = (Rc::clone(&props.session), props.account_id.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if *busy || chosen.is_empty() {
                return;
            }
            let group_id = (*chosen).clone();
            // The same choice is the same order, however often it is sent.
            let key = match &*order.borrow() {
                Some((group, key)) if *group == group_id => key.clone(),
                _ => make_idempotency_key().unwrap_or_default(),
            };
            order.replace(Some((group_id.clone(), key.clone())));
            busy.set(true);
            problem.set(None);
            let (busy, problem, attempt) = (busy.clone(), problem.clone(), attempt.clone());
            let (session, member_id) = (Rc::clone(&session), member_id.clone());
            let (chosen, order) = (chosen.clone(), Rc::clone(&order));
            spawn_local(async move {
                let api = &session.api;
                let joined = async {
                    let operation = api.join_group(&group_id, &member_id, &key).await?;
                    wait_for(api, operation).await
                };
                match joined.await {
                    Ok(_) => {
                        order.replace(None);
                        chosen.set(String::new());
                        attempt.set(*attempt + 1);
                    }
                    Err(why) => problem.set(Some(why)),
                }
                busy.set(false);
            });
        })
    };
    let groups = match &groups {
        None => return html! { <p class="hint" role="status">{ "Looking for its groups…" }</p> },
        Some(Err(problem)) => {
            return html! {
                <p id="groups" class="hint">{ format!("{} {problem}", text::GROUPS_UNSEEN) }</p>
            };
        }
        Some(Ok(groups)) => groups,
    };
    let is_in = |group: &Group| groups.iter().any(|g| g.metadata.id == group.metadata.id);
    let form = html! {
        <form onsubmit={join}>
            <label for="group">{ "Group, the least rights first" }</label>
            <div class="row">
                <select id="group" onchange={keep::<Event>(&chosen)}>
                    <option value="" selected={chosen.is_empty()}>{ "Choose a group" }</option>
                    { for offered.iter().filter(|group| !is_in(group)).map(|group| html! {
                        <option value={group.metadata.id.clone()}
                            selected={group.metadata.id == **chosen}>
                            { &group.metadata.name }
                            if rank(group) == BY_RIGHTS.len() {
                                { " (not a default group: what it may do is not known here)" }
                            }
                        </option>
                    }) }
                </select>
                <button id="join-group" type="submit" disabled={*busy || chosen.is_empty()}>
                    { if *busy { "Adding…" } else { "Add it" } }
                </button>
            </div>
            if let Some(problem) = &*problem {
                <ProblemView problem={problem.clone()} />
            }
        </form>
    };
    html! {
        <div id="groups">
            if groups.is_empty() {
                <p role="status"><strong class="wrong">{ text::NO_GROUP }</strong></p>
                if !offered.is_empty() { { form } }
            } else {
                <p class="hint" role="status">
                    { format!("It is in these groups, which say what it may do: {}.", names(groups)) }
                </p>
            }
        </div>
    }
}

/// The place among the default groups; others come after them.
fn rank(group: &Group) -> usize {
    BY_RIGHTS
        .iter()
        .position(|name| *name == group.metadata.name)
        .unwrap_or(BY_RIGHTS.len())
}
