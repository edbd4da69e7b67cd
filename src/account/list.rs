//! The project's service accounts, searchable.

use std::rc::Rc;

use keyside_iam::iam::ServiceAccount;
use yew::prelude::*;

use crate::{
    state::{Action, App, ChosenAccount, Session},
    ui::{ProblemView, keep, lower_case, use_answer},
};

/// So many are drawn at once; the search finds the others.
pub const SHOWN: usize = 50;

/// See [`AccountList`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// Who asks.
    pub session: Rc<Session>,
    /// Whose service accounts.
    pub project_id: String,
}

/// See the module.
#[component]
pub fn AccountList(props: &Props) -> Html {
    let search = use_state(String::new);
    let accounts = match use_accounts(&props.session, &props.project_id) {
        Ok(accounts) => accounts,
        Err(instead) => return instead,
    };
    if accounts.is_empty() {
        return html! { <p>{ "This project has no service account yet. Make one here:" }</p> };
    }
    let found: Vec<_> = accounts
        .iter()
        .filter(|a| matches(a, search.trim()))
        .collect();
    let row = |account: &ServiceAccount| {
        let chosen = ChosenAccount {
            id: account.metadata.id.clone(),
            name: Some(account.metadata.name.clone()),
            project_id: Some(account.metadata.parent_id.clone()),
        };
        let app = props.app.clone();
        let choose = Callback::from(move |_: MouseEvent| {
            app.dispatch(Action::Account(Some(chosen.clone())));
        });
        html! {
            <li key={account.metadata.id.clone()}>
                <button type="button" class="choice" onclick={choose}>
                    <strong>{ &account.metadata.name }</strong>
                    <code>{ &account.metadata.id }</code>
                    <span class="hint">{ &account.spec.description }</span>
                </button>
            </li>
        }
    };
    html! {
        <>
            <label for="account-search">
                { match accounts.len() {
                    1 => "Choose the project's only service account".to_owned(),
                    n => format!("Choose one of {n} service accounts"),
                } }
            </label>
            <input id="account-search" type="search" placeholder="Search by name, id or description"
                autocomplete="off" value={(*search).clone()} oninput={keep::<InputEvent>(&search)} />
            <ul id="account-list" class="choices">{ for found.iter().take(SHOWN).map(|a| row(a)) }</ul>
            <p class="hint" role="status">
                { match found.len() {
                    0 => "None fits the search.".to_owned(),
                    n if n > SHOWN => format!("{SHOWN} of {n} shown: search to narrow them down."),
                    _ => String::new(),
                } }
            </p>
        </>
    }
}

/// The project's service accounts, or what is shown instead: that they are on their way, or why they
/// did not come.
#[hook]
pub fn use_accounts(
    session: &Rc<Session>,
    project_id: &str,
) -> Result<Rc<Vec<ServiceAccount>>, Html> {
    let attempt = use_state(|| 0_u32);
    let session = Rc::clone(session);
    let accounts = use_answer((project_id.to_owned(), *attempt), move |(project_id, _)| {
        let project_id = project_id.clone();
        Some(async move {
            let list = session.api.service_accounts(&project_id).await;
            list.map(Rc::new)
        })
    });
    let again = Callback::from(move |_: MouseEvent| attempt.set(*attempt + 1));
    match &*accounts {
        None => Err(html! { <p role="status">{ "Loading service accounts…" }</p> }),
        Some(Err(problem)) => Err(html! {
            <ProblemView problem={problem.clone()}>
                <button type="button" onclick={again}>{ "Try again" }</button>
            </ProblemView>
        }),
        Some(Ok(accounts)) => Ok(Rc::clone(accounts)),
    }
}

/// Whether a search finds it.
#[must_use]
pub fn matches(account: &ServiceAccount, search: &str) -> bool {
    let search = lower_case(search);
    [
        &account.metadata.name,
        &account.metadata.id,
        &account.spec.description,
    ]
    .into_iter()
    .any(|text| lower_case(text).contains(&search))
}
