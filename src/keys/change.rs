//! Activates, deactivates or deletes a key, after a question that says what will stop working.

use std::rc::Rc;

use keyside_iam::iam::auth_public_key_status::State as KeyState;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::list::ListedKey;
use crate::{
    api::{Api, KeyChange, Problem},
    state::Session,
    text::{self, count},
    ui::{Dialog, ProblemView, make_idempotency_key, use_answer},
    upload::wait_for,
};

/// Changes a key and waits until it is done. A key that is gone already counts as deleted.
///
/// # Errors
/// When the API refuses or does not answer; the same call may be made again.
pub async fn change(
    api: &Api,
    key_id: &str,
    change: KeyChange,
    idempotency_key: &str,
) -> Result<(), Problem> {
    let operation = match api.change_key(key_id, change, idempotency_key).await {
        Err(problem) if problem.is_not_found() && change == KeyChange::Delete => return Ok(()),
        begun => begun?,
    };
    wait_for(api, operation).await.map(drop)
}

/// See [`ChangeDialog`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Who asks.
    pub session: Rc<Session>,
    /// Which key.
    pub key_at_hand: ListedKey,
    /// The service account's name, else its id.
    pub account: AttrValue,
    /// What is to be done.
    pub change: KeyChange,
    /// What was done, when it was.
    pub on_done: Callback<KeyChange>,
    /// Nothing is to be done.
    pub on_close: Callback<()>,
    /// Nothing can be done: the API has no such key any more. Called in place of `on_close`.
    pub on_gone: Callback<()>,
}

/// See the module.
#[component]
pub fn ChangeDialog(props: &Props) -> Html {
    let wanted = use_state(|| props.change);
    let busy = use_state(|| false);
    let problem = use_state(|| None::<Problem>);
    let is_gone = use_state(|| false);
    let idempotency_key = use_state(|| make_idempotency_key().unwrap_or_default());
    let others = use_other_active_keys(&props.session, &props.key_at_hand);
    let key = &props.key_at_hand;
    let close = {
        if *is_gone {
            props.on_gone.clone()
        } else {
            props.on_close.clone()
        }
    };
    let cancel = {
        let close = close.clone();
        Callback::from(move |_: MouseEvent| close.emit(()))
    };
    let run = |change_now: KeyChange| {
        let (busy, problem, wanted) = (busy.clone(), problem.clone(), wanted.clone());
        let is_gone = is_gone.clone();
        let (session, on_done) = (Rc::clone(&props.session), props.on_done.clone());
        let (id, idempotency_key) = (key.id.clone(), idempotency_key.clone());
        Callback::from(move |_: MouseEvent| {
            let idempotency_key = if change_now == *wanted {
                (*idempotency_key).clone()
            } else {
                // Another change is another order.
                let drawn = make_idempotency_key().unwrap_or_default();
                idempotency_key.set(drawn.clone());
                drawn
            };
            wanted.set(change_now);
            busy.set(true);
            problem.set(None);
            let (busy, problem, is_gone) = (busy.clone(), problem.clone(), is_gone.clone());
            let (session, on_done, id) = (Rc::clone(&session), on_done.clone(), id.clone());
            spawn_local(async move {
                match change(&session.api, &id, change_now, &idempotency_key).await {
                    Ok(()) => on_done.emit(change_now),
                    Err(why) => {
                        // It may be the operation that is not found.
                        is_gone.set(why.is_not_found() && session.api.has_no_key(&id).await);
                        problem.set(Some(why));
                        busy.set(false);
                    }
                }
            });
        })
    };
    let is_active = key.state == Some(KeyState::ACTIVE);
    let title = match props.change {
        KeyChange::Activate => "Activate this key?",
        KeyChange::Deactivate => "Deactivate this key?",
        KeyChange::Delete => "Delete this key for good?",
    };
    let button = |id: &'static str, class: &'static str, change, label: &'static str| {
        let onclick = run(change);
        html! { <button type="button" {id} {class} disabled={*busy} {onclick}>{ label }</button> }
    };
    html! {
        <Dialog id="change-dialog" {title} busy={*busy} on_close={close}>
            <dl>
                <dt>{ "Key" }</dt>
                <dd>
                    <code>{ &key.id }</code>
                    if !key.description.is_empty() { { " " }{ &key.description } }
                </dd>
                <dt>{ "Service account" }</dt>
                <dd>{ &props.account }{ " " }<code>{ &key.account_id }</code></dd>
            </dl>
            { match props.change {
                KeyChange::Activate => html! { <p>{ text::ACTIVATE_EFFECT }</p> },
                KeyChange::Deactivate => html! {
                    <><p>{ text::DEACTIVATE_EFFECT }</p>{ told(others) }</>
                },
                KeyChange::Delete if is_active => html! {
                    <>
                        <p>{ text::DELETE_EFFECT }</p>
                        { told(others) }
                        <p><strong>{ text::DEACTIVATE_FIRST }</strong></p>
                    </>
                },
                KeyChange::Delete => html! { <p>{ text::DELETE_INACTIVE_EFFECT }</p> },
            } }
            if let Some(problem) = &*problem {
                <ProblemView problem={problem.clone()} />
            }
            <p class="hint" role="status">{ if *busy { "Waiting for the API…" } else { "" } }</p>
            <div class="row wrapped">
                { match props.change {
                    KeyChange::Activate => button("confirm", "", KeyChange::Activate, "Activate"),
                    KeyChange::Deactivate => {
                        button("confirm", "", KeyChange::Deactivate, "Deactivate")
                    }
                    KeyChange::Delete if is_active => html! {
                        <>
                            { button("confirm-deactivate", "", KeyChange::Deactivate,
                                "Deactivate it instead") }
                            { button("confirm", "danger", KeyChange::Delete, "Delete for good") }
                        </>
                    },
                    KeyChange::Delete => {
                        button("confirm", "danger", KeyChange::Delete, "Delete for good")
                    }
                } }
                <button type="button" id="cancel-change" class="quiet" disabled={*busy}
                    onclick={cancel}>{ "Cancel" }</button>
            </div>
        </Dialog>
    }
}

/// What the account has left.
fn told(others: Option<usize>) -> Html {
    match others {
        None => html! {},
        Some(0) => html! {
            <p id="last-key" class="wrong"><strong>{ text::LAST_ACTIVE_KEY }</strong></p>
        },
        Some(n) => html! {
            <p id="other-keys">
                { format!(
                    "The service account has {} besides, which stay as they are.",
                    count(n, "active key")
                ) }
            </p>
        },
    }
}

/// How many other active keys the account has; `None` until it is known, or when it cannot be.
#[hook]
fn use_other_active_keys(session: &Rc<Session>, key: &ListedKey) -> Option<usize> {
    let session = Rc::clone(session);
    let about = (key.id.clone(), key.account_id.clone());
    let others = use_answer(about, move |about| {
        let (id, account_id) = about.clone();
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
