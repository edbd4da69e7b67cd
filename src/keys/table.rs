//! The keys in a table: its heads sort, its rows have the buttons that change a key.

use keyside_iam::iam::auth_public_key_status::State as KeyState;
use yew::prelude::*;

use super::{
    list::{Column, ListedKey, Order},
    load::Names,
    tell::{age, ending_badge, moment_s, state_name},
};
use crate::api::KeyChange;

/// What a button of a row asks for.
#[derive(Clone, PartialEq)]
pub enum RowAction {
    /// A change of the key.
    Change(KeyChange),
    /// A new key in its place.
    Rotate,
}

/// See [`table`].
pub struct Table<'a> {
    /// The rows.
    pub keys: &'a [&'a ListedKey],
    /// Of the service accounts.
    pub names: &'a Names,
    /// How they are sorted.
    pub order: Option<Order>,
    /// Seconds since 1970, UTC.
    pub now_s: i64,
    /// A head was used.
    pub on_sort: Callback<Column>,
    /// A button of a row was used.
    pub on_action: Callback<(ListedKey, RowAction)>,
}

/// See the module.
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
        <div class="scroll" tabindex="0" role="region" aria-label="Keys">
            // The roles are said, because cards (www/style.css) lose them.
            <table id="all-keys" class="cards" role="table">
                <thead role="rowgroup"><tr role="row">
                    { plain("Key") }
                    { sorting("Service account", Column::Account) }
                    { sorting("State", Column::State) }
                    { sorting("Created", Column::Created) }
                    { sorting("Expires", Column::Expires) }
                    { plain("Change") }
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
        .shown
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
                <code>{ &key.id }</code>
                <span class="line">{ &key.description }</span>
                <span class="line hint fingerprint"><code>{ &key.fingerprint }</code></span>
            </th>
            <td role="cell" data-label="Service account">{ name }<code class="line">{ &key.account_id }</code></td>
            <td role="cell" data-label="State"><span class={state_class}>{ state_name(key.state) }</span></td>
            <td role="cell" data-label="Created">
                { moment_s(key.created_s) }
                <span class="line hint">{ age(key.created_s, table.now_s) }</span>
            </td>
            <td role="cell" data-label="Expires">
                if let Some(at) = key.expires_s { { moment_s(at) } }
                { ending_badge(ending) }
            </td>
            <td class="actions" role="cell">{ for actions(key).iter().map(|a| action(table, key, a)) }</td>
        </tr>
    }
}

fn actions(key: &ListedKey) -> &'static [(RowAction, &'static str)] {
    const ROTATE: (RowAction, &str) = (RowAction::Rotate, "Rotate");
    const DELETE: (RowAction, &str) = (RowAction::Change(KeyChange::Delete), "Delete");
    match key.state {
        Some(KeyState::ACTIVE) => &[
            ROTATE,
            (RowAction::Change(KeyChange::Deactivate), "Deactivate"),
            DELETE,
        ],
        Some(KeyState::INACTIVE) => &[(RowAction::Change(KeyChange::Activate), "Activate"), DELETE],
        Some(KeyState::EXPIRED) => &[ROTATE, DELETE],
        _ => &[],
    }
}

fn action(table: &Table<'_>, key: &ListedKey, (action, label): &(RowAction, &'static str)) -> Html {
    let onclick = {
        let (on_action, key, action) = (table.on_action.clone(), key.clone(), action.clone());
        Callback::from(move |_: MouseEvent| on_action.emit((key.clone(), action.clone())))
    };
    html! {
        <button type="button" class="quiet small" {onclick}
            aria-label={format!("{label} {}", key.id)}>{ *label }</button>
    }
}
