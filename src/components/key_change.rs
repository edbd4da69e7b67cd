//! Activates, deactivates or deletes a key, after a confirmation that says what stops working. On request,
//! also revokes the access tokens that its service account already has.

use std::rc::Rc;

use keyside_iam::iam::auth_public_key_status::State as KeyState;
use yew::prelude::*;

use super::{Dialog, ProblemView, action::use_action, check, use_response};
use crate::{
    api::{Api, KeyChange, Problem},
    model::{key_list::ListedKey, upload::wait_for},
    session::Session,
    text::{self, change as words},
};

/// The result of a change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    Done {
        change: KeyChange,
        /// Whether the service account's access tokens were revoked, too.
        are_tokens_revoked: bool,
    },
    /// The key no longer exists.
    Gone,
}

/// What to do with a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// `None` changes nothing.
    pub change: Option<KeyChange>,
    /// Whether to revoke the access tokens of its service account afterwards.
    pub revokes_tokens: bool,
}

/// Carries out an order and waits for it. With the same idempotency key, it can be repeated after a failure.
pub async fn carry_out(
    api: &Api,
    key: &ListedKey,
    order: Order,
    idempotency_key: &str,
) -> Result<Changed, Problem> {
    let is_gone = match order.change {
        Some(change) => !change_key(api, &key.id, change, idempotency_key).await?,
        None => false,
    };
    if order.revokes_tokens {
        api.revoke_tokens(&key.account_id, &format!("{idempotency_key}-tokens"))
            .await?;
    }
    Ok(match order.change {
        Some(change) if !is_gone || change == KeyChange::Delete => Changed::Done {
            change,
            are_tokens_revoked: order.revokes_tokens,
        },
        _ => Changed::Gone,
    })
}

/// Changes a key and waits for the operation; returns whether the key was still there.
async fn change_key(
    api: &Api,
    key_id: &str,
    change: KeyChange,
    idempotency_key: &str,
) -> Result<bool, Problem> {
    let changed = async {
        let operation = api.change_key(key_id, change, idempotency_key).await?;
        wait_for(api, operation).await
    };
    match changed.await {
        Ok(_) => Ok(true),
        // The missing resource may be the operation.
        Err(problem) if problem.is_not_found() && api.has_no_key(key_id).await => Ok(false),
        Err(problem) => Err(problem),
    }
}

#[derive(Properties, PartialEq)]
pub struct Props {
    pub session: Rc<Session>,
    pub subject: ListedKey,
    /// The service account's name; may be empty.
    pub account: AttrValue,
    pub change: KeyChange,
    pub on_changed: Callback<Changed>,
    /// Called when the user cancels.
    pub on_close: Callback<()>,
}

/// The confirmation: what stops working, and whether it can be undone.
#[component]
pub fn ChangeDialog(props: &Props) -> Html {
    let action = use_action::<Order>();
    let revokes_tokens = use_state(|| false);
    let others = use_other_active_keys(&props.session, &props.subject);
    let key = &props.subject;
    let is_busy = action.is_busy();
    let cancel = props.on_close.reform(|_: MouseEvent| ());
    let button = |id: &'static str, class: &'static str, wanted: KeyChange, label: &'static str| {
        let (action, session, key) = (action.clone(), Rc::clone(&props.session), key.clone());
        let on_changed = props.on_changed.clone();
        let order = Order {
            change: Some(wanted),
            revokes_tokens: *revokes_tokens && wanted != KeyChange::Activate,
        };
        let onclick = Callback::from(move |_: MouseEvent| {
            let (session, key) = (Rc::clone(&session), key.clone());
            let on_changed = on_changed.clone();
            let work = move |order, idempotency_key: String| async move {
                carry_out(&session.api, &key, order, &idempotency_key).await
            };
            action.run(order, work, move |changed| on_changed.emit(changed));
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
            if props.change != KeyChange::Activate {
                { check("revoke-tokens", &revokes_tokens, is_busy, words::REVOKE_TOKENS) }
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
pub fn changed_message(changed: Changed, id: &str) -> String {
    let (change, are_tokens_revoked) = match changed {
        Changed::Gone => return words::gone(id),
        Changed::Done {
            change,
            are_tokens_revoked,
        } => (change, are_tokens_revoked),
    };
    let message = match change {
        KeyChange::Activate => words::activated(id),
        KeyChange::Deactivate => words::deactivated(id),
        KeyChange::Delete => words::deleted(id),
    };
    match are_tokens_revoked {
        true => format!("{message} {}", words::TOKENS_REVOKED),
        false => message,
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
