//! Step 2: the service account that the key is for: chosen, typed or made.

mod create;
pub mod list;

use yew::prelude::*;

use self::{create::CreateAccount, list::AccountList};
use crate::{
    prerequisites::AccountGroups,
    state::{Action, App, ChosenAccount},
    ui::{Arrival, Step, keep},
};

/// See [`AccountStep`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// Its place among the steps of the screen, where there are steps.
    #[prop_or(Some(2))]
    pub number: Option<u8>,
}

/// See the module.
#[component]
pub fn AccountStep(props: &Props) -> Html {
    let app = &props.app;
    let change = {
        let app = app.clone();
        Callback::from(move |_: MouseEvent| app.dispatch(Action::Account(None)))
    };
    let locked = app.uploaded.is_some() || app.uploading;
    html! {
        <Step id="account" number={props.number} title="Service account" done={app.account.is_some()}>
            if let Some(account) = &app.account {
                <Arrival id="chosen-account">
                    { "The key is for " }<strong>{ account.label().to_owned() }</strong>{ " " }
                    <code>{ &account.id }</code>{ ". " }
                    if !locked {
                        <button type="button" class="quiet" id="change-account" onclick={change}>
                            { "Change" }
                        </button>
                    }
                </Arrival>
                if let Some(session) = app.session() {
                    <AccountGroups key={account.id.clone()} session={session.clone()}
                        tenant_id={app.tenant_id.clone()} account_id={account.id.clone()} />
                }
            } else {
                if let (Some(session), Some(project_id)) = (app.session(), &app.project_id) {
                    <AccountList key={project_id.clone()} app={app.clone()} session={session.clone()}
                        project_id={project_id.clone()} />
                    <CreateAccount key={format!("new in {project_id}")} app={app.clone()}
                        session={session.clone()} project_id={project_id.clone()} />
                }
                <TypedAccount app={app.clone()} />
            }
        </Step>
    }
}

/// A field for an id that one has at hand.
#[component]
fn TypedAccount(props: &Props) -> Html {
    let typed = use_state(String::new);
    let id = typed.trim().to_owned();
    let problem = (!id.is_empty())
        .then(|| keyside_keygen::check_id(&id).err())
        .flatten();
    let usable = !id.is_empty() && problem.is_none();
    let submit = {
        let app = props.app.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if usable {
                app.dispatch(Action::Account(Some(ChosenAccount {
                    id: id.clone(),
                    name: None,
                    project_id: None,
                })));
            }
        })
    };
    html! {
        <form onsubmit={submit}>
            <label for="account-id">{ "Or type its id" }</label>
            <div class="row">
                <input id="account-id" placeholder="serviceaccount-…" autocomplete="off"
                    spellcheck="false" value={(*typed).clone()} oninput={keep::<InputEvent>(&typed)} />
                <button id="use-account-id" type="submit" disabled={!usable}>{ "Use it" }</button>
            </div>
            if let Some(problem) = problem {
                <p class="hint" role="status">{ problem.to_string() }</p>
            }
        </form>
    }
}
