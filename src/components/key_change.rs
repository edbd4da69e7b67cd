//! Activates, deactivates or deletes a key, after a confirmation that says what stops working.

use std::rc::Rc;

use keyside_iam::iam::auth_public_key_status::State as KeyState;
use yew::prelude::*;

use super::{Dialog, ProblemView, action::use_action, use_response};
use crate::{
    api::{Api, KeyChange, Problem},
    model::{key_list::ListedKey, upload::wait_for},
    session::Session,
    text::{self, change as words},
};

/// The result of a change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// The change succeeded.
    Done(KeyChange),
    /// The key no longer exists.
    Gone,
}

/// Changes a key and waits for the operation. Deleting a key that no longer exists succeeds.
async fn change(
    api: &Api,
    key_id: &str,
    change: KeyChange,
    idempotency_key: &str,
) -> Result<Changed, Problem> {
    let changed = async {
        let operation = api.change_key(key_id, change, idempotency_key).await?;
        wait_for(api, operation).await
    };
    match changed.await {
        Ok(_) => Ok(Changed::Done(change)),
        // The missing resource may be the operation.
        Err(problem) if problem.is_not_found() && api.has_no_key(key_id).await => {
            Ok(if change == KeyChange::Delete {
                Changed::Done(change)
            } else {
                Changed::Gone
            })
        }
        Err(problem) => Err(problem),
    }
}

/// Properties of [`ChangeDialog`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The session that changes it.
    pub session: Rc<Session>,
    /// The key.
    pub subject: ListedKey,
    /// The service account's name; may be empty.
    pub account: AttrValue,
    /// The change.
    pub change: KeyChange,
    /// Called with the result.
    pub on_changed: Callback<Changed>,
    /// Called when the user cancels.
    pub on_close: Callback<()>,
}

/// The confirmation: what stops working, and whether it can be undone.
#[component]
pub fn ChangeDialog(props: &Props) -> Html {
    let action = use_action::<KeyChange>();
    let others = use_other_active_keys(&props.session, &props.subject);
    let key = &props.subject;
    let is_busy = action.is_busy();
    let cancel = props.on_close.reform(|_: MouseEvent| ());
    let button = |id: &'static str, class: &'static str, wanted: KeyChange, label: &'static str| {
        let (action, session, id_of_key) =
            (action.clone(), Rc::clone(&props.session), key.id.clone());
        let on_changed = props.on_changed.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            let (session, id) = (Rc::clone(&session), id_of_key.clone());
            let on_changed = on_changed.clone();
            let work = move |wanted, idempotency_key: String| async move {
                change(&session.api, &id, wanted, &idempotency_key).await
            };
            action.run(wanted, work, move |changed| on_changed.emit(changed));
        });
        html! { <button type="button" {id} {class} disabled={is_busy} {onclick}>{ label }</button> }
    };
    let is_active = key.state == Some(KeyState::ACTIVE);
    let class = match props.change {
        KeyChange::Delete => "danger",
        _ => "",
    };
    html! {
        <Dialog id="change-dialog" title={words::question(verb(props.change), &key.id)} busy={is_busy}
            on_close={props.on_close.clone()}>
            <dl>
                if !key.description.is_empty() {
                    <dt>{ text::DESCRIPTION }</dt>
                    <dd><bdi>{ text::shortened(&key.description) }</bdi></dd>
                }
                <dt>{ text::SERVICE_ACCOUNT }</dt>
                <dd><bdi>{ &props.account }</bdi>{ " " }<code>{ &key.account_id }</code></dd>
            </dl>
            <p>{ effect(props.change, is_active) }</p>
            if is_active && props.change != KeyChange::Activate {
                { other_keys(others) }
            }
            if is_active && props.change == KeyChange::Delete {
                <p><strong>{ words::DEACTIVATE_FIRST }</strong></p>
            }
            if let Some(problem) = action.problem() {
                <ProblemView problem={problem.clone()} />
            }
            <p class="hint" role="status">{ if is_busy { words::WAITING } else { "" } }</p>
            <div class="row wrapped">
                if is_active && props.change == KeyChange::Delete {
                    { button("confirm-deactivate", "", KeyChange::Deactivate,
                        words::DEACTIVATE_INSTEAD) }
                }
                { button("confirm", class, props.change, verb(props.change)) }
                <button type="button" id="cancel-change" class="quiet" disabled={is_busy}
                    onclick={cancel}>{ text::CANCEL }</button>
            </div>
        </Dialog>
    }
}

fn verb(change: KeyChange) -> &'static str {
    match change {
        KeyChange::Activate => words::ACTIVATE,
        KeyChange::Deactivate => words::DEACTIVATE,
        KeyChange::Delete => words::DELETE,
    }
}

fn effect(change: KeyChange, is_active: bool) -> &'static str {
    match (change, is_active) {
        (KeyChange::Activate, _) => words::ACTIVATE_EFFECT,
        (KeyChange::Deactivate, _) => words::DEACTIVATE_EFFECT,
        (KeyChange::Delete, true) => words::DELETE_EFFECT,
        (KeyChange::Delete, false) => words::DELETE_INACTIVE_EFFECT,
    }
}

/// A message about the completed change.
#[must_use]
pub fn changed_message(changed: Changed, id: &str) -> String {
    match changed {
        Changed::Done(KeyChange::Activate) => words::activated(id),
        Changed::Done(KeyChange::Deactivate) => words::deactivated(id),
        Changed::Done(KeyChange::Delete) => words::deleted(id),
        Changed::Gone => words::gone(id),
    }
}

/// A sentence about the account's other active keys.
fn other_keys(others: Option<usize>) -> Html {
    match others {
        None => html! {},
        Some(0) => html! {
            <p id="last-key" class="wrong"><strong>{ words::LAST_ACTIVE_KEY }</strong></p>
        },
        Some(n) => html! { <p id="other-keys">{ words::other_keys(n) }</p> },
    }
}

/// The number of the account's other active keys; `None` if unknown.
#[hook]
fn use_other_active_keys(session: &Rc<Session>, key: &ListedKey) -> Option<usize> {
    let session = Rc::clone(session);
    let subject = (key.id.clone(), key.account_id.clone());
    let others = use_response(subject, move |subject| {
        let (id, account_id) = subject.clone();
        Some(async move {
            let is_other_active = |key: &&keyside_iam::iam::AuthPublicKey| {
                key.metadata.id != id && key.status.state.as_known() == Some(KeyState::ACTIVE)
            };
            let keys = session.api.keys_of(&account_id).await.ok()?;
            Some(keys.iter().filter(is_other_active).count())
        })
    });
    (*others).flatten()
}
