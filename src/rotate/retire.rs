//! The last step: the old key is deactivated once the new files are in place, and deleted later.

use std::rc::Rc;

use keyside_iam::iam::auth_public_key_status::State as KeyState;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::Target;
use crate::{
    api::KeyChange,
    keys::{
        change::ChangeDialog,
        list::ListedKey,
        tell::{moment_s, state_name},
    },
    state::{App, Session},
    text,
    ui::{Step, lower_case},
};

/// See [`RetireStep`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// Who asks.
    pub session: Rc<Session>,
    /// The keys at hand.
    pub target: Target,
    /// The rotation is at its end, or left for later.
    pub on_leave: Callback<()>,
}

/// See the module.
#[component]
pub fn RetireStep(props: &Props) -> Html {
    let Props { app, target, .. } = props;
    // As the API tells it after a change; `None` inside: deleted.
    let now = use_state(|| Some(target.old.clone()));
    let in_place = use_state(|| false);
    let asked = use_state(|| None::<(ListedKey, KeyChange)>);
    let said = use_state(String::new);
    let number = if target.new.is_some() { 4 } else { 6 };
    let waits_for = match (&target.new, app.proven, app.saved) {
        (None, false, _) => Some("Waits for the new key of step 3, and its proof."),
        (None, _, false) => Some("Waits for the files of step 4: save at least one of them."),
        _ => None,
    };
    let toggle = {
        let in_place = in_place.clone();
        Callback::from(move |_: Event| in_place.set(!*in_place))
    };
    let ask = |key: &ListedKey, change: KeyChange| {
        let (asked, key) = (asked.clone(), key.clone());
        Callback::from(move |_: MouseEvent| asked.set(Some((key.clone(), change))))
    };
    let leave = {
        let on_leave = props.on_leave.clone();
        Callback::from(move |_: MouseEvent| on_leave.emit(()))
    };
    let done = match &*now {
        None => true,
        Some(old) => old.state != Some(KeyState::ACTIVE),
    };
    html! {
        <Step id="retire-step" {number} title="Retire the old key" {done} {waits_for}>
            if let Some(new) = &target.new {
                <p id="resumed">
                    { "Its new key is " }<code>{ &new.id }</code>
                    { format!(", {}, uploaded ", state_name(new.state)) }
                    { moment_s(new.created_s) }{ ". " }{ text::RESUMED_ROTATION }
                </p>
            }
            { match &*now {
                None => html! {
                    <>
                        <p>{ "The old key is deleted: the rotation is at its end." }</p>
                        <button type="button" id="rotate-another" onclick={leave}>
                            { "Rotate another key" }
                        </button>
                    </>
                },
                Some(old) if old.state == Some(KeyState::ACTIVE) => html! {
                    <>
                        <p>
                            <code>{ &old.id }</code>
                            { " still works. Put the new files wherever the old ones are, and see \
                               that everything there signs in; then:" }
                        </p>
                        <label class="check" for="in-place">
                            <input type="checkbox" id="in-place" checked={*in_place}
                                onchange={toggle} />
                            { "The new files are in place wherever the old key was used." }
                        </label>
                        <button type="button" id="retire" disabled={!*in_place}
                            onclick={ask(old, KeyChange::Deactivate)}>
                            { "Deactivate the old key" }
                        </button>
                    </>
                },
                Some(old) => html! {
                    <>
                        <p>
                            <code>{ &old.id }</code>{ format!(" is {}. ", state_name(old.state)) }
                            { text::DELETE_LATER }
                        </p>
                        <div class="row wrapped">
                            <button type="button" id="rotate-another" onclick={leave}>
                                { "Done for now" }
                            </button>
                            if old.state == Some(KeyState::INACTIVE) {
                                <button type="button" id="undo-retire" class="quiet"
                                    onclick={ask(old, KeyChange::Activate)}>
                                    { "Activate it again" }
                                </button>
                            }
                            <button type="button" id="delete-old" class="danger"
                                onclick={ask(old, KeyChange::Delete)}>
                                { "Delete it now" }
                            </button>
                        </div>
                    </>
                },
            } }
            if let Some(new) = &target.new {
                <p>
                    <button type="button" id="give-up-new" class="danger"
                        onclick={ask(new, KeyChange::Delete)}>
                        { "The new files are lost: delete the new key" }
                    </button>
                </p>
            }
            <p id="retire-said" class="success" role="status">{ (*said).clone() }</p>
            if let Some((key, change)) = &*asked {
                { dialog(props, key, *change, &now, &asked, &said) }
            }
        </Step>
    }
}

fn dialog(
    props: &Props,
    key: &ListedKey,
    change: KeyChange,
    now: &UseStateHandle<Option<ListedKey>>,
    asked: &UseStateHandle<Option<(ListedKey, KeyChange)>>,
    said: &UseStateHandle<String>,
) -> Html {
    let account = props.app.account.as_ref();
    let on_close = {
        let asked = asked.clone();
        Callback::from(move |()| asked.set(None))
    };
    let is_old = key.id == props.target.old.id;
    let on_done = {
        let (asked, said, now) = (asked.clone(), said.clone(), now.clone());
        let (session, key, on_leave) = (
            Rc::clone(&props.session),
            key.clone(),
            props.on_leave.clone(),
        );
        Callback::from(move |change: KeyChange| {
            asked.set(None);
            if !is_old && change == KeyChange::Delete {
                // The new key is gone: the rotation begins anew.
                on_leave.emit(());
                return;
            }
            said.set(change.done(&key.id));
            if !is_old {
                return;
            }
            let (now, session, key) = (now.clone(), Rc::clone(&session), key.clone());
            spawn_local(async move {
                now.set(match change {
                    KeyChange::Delete => None,
                    _ => Some(match session.api.key(&key.id).await {
                        Ok(message) => ListedKey::new(message, lower_case),
                        Err(_) => key.after(change),
                    }),
                });
            });
        })
    };
    let on_gone = {
        let (asked, said, now) = (asked.clone(), said.clone(), now.clone());
        let (id, on_leave) = (key.id.clone(), props.on_leave.clone());
        Callback::from(move |()| {
            asked.set(None);
            if !is_old {
                on_leave.emit(());
                return;
            }
            now.set(None);
            said.set(text::key_gone(&id));
        })
    };
    html! {
        <ChangeDialog session={Rc::clone(&props.session)} key_at_hand={key.clone()}
            account={account.and_then(|account| account.name.clone()).unwrap_or_default()}
            {change} {on_done} {on_close} {on_gone} />
    }
}
