//! Chooses service accounts: from the project's list, by creating one, or by ID.

mod create;
mod typed;

use std::rc::Rc;

use keyside_iam::iam::ServiceAccount;
use yew::prelude::*;

use self::{create::CreateAccount, typed::TypedAccount};
use crate::{
    api::Problem,
    components::{keep, retry, use_response},
    model::{Chosen, ChosenAccount},
    session::{Session, use_workspace},
    text::{self, accounts, lower_case},
};

/// The maximum number displayed at once; search finds the rest.
const ROWS: usize = 50;

/// The number of accounts from which a search field is displayed.
const SEARCHED: usize = 6;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub chosen: UseStateHandle<Chosen>,
    /// Whether more than one can be chosen.
    pub is_several: bool,
    /// Whether the choice is disabled.
    #[prop_or_default]
    pub disabled: bool,
    /// Changes to reload the list.
    pub visits: u32,
}

/// The list, with other ways to choose below it. A project's only account is preselected.
#[component]
pub fn AccountPicker(props: &Props) -> Html {
    let workspace = use_workspace();
    let created = use_state(|| 0_u32);
    let choose = {
        let chosen = props.chosen.clone();
        Callback::from(move |account| chosen.set(with(&Chosen::new(), account, false)))
    };
    let on_created = {
        let (workspace, chosen) = (workspace.clone(), props.chosen.clone());
        let (created, choose) = (created.clone(), choose.clone());
        Callback::from(move |(account, before): (ChosenAccount, Vec<String>)| {
            created.set(*created + 1);
            // Something else was chosen in the meantime; the new account is in the list.
            let is_late = !chosen.keys().eq(&before) || workspace.project_id != account.project_id;
            if !is_late {
                choose.emit(account);
            }
        })
    };
    let place = workspace.session().zip(workspace.project_id.as_ref());
    html! {
        <div id="accounts">
            if let Some((session, project_id)) = place {
                <List key={project_id.clone()} session={Rc::clone(session)}
                    project_id={project_id.clone()} chosen={props.chosen.clone()}
                    is_several={props.is_several} disabled={props.disabled}
                    version={(props.visits, *created)} />
                <fieldset disabled={props.disabled}>
                    <CreateAccount key={format!("new in {project_id}")} session={Rc::clone(session)}
                        project_id={project_id.clone()} chosen={props.chosen.clone()}
                        {on_created} />
                    <details id="other-account">
                        <summary>{ accounts::OTHER }</summary>
                        <TypedAccount on_chosen={choose} />
                    </details>
                </fieldset>
            } else {
                { for props.chosen.values().map(|account| html! {
                    <p class="choice">{ account_name(account) }</p>
                }) }
                if !props.disabled { <TypedAccount on_chosen={choose} is_optional=true /> }
            }
        </div>
    }
}

/// Adds an account to the choice, or replaces the choice with it.
fn with(chosen: &Chosen, account: ChosenAccount, is_several: bool) -> Chosen {
    let mut next = if is_several {
        chosen.clone()
    } else {
        Chosen::new()
    };
    next.insert(account.id.clone(), account);
    next
}

