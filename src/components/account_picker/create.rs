//! Creates a service account.

use std::rc::Rc;

use keyside_iam::permissions::Action;
use yew::prelude::*;

use crate::{
    components::{ProblemView, action::use_action, keep},
    model::{Chosen, ChosenAccount, upload::wait_for},
    session::Session,
    text::{DESCRIPTION_OPTIONAL, accounts as text},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub session: Rc<Session>,
    pub project_id: String,
    /// The chosen accounts, to detect a change in the meantime.
    pub chosen: UseStateHandle<Chosen>,
    /// Called with the new account, and with the IDs that were chosen when the request was sent.
    pub on_created: Callback<(ChosenAccount, Vec<String>)>,
}

/// A collapsed form.
#[component]
pub fn CreateAccount(props: &Props) -> Html {
    let name = use_state(String::new);
    let description = use_state(String::new);
    let action = use_action::<(String, String)>();
    let submit = {
        let (name, description, action) = (name.clone(), description.clone(), action.clone());
        let (session, project_id) = (Rc::clone(&props.session), props.project_id.clone());
        let (on_created, chosen) = (props.on_created.clone(), props.chosen.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let order = (name.trim().to_owned(), description.trim().to_owned());
            if order.0.is_empty() {
                return;
            }
            let (session, project_id) = (Rc::clone(&session), project_id.clone());
            let before: Vec<_> = chosen.keys().cloned().collect();
            let (on_created, fields) = (on_created.clone(), (name.clone(), description.clone()));
            let work = move |(name, description): (String, String), key: String| async move {
                let operation = session
                    .api
                    .create_service_account(&project_id, &name, &description, &key)
                    .await?;
                let id = wait_for(&session.api, operation).await?;
                Ok(ChosenAccount {
                    id,
                    name: Some(name),
                    project_id: Some(project_id),
                })
            };
            action.run(order, work, move |account| {
                fields.0.set(String::new());
                fields.1.set(String::new());
                on_created.emit((account, before));
            });
        })
    };
    let is_busy = action.is_busy();
    let policy = &props.session.policy;
    let denial = policy.denial(Action::Create, Some(&props.project_id), None);
    html! {
        <details id="new-account">
            <summary>{ text::CREATE }</summary>
            <form onsubmit={submit}>
                <div class="fields">
                    <div>
                        <label for="new-account-name">{ text::NAME }</label>
                        <input id="new-account-name" maxlength="1024" autocomplete="off"
                            value={(*name).clone()} oninput={keep::<InputEvent>(&name)} />
                    </div>
                    <div>
                        <label for="new-account-description">{ DESCRIPTION_OPTIONAL }</label>
                        <input id="new-account-description" autocomplete="off"
                            value={(*description).clone()} oninput={keep::<InputEvent>(&description)} />
                    </div>
                </div>
                <button id="create-account" type="submit" class="quiet"
                    disabled={is_busy || denial.is_some() || name.trim().is_empty()}>
                    { if is_busy { text::CREATING } else { text::CREATE } }
                </button>
                <p class="hint">{ denial.unwrap_or_else(|| text::NEW_HAS_NO_ACCESS.into()) }</p>
                if let Some(problem) = action.problem() {
                    <ProblemView problem={problem.clone()} />
                }
            </form>
        </details>
    }
}
