//! Replaces a key with a new one. The API has the state of a rotation (model/rotation.rs); nothing is stored
//! here.

use std::rc::Rc;

use yew::prelude::*;

use super::retire::Retire;
use crate::{
    api::{Api, KeyChange, Problem},
    components::{
        Card, ChangeDialog, Changed, CopyButton, changed_message, moment_s, set, state_name,
        use_response,
    },
    model::{ChosenAccount, key_list::ListedKey, rotation},
    session::{WorkspaceHandle, use_workspace},
    setup::Setup,
    text::{self, rotation as words},
};

/// The keys of a rotation.
#[derive(Clone, PartialEq)]
pub struct Target {
    pub old: ListedKey,
    /// The key that replaces it, if uploaded on an earlier visit.
    pub new: Option<ListedKey>,
    /// The service account of both.
    pub account: ChosenAccount,
}

/// Loads the key to replace; `None` without one, or without a session.
#[hook]
pub fn use_target(
    workspace: &WorkspaceHandle,
    replaces: &Option<String>,
    visits: u32,
) -> Option<Result<Target, Problem>> {
    let session = workspace.session().cloned();
    let inputs = (session, replaces.clone(), visits);
    // Keep displaying the same key while it reloads.
    let last = use_mut_ref(|| None::<(String, Result<Target, Problem>)>);
    let response = use_response(inputs, |(session, id, _)| {
        let (session, id) = (session.clone()?, id.clone()?);
        Some(async move {
            let target = read(&session.api, &id).await;
            (id, target)
        })
    });
    if let Some(response) = &*response {
        last.replace(Some(response.clone()));
    }
    let known = last.borrow().clone();
    let replaces = replaces.as_ref()?;
    known
        .filter(|(id, _)| id == replaces)
        .map(|(_, target)| target)
}

async fn read(api: &Api, id: &str) -> Result<Target, Problem> {
    let key = api.key(id).await?;
    let project_id = key.metadata.parent_id.clone();
    let old = ListedKey::from(key);
    let all: Vec<_> = api
        .keys_of(&old.account_id)
        .await?
        .into_iter()
        .map(ListedKey::from)
        .collect();
    let new = rotation::unfinished(&all)
        .into_iter()
        .find(|rotation| rotation.old.id == old.id)
        .map(|rotation| rotation.new);
    // The name is optional.
    let account = match api.service_account(&old.account_id).await {
        Ok(account) => (&account).into(),
        Err(_) => ChosenAccount {
            project_id: Some(project_id),
            ..ChosenAccount::of_id(&old.account_id)
        },
    };
    Ok(Target { old, new, account })
}

#[derive(Properties, PartialEq)]
pub struct Props {
    pub target: Target,
    /// The key that replaces the old one.
    pub new: ListedKey,
    /// Called when the rotation is finished, left for later, or starts over.
    pub on_leave: Callback<()>,
}

/// A rotation whose new key was created on an earlier visit.
#[component]
pub fn Resumed(props: &Props) -> Html {
    let Props { target, new, .. } = props;
    let is_asking = use_state(|| false);
    let message = use_state(String::new);
    let workspace = use_workspace();
    let set_asking = |to: bool| set(&is_asking, to);
    let on_changed = {
        let (is_asking, message) = (is_asking.clone(), message.clone());
        let (on_leave, id) = (props.on_leave.clone(), new.id.clone());
        Callback::from(move |changed: Changed| {
            is_asking.set(false);
            match changed {
                // The new key was deleted, so the rotation starts over.
                Changed::Done {
                    change: KeyChange::Delete,
                    ..
                }
                | Changed::Gone => on_leave.emit(()),
                Changed::Done { .. } => message.set(changed_message(changed, &id)),
            }
        })
    };
    html! {
        <>
            <Card id="resumed-card" title={words::resumed(&target.old.id)}>
                <dl id="resumed">
                    <dt>{ words::NEW_KEY }</dt>
                    <dd><CopyButton name={text::KEY_ID} text={new.id.clone()} /></dd>
                    <dt>{ text::STATE }</dt><dd>{ state_name(new.state) }</dd>
                    <dt>{ text::CREATED }</dt><dd>{ moment_s(new.created_s) }</dd>
                </dl>
                <p>{ words::RESUMED }</p>
                <button type="button" id="give-up-new" class="danger"
                    onclick={set_asking(true).reform(|_: MouseEvent| ())}>{ words::GIVE_UP }</button>
                <p id="resumed-message" class="success" role="status">{ (*message).clone() }</p>
            </Card>
            <Setup account={target.account.clone()} key_id={new.id.clone()} file={None::<String>} />
            <Retire target={target.clone()} waits_for={None::<AttrValue>}
                on_leave={props.on_leave.clone()} />
            if let (true, Some(session)) = (*is_asking, workspace.session()) {
                <ChangeDialog session={Rc::clone(session)} subject={new.clone()}
                    account={target.account.label().to_owned()} change={KeyChange::Delete}
                    {on_changed} on_close={set_asking(false)} />
            }
        </>
    }
}