fn account_name(account: &ChosenAccount) -> Html {
    html! {
        <>
            if let Some(name) = &account.name { <strong><bdi>{ name }</bdi></strong>{ " " } }
            <code>{ &account.id }</code>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct ListProps {
    session: Rc<Session>,
    project_id: String,
    chosen: UseStateHandle<Chosen>,
    is_several: bool,
    disabled: bool,
    /// Changes to reload the list.
    version: (u32, u32),
}

/// The project's service accounts, searchable.
#[component]
fn List(props: &ListProps) -> Html {
    let search = use_state(String::new);
    let attempt = use_state(|| 0_u32);
    let last = use_mut_ref(|| None::<Rc<Vec<ServiceAccount>>>);
    let session = Rc::clone(&props.session);
    let inputs = (
        Rc::clone(&session),
        props.project_id.clone(),
        props.version,
        *attempt,
    );
    let response = use_response(inputs, |(session, project_id, _, _)| {
        let (session, project_id) = (Rc::clone(session), project_id.clone());
        Some(async move { session.api.service_accounts(&project_id).await.map(Rc::new) })
    });
    if let Some(Ok(accounts)) = &*response {
        last.replace(Some(Rc::clone(accounts)));
    }
    use_known_accounts(&props.chosen, (*response).clone());
    let again = Callback::from(move |_: MouseEvent| attempt.set(*attempt + 1));
    let problem = match &*response {
        Some(Err(problem)) => Some(problem.clone()),
        _ => None,
    };
    // Keep displaying the list while it reloads.
    let known = last.borrow().clone();
    let Some(all) = known.filter(|_| problem.is_none()) else {
        return match problem {
            None => html! { <p role="status">{ accounts::LOADING }</p> },
            Some(problem) => retry(&problem, "retry-accounts", again),
        };
    };
    let found: Vec<_> = all
        .iter()
        .filter(|account| matches(account, search.trim()))
        .collect();
    // Include accounts that were chosen elsewhere.
    let others: Vec<_> = props
        .chosen
        .values()
        .filter(|chosen| all.iter().all(|account| account.metadata.id != chosen.id))
        .cloned()
        .collect();
    html! {
        <fieldset disabled={props.disabled}>
            <legend>{ if props.is_several { accounts::SEVERAL } else { text::SERVICE_ACCOUNT } }</legend>
            if all.len() >= SEARCHED {
                <label class="hidden" for="account-search">{ accounts::SEARCH }</label>
                <input id="account-search" type="search" placeholder={accounts::SEARCH}
                    autocomplete="off" value={(*search).clone()} oninput={keep::<InputEvent>(&search)} />
            }
            <ul id="account-list" class="choices">
                { for others.into_iter().map(|account| row(props, account, "")) }
                { for found.iter().take(ROWS).map(|account| {
                    row(props, (*account).into(), &account.spec.description)
                }) }
            </ul>
            <p class="hint" role="status">
                { match (all.len(), found.len()) {
                    (0, _) => accounts::NONE.to_owned(),
                    (_, 0) => accounts::NOT_FOUND.to_owned(),
                    (_, n) if n > ROWS => accounts::more(ROWS, n),
                    _ => String::new(),
                } }
            </p>
            if props.is_several && all.len() > 1 {
                { choose_all(props, &found) }
            }
        </fieldset>
    }
}

/// Chooses an only account, and fills in accounts of which only the ID was known.
#[hook]
fn use_known_accounts(
    chosen: &UseStateHandle<Chosen>,
    response: Option<Result<Rc<Vec<ServiceAccount>>, Problem>>,
) {
    let list = response.and_then(Result::ok);
    let unnamed = |chosen: &Chosen| {
        let unnamed = chosen.values().filter(|account| account.name.is_none());
        unnamed
            .map(|account| account.id.clone())
            .collect::<Vec<_>>()
    };
    {
        let chosen = chosen.clone();
        use_effect_with((list.clone(), unnamed(&chosen)), move |(list, unnamed)| {
            let known = |id: &String| list.as_ref()?.iter().find(|known| known.metadata.id == *id);
            let named: Chosen = unnamed
                .iter()
                .filter_map(|id| Some((id.clone(), known(id)?.into())))
                .collect();
            if !named.is_empty() {
                let mut next = (*chosen).clone();
                next.extend(named);
                chosen.set(next);
            }
        });
    }
    let chosen = chosen.clone();
    use_effect_with(list, move |list| {
        if let (Some([only]), true) = (list.as_ref().map(|list| list.as_slice()), chosen.is_empty())
        {
            chosen.set([(only.metadata.id.clone(), only.into())].into());
        }
    });
}

fn row(props: &ListProps, account: ChosenAccount, description: &str) -> Html {
    let id = format!("choose-{}", account.id);
    let is_chosen = props.chosen.contains_key(&account.id);
    let name = account_name(&account);
    let toggle = {
        let (chosen, is_several, account) =
            (props.chosen.clone(), props.is_several, account.clone());
        Callback::from(move |_: Event| {
            let mut next = with(&chosen, account.clone(), is_several);
            if is_several && chosen.contains_key(&account.id) {
                next.remove(&account.id);
            }
            chosen.set(next);
        })
    };
    html! {
        <li key={account.id}>
            <label class="check" for={id.clone()}>
                <input type={if props.is_several { "checkbox" } else { "radio" }} name="account" {id}
                    checked={is_chosen} onchange={toggle} />
                <span>
                    { name }{ " " }<span class="hint"><bdi>{ text::shortened(description) }</bdi></span>
                </span>
            </label>
        </li>
    }
}

fn choose_all(props: &ListProps, found: &[&ServiceAccount]) -> Html {
    let all = {
        let chosen = props.chosen.clone();
        let found: Vec<_> = found.iter().map(|one| ChosenAccount::from(*one)).collect();
        Callback::from(move |_: MouseEvent| {
            let mut next = (*chosen).clone();
            next.extend(found.iter().map(|one| (one.id.clone(), one.clone())));
            chosen.set(next);
        })
    };
    let none = {
        let chosen = props.chosen.clone();
        Callback::from(move |_: MouseEvent| chosen.set(Chosen::new()))
    };
    html! {
        <div class="row wrapped">
            <button type="button" id="choose-all" class="quiet small" disabled={found.is_empty()}
                onclick={all}>{ accounts::choose_all(found.len()) }</button>
            <button type="button" id="choose-none" class="quiet small"
                disabled={props.chosen.is_empty()} onclick={none}>{ accounts::CHOOSE_NONE }</button>
        </div>
    }
}

/// Whether a search matches it.
fn matches(account: &ServiceAccount, search: &str) -> bool {
    let search = lower_case(search);
    [
        &account.metadata.name,
        &account.metadata.id,
        &account.spec.description,
    ]
    .into_iter()
    .any(|text| lower_case(text).contains(&search))
}
