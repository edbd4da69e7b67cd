//! Contains a leak: deactivates the key in the file, revokes its service account's access tokens, and leads to a
//! replacement. The API has the state, so it can be continued after an interruption.

use std::rc::Rc;

use keyside_iam::{iam::auth_public_key_status::State as KeyState, permissions::Action};
use yew::prelude::*;

use crate::{
    api::KeyChange,
    components::{Announcement, Dialog, Order, ProblemView, action::use_action, carry_out, set},
    model::key_list::ListedKey,
    routes::{Query, Route, href},
    session::Session,
    text::{self, contain as words},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The session that changes the key.
    pub session: Rc<Session>,
    pub subject: ListedKey,
    /// The address's query, for links.
    pub query: Query,
    /// Called when the key has changed.
    pub on_changed: Callback<()>,
}

/// The button, its confirmation, and what is left to do.
#[component]
pub fn Contain(props: &Props) -> Html {
    let action = use_action::<Order>();
    let is_asking = use_state(|| false);
    let is_contained = use_state(|| false);
    let set_asking = |to: bool| set(&is_asking, to);
    let key = &props.subject;
    let is_active = key.state == Some(KeyState::ACTIVE);
    let project = props.query.project.as_deref();
    let policy = &props.session.policy;
    let denial = policy.denial(Action::Deactivate, project, Some(&key.account_id));
    let is_busy = action.is_busy();
    let contain = {
        let (action, session, key) = (action.clone(), Rc::clone(&props.session), key.clone());
        let (is_asking, is_contained) = (is_asking.clone(), is_contained.clone());
        let on_changed = props.on_changed.clone();
        let order = Order {
            change: is_active.then_some(KeyChange::Deactivate),
            revokes_tokens: true,
        };
        Callback::from(move |_: MouseEvent| {
            let (session, key) = (Rc::clone(&session), key.clone());
            let (is_asking, is_contained) = (is_asking.clone(), is_contained.clone());
            let on_changed = on_changed.clone();
            let work = move |order, idempotency_key: String| async move {
                carry_out(&session.api, &key, order, &idempotency_key).await
            };
            action.run(order, work, move |_| {
                is_asking.set(false);
                is_contained.set(true);
                on_changed.emit(());
            });
        })
    };
    let replace = Query {
        replaces: Some(key.id.clone()),
        ..props.query.clone()
    };
    html! {
        <>
            if *is_contained {
                <Announcement id="contained" class="success">{ words::contained(&key.id) }</Announcement>
                <a class="button" id="replace-contained" href={href(&Route::Create, &replace)}>
                    { words::REPLACE }
                </a>
            } else {
                <button type="button" id="contain" class="danger" disabled={denial.is_some()}
                    onclick={set_asking(true).reform(|_: MouseEvent| ())}>{ words::CONTAIN }</button>
                <p class="hint">{ denial.unwrap_or_else(|| words::WHEN.into()) }</p>
            }
            if *is_asking {
                <Dialog id="contain-dialog" title={words::question(&key.id)} busy={is_busy}
                    on_close={set_asking(false)}>
                    <ol>
                        <li>{ if is_active { words::DEACTIVATES } else { words::IS_NOT_ACTIVE } }</li>
                        <li>{ words::REVOKES }</li>
                        <li>{ words::REPLACES }</li>
                    </ol>
                    <p>{ words::EFFECT }</p>
                    if let Some(problem) = action.problem() {
                        <ProblemView problem={problem.clone()} />
                    }
                    <p class="hint" role="status">
                        { if is_busy { text::change::WAITING } else { "" } }
                    </p>
                    <div class="row wrapped">
                        <button type="button" id="confirm" class="danger" disabled={is_busy}
                            onclick={contain}>{ words::CONTAIN }</button>
                        <button type="button" id="cancel-contain" class="quiet" disabled={is_busy}
                            onclick={set_asking(false).reform(|_: MouseEvent| ())}>
                            { text::CANCEL }
                        </button>
                    </div>
                </Dialog>
            }
        </>
    }
}
