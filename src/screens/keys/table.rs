//! The keys in a table with sortable headers, and buttons in each row to change a key.

use keyside_iam::iam::auth_public_key_status::State as KeyState;
use yew::prelude::*;

use super::load::Names;
use crate::{
    api::KeyChange,
    components::{age, ending_badge, moment_s, state_name},
    model::key_list::{Column, ListedKey, Order},
    routes::{Query, Route, href},
    session::Policy,
    text::{self, keys as words},
};

/// The action of a row's button.
#[derive(Clone, PartialEq)]
pub enum RowAction {
    Change(KeyChange),
    Rotate,
}

/// Properties of the table.
pub struct Table<'a> {
    pub keys: &'a [&'a ListedKey],
    /// Names of the service accounts.
    pub names: &'a Names,
    pub order: Option<Order>,
    /// The current time in seconds since 1970, UTC.
    pub now_s: i64,
    /// The address's query, for links.
    pub query: &'a Query,
    /// What the gateway's policy allows in this project.
    pub policy: &'a Policy,
    pub project_id: &'a str,
    /// Called when a header is clicked.
    pub on_sort: Callback<Column>,
    /// Called when a row's button is clicked.
    pub on_action: Callback<(ListedKey, RowAction)>,
}

/// A table with sortable headers.
pub fn table(table: &Table<'_>) -> Html {
    let plain = |title: &'static str| html! { <th scope="col" role="columnheader">{ title }</th> };
    let sorting = |title: &'static str, column: Column| {
        let on_sort = table.on_sort.clone();
        let onclick = Callback::from(move |_: MouseEvent| on_sort.emit(column));
        let (sort, mark) = match table.order {
            Some(order) if order.column == column && order.ascending => ("ascending", " ▲"),
            Some(order) if order.column == column => ("descending", " ▼"),
            _ => ("none", ""),
        };
        html! {
            <th scope="col" role="columnheader" aria-sort={sort}>
                <button type="button" class="head" {onclick}>
                    { title }<span aria-hidden="true">{ mark }</span>
                </button>
            </th>
        }
    };
    html! {
        <div class="scroll" tabindex="0" role="region" aria-label={words::TABLE}>
            // The roles are explicit, because the card layout of narrow windows (www/style.css) removes them.
            <table id="all-keys" class="cards" role="table">
                <thead role="rowgroup"><tr role="row">
                    { plain(words::KEY) }
                    { sorting(text::SERVICE_ACCOUNT, Column::Account) }
                    { sorting(text::STATE, Column::State) }
                    { sorting(text::CREATED, Column::Created) }
                    { sorting(text::EXPIRES, Column::Expires) }
                    { plain(words::ACTIONS) }
                </tr></thead>
                <tbody role="rowgroup">{ for table.keys.iter().map(|key| row(table, key)) }</tbody>
            </table>
        </div>
    }
}

fn row(table: &Table<'_>, key: &ListedKey) -> Html {
    let ending = key.ending(table.now_s);
    let name = table
        .names
        .displayed
        .get(&key.account_id)
        .cloned()
        .unwrap_or_default();
    let state_class = match key.state {
        Some(KeyState::ACTIVE) => "state active",
        _ => "state",
    };
    html! {
        <tr key={key.id.clone()} role="row">
            <th scope="row" role="rowheader">
                <a href={href(&Route::Key { id: key.id.clone() }, table.query)}><code>{ &key.id }</code></a>
                <span class="line"><bdi>{ text::shortened(&key.description) }</bdi></span>
                <span class="line hint fingerprint"><code>{ &key.fingerprint }</code></span>
            </th>
            <td role="cell" data-label={text::SERVICE_ACCOUNT}><bdi>{ text::shortened(&name) }</bdi><code class="line">{ &key.account_id }</code></td>
            <td role="cell" data-label={text::STATE}><span class={state_class}>{ state_name(key.state) }</span></td>
            <td role="cell" data-label={text::CREATED}>
                { moment_s(key.created_s) }
                <span class="line hint">{ age(key.created_s, table.now_s) }</span>
            </td>
            <td role="cell" data-label={text::EXPIRES}>
                if let Some(at) = key.expires_s { { moment_s(at) } }
                { ending_badge(ending) }
            </td>
            <td class="actions" role="cell">{ for actions(key).iter().map(|a| action(table, key, a)) }</td>
        </tr>
    }
}

fn actions(key: &ListedKey) -> &'static [(RowAction, &'static str)] {
    const ROTATE: (RowAction, &str) = (RowAction::Rotate, words::ROTATE_SHORT);
    const DELETE: (RowAction, &str) = (RowAction::Change(KeyChange::Delete), words::DELETE_SHORT);
    match key.state {
        Some(KeyState::ACTIVE) => &[
            ROTATE,
            (
                RowAction::Change(KeyChange::Deactivate),
                words::DEACTIVATE_SHORT,
            ),
            DELETE,
        ],
        Some(KeyState::INACTIVE) => &[
            (
                RowAction::Change(KeyChange::Activate),
                words::ACTIVATE_SHORT,
            ),
            DELETE,
        ],
        Some(KeyState::EXPIRED) => &[ROTATE, DELETE],
        _ => &[],
    }
}

fn action(table: &Table<'_>, key: &ListedKey, (action, label): &(RowAction, &'static str)) -> Html {
    let onclick = {
        let (on_action, key, action) = (table.on_action.clone(), key.clone(), action.clone());
        Callback::from(move |_: MouseEvent| on_action.emit((key.clone(), action.clone())))
    };
    let (policy, project) = (table.policy, Some(table.project_id));
    let denial = match action {
        RowAction::Change(change) => policy.denial(change.needs(), project, Some(&key.account_id)),
        RowAction::Rotate => policy.denial_of_rotation(project, &key.account_id),
    };
    html! {
        <button type="button" class="quiet small" {onclick} disabled={denial.is_some()} title={denial.clone()}
            aria-label={words::of_key(label, &key.id)}>{ *label }</button>
    }
}
