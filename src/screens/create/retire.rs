//! The last steps of a rotation: deactivate the old key once the new files are in place, delete it later.

use std::rc::Rc;

use keyside_iam::iam::auth_public_key_status::State as KeyState;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::rotation::Target;
use crate::{
    api::KeyChange,
    components::{Card, ChangeDialog, Changed, changed_message, check, set, state_name},
    session::use_workspace,
    text::{change, rotation as words},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub target: Target,
    /// What has to be done first.
    pub waits_for: Option<AttrValue>,
    /// Called when the rotation is finished or left for later.
    pub on_leave: Callback<()>,
}

/// Deactivates the old key, then reactivates or deletes it.
#[component]
pub fn Retire(props: &Props) -> Html {
    let workspace = use_workspace();
    let target = &props.target;
    // Set after a change; `None` inside: deleted.
    let now = use_state(|| Some(target.old.clone()));
    {
        // As it was last loaded.
        let now = now.clone();
        use_effect_with(target.old.clone(), move |old| now.set(Some(old.clone())));
    }
    let in_place = use_state(|| false);
    let pending = use_state(|| None::<KeyChange>);
    let message = use_state(String::new);
    let ask = |change: KeyChange| set::<MouseEvent, _>(&pending, Some(change));
    let policy = workspace.session().map(|session| session.policy.clone());
    let denial = |change: KeyChange| {
        let project = target.account.project_id.as_deref();
        let account = Some(target.account.id.as_str());
        policy.as_ref()?.denial(change.needs(), project, account)
    };
    let leave = props.on_leave.reform(|_: MouseEvent| ());
    let on_changed = {
        let (pending, message, now) = (pending.clone(), message.clone(), now.clone());
        let (session, old) = (workspace.session().cloned(), target.old.clone());
        Callback::from(move |changed: Changed| {
            pending.set(None);
            message.set(changed_message(changed, &old.id));
            match (changed, session.clone()) {
                (
                    Changed::Done {
                        change: KeyChange::Delete,
                        ..
                    }
                    | Changed::Gone,
                    _,
                )
                | (_, None) => now.set(None),
                (Changed::Done { change, .. }, Some(session)) => {
                    let (now, old) = (now.clone(), old.clone());
                    spawn_local(async move {
                        now.set(Some(match session.api.key(&old.id).await {
                            Ok(message) => message.into(),
                            Err(_) => old.after(change),
                        }));
                    });
                }
            }
        })
    };
    let close = set(&pending, None);
    if let Some(waits_for) = &props.waits_for {
        return html! {
            <Card id="retire-step" title={words::RETIRE}><p class="hint">{ waits_for }</p></Card>
        };
    }
    let is_active = now
        .as_ref()
        .is_some_and(|old| old.state == Some(KeyState::ACTIVE));
    let title = if is_active {
        words::RETIRE
    } else {
        words::RETIRED
    };
    html! {
        <Card id="retire-step" {title}>
            { match &*now {
                None => html! {
                    <>
                        <p>{ words::FINISHED }</p>
                        <button type="button" id="rotate-another" onclick={leave}>{ words::DONE }</button>
                    </>
                },
                Some(old) if is_active => html! {
                    <>
                        <p><code>{ &old.id }</code>{ " " }{ words::STILL_ACTIVE }</p>
                        { check("in-place", &in_place, false, words::IN_PLACE) }
                        { denied(denial(KeyChange::Deactivate)) }
                        <button type="button" id="retire"
                            disabled={!*in_place || denial(KeyChange::Deactivate).is_some()}
                            onclick={ask(KeyChange::Deactivate)}>{ words::DEACTIVATE_OLD }</button>
                    </>
                },
                Some(old) => html! {
                    <>
                        <p>
                            <code>{ &old.id }</code>{ " " }{ words::is(state_name(old.state)) }{ " " }
                            { words::DELETE_LATER }
                        </p>
                        { denied(denial(KeyChange::Delete)) }
                        <div class="row wrapped">
                            <button type="button" id="rotate-another" onclick={leave}>
                                { words::DONE }
                            </button>
                            if old.state == Some(KeyState::INACTIVE) {
                                <button type="button" id="undo-retire" class="quiet"
                                    onclick={ask(KeyChange::Activate)}>{ change::ACTIVATE }</button>
                            }
                            <button type="button" id="delete-old" class="danger"
                                disabled={denial(KeyChange::Delete).is_some()}
                                onclick={ask(KeyChange::Delete)}>{ change::DELETE }</button>
                        </div>
                    </>
                },
            } }
            <p id="retire-said" class="success" role="status">{ (*message).clone() }</p>
            if let (Some(change), Some(old), Some(session)) = (*pending, &*now, workspace.session()) {
                <ChangeDialog session={Rc::clone(session)} subject={old.clone()}
                    account={target.account.label().to_owned()} {change} {on_changed}
                    on_close={close} />
            }
        </Card>
    }
}

fn denied(denial: Option<AttrValue>) -> Html {
    html! { if let Some(denial) = denial { <p class="hint denial">{ denial }</p> } }
}
