//! Makes a service account.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    api::Problem,
    state::{Action, App, ChosenAccount, Session},
    ui::{ProblemView, keep, make_idempotency_key},
    upload::wait_for,
};

/// See [`CreateAccount`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// Who asks.
    pub session: Rc<Session>,
    /// Where it will be.
    pub project_id: String,
}

/// See the module.
#[component]
pub fn CreateAccount(props: &Props) -> Html {
    let name = use_state(String::new);
    let description = use_state(String::new);
    let busy = use_state(|| false);
    let problem = use_state(|| None::<Problem>);
    // The same form is the same create, however often it is sent.
    let sent = use_mut_ref(|| None::<(String, String, String)>);
    let submit = {
        let (name, description) = (name.clone(), description.clone());
        let (busy, problem) = (busy.clone(), problem.clone());
        let Props {
            app,
            session,
            project_id,
        } = props;
        let (app, session, project_id) = (app.clone(), Rc::clone(session), project_id.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (name, description) = (name.trim().to_owned(), description.trim().to_owned());
            if *busy || name.is_empty() {
                return;
            }
            let key = {
                let mut sent = sent.borrow_mut();
                match &*sent {
                    Some((n, d, key)) if *n == name && *d == description => key.clone(),
                    _ => {
                        let key = make_idempotency_key().unwrap_or_default();
                        *sent = Some((name.clone(), description.clone(), key.clone()));
                        key
                    }
                }
            };
            busy.set(true);
            problem.set(None);
            let (busy, problem) = (busy.clone(), problem.clone());
            let (app, session, project_id) = (app.clone(), Rc::clone(&session), project_id.clone());
            spawn_local(async move {
                let made = async {
                    let operation = session
                        .api
                        .create_service_account(&project_id, &name, &description, &key)
                        .await?;
                    wait_for(&session.api, operation).await
                };
                let made = made.await;
                busy.set(false);
                match made {
                    // Another one was chosen meanwhile; the new one is in the list.
                    Ok(_)
                        if app.account.is_some()
                            || app.project_id.as_ref() != Some(&project_id) => {}
                    Ok(id) => app.dispatch(Action::Account(Some(ChosenAccount {
                        id,
                        name: Some(name),
                        project_id: Some(project_id),
                    }))),
                    Err(why) => problem.set(Some(why)),
                }
            });
        })
    };
    html! {
        <details>
            <summary>{ "Or make a new service account" }</summary>
            <form onsubmit={submit}>
                <div class="fields">
                    <div>
                        <label for="new-account-name">{ "Name" }</label>
                        <input id="new-account-name" maxlength="1024" autocomplete="off"
                            value={(*name).clone()} oninput={keep::<InputEvent>(&name)} />
                    </div>
                    <div>
                        <label for="new-account-description">{ "Description (optional)" }</label>
                        <input id="new-account-description" autocomplete="off"
                            value={(*description).clone()} oninput={keep::<InputEvent>(&description)} />
                    </div>
                </div>
                <button id="create-account" type="submit"
                    disabled={*busy || name.trim().is_empty()}>
                    { if *busy { "Making it…" } else { "Make it" } }
                </button>
                <p class="hint">
                    { "A new service account may do nothing until it is in a group." }
                </p>
                if let Some(problem) = &*problem {
                    <ProblemView problem={problem.clone()} />
                }
            </form>
        </details>
    }
}
