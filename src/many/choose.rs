//! The service accounts that get a key each.

use std::{collections::BTreeMap, rc::Rc};

use keyside_iam::iam::ServiceAccount;
use yew::prelude::*;

use crate::{
    account::list::{SHOWN, matches, use_accounts},
    state::{ChosenAccount, Session},
    text::count,
    ui::keep,
};

/// The chosen ones by id, with their names.
pub type Chosen = BTreeMap<String, ChosenAccount>;

/// See [`Choose`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Who asks.
    pub session: Rc<Session>,
    /// Whose service accounts.
    pub project_id: String,
    /// The choice.
    pub chosen: UseStateHandle<Chosen>,
}

/// See the module.
#[component]
pub fn Choose(props: &Props) -> Html {
    let search = use_state(String::new);
    let accounts = match use_accounts(&props.session, &props.project_id) {
        Ok(accounts) => accounts,
        Err(instead) => return instead,
    };
    let found: Vec<&ServiceAccount> = accounts
        .iter()
        .filter(|account| matches(account, search.trim()))
        .collect();
    let set_all = |is_chosen: bool| {
        let chosen = props.chosen.clone();
        let all: Vec<_> = found.iter().map(|account| entry(account)).collect();
        Callback::from(move |_: MouseEvent| {
            let mut next = (*chosen).clone();
            for account in &all {
                if is_chosen {
                    next.insert(account.id.clone(), account.clone());
                } else {
                    next.remove(&account.id);
                }
            }
            chosen.set(next);
        })
    };
    let row = |account: &ServiceAccount| {
        let entry = entry(account);
        let is_chosen = props.chosen.contains_key(&entry.id);
        let id = format!("choose-{}", entry.id);
        let toggle = {
            let chosen = props.chosen.clone();
            Callback::from(move |_: Event| {
                let mut next = (*chosen).clone();
                if next.remove(&entry.id).is_none() {
                    next.insert(entry.id.clone(), entry.clone());
                }
                chosen.set(next);
            })
        };
        html! {
            <li key={account.metadata.id.clone()}>
                <label class="check" for={id.clone()}>
                    <input type="checkbox" {id} checked={is_chosen} onchange={toggle} />
                    <span>
                        <strong>{ &account.metadata.name }</strong>{ " " }
                        <code>{ &account.metadata.id }</code>{ " " }
                        <span class="hint">{ &account.spec.description }</span>
                    </span>
                </label>
            </li>
        }
    };
    let all = format!("Choose all {} found", count(found.len(), "account"));
    html! {
        <>
            <label for="many-search">
                { format!("Search the project's {}",
                    count(accounts.len(), "service account")) }
            </label>
            <input id="many-search" type="search" autocomplete="off"
                placeholder="Name, id or description" value={(*search).clone()}
                oninput={keep::<InputEvent>(&search)} />
            <ul id="many-accounts" class="choices">{ for found.iter().take(SHOWN).map(|a| row(a)) }</ul>
            <p class="hint" role="status">
                if found.len() > SHOWN {
                    { format!("{SHOWN} of {} are shown: search to narrow them down.", found.len()) }
                }
            </p>
            <div class="row wrapped">
                <button type="button" id="choose-all" class="quiet" disabled={found.is_empty()}
                    onclick={set_all(true)}>{ all }</button>
                <button type="button" id="choose-none" class="quiet"
                    disabled={props.chosen.is_empty()} onclick={set_all(false)}>
                    { "Choose none of them" }
                </button>
            </div>
            <p id="chosen-count" role="status">
                { format!("{} chosen.",
                    count(props.chosen.len(), "account")) }
            </p>
        </>
    }
}

fn entry(account: &ServiceAccount) -> ChosenAccount {
    ChosenAccount {
        id: account.metadata.id.clone(),
        name: Some(account.metadata.name.clone()),
        project_id: Some(account.metadata.parent_id.clone()),
    }
}
