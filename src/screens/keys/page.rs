//! A page about one key, with buttons to change it.

use std::rc::Rc;

use keyside_iam::{
    iam::{AuthPublicKey, auth_public_key_status::State as KeyState},
    permissions::Action,
};
use yew::prelude::*;

use crate::{
    api::KeyChange,
    components::{
        Announcement, Card, ChangeDialog, Changed, CopyButton, Copyable, Expires, changed_message,
        ending_badge, moment_s, retry, set, state_name, use_response,
    },
    model::{key_list::ListedKey, rotation},
    routes::{Query, Route, href},
    session::Session,
    text::{self, change, keys as words},
    time,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The session that reads and changes it.
    pub session: Rc<Session>,
    pub id: String,
    /// The address's query, for links.
    pub query: Query,
    /// Changes to reload the key.
    pub visits: u32,
}

/// The key's current state.
#[component]
pub fn KeyPage(props: &Props) -> Html {
    let version = use_state(|| 0_u32);
    let pending = use_state(|| None::<KeyChange>);
    let message = use_state(String::new);
    let inputs = (
        Rc::clone(&props.session),
        props.id.clone(),
        props.visits,
        *version,
    );
    // Keep displaying the key while it reloads.
    let last = use_mut_ref(|| None::<Result<(AuthPublicKey, Option<String>), crate::api::Problem>>);
    let response = use_response(inputs, |(session, id, _, _)| {
        let (session, id) = (Rc::clone(session), id.clone());
        Some(async move {
            let key = session.api.key(&id).await?;
            let account_id = key.spec.account.service_account_id().unwrap_or_default();
            // The name is optional.
            let account = session.api.service_account(account_id).await.ok();
            let name = account.map(|account| account.metadata.name.clone());
            Ok((key, name))
        })
    });
    if let Some(response) = &*response {
        last.replace(Some(response.clone()));
    }
    let again = {
        let version = version.clone();
        Callback::from(move |_: MouseEvent| version.set(*version + 1))
    };
    let back = href(
        &Route::Keys,
        &Query {
            account: None,
            replaces: None,
            ..props.query.clone()
        },
    );
    let known = last.borrow().clone();
    let content = match &known {
        None => html! { <p role="status">{ text::LOADING_KEY }</p> },
        Some(Err(problem)) if problem.is_not_found() => html! {
            <p id="no-key">{ words::no_key(&props.id) }</p>
        },
        Some(Err(problem)) => retry(problem, "retry-key", again),
        Some(Ok((key, name))) => {
            let ask = |change: KeyChange| set::<MouseEvent, _>(&pending, Some(change));
            facts(props, key, name.as_deref(), &ask)
        }
    };
    let close = set(&pending, None);
    let on_changed = {
        let (pending, message, version) = (pending.clone(), message.clone(), version.clone());
        let id = props.id.clone();
        Callback::from(move |changed: Changed| {
            pending.set(None);
            message.set(changed_message(changed, &id));
            version.set(*version + 1);
        })
    };
    html! {
        <>
            <p><a id="back-to-keys" href={back}>{ words::BACK }</a></p>
            <Card id="key-page" title={words::key(&props.id)}>
                if !message.is_empty() {
                    <Announcement key={(*message).clone()} id="key-message" class="success">
                        { (*message).clone() }
                    </Announcement>
                }
                { content }
            </Card>
            if let (Some(change), Some(Ok((key, name)))) = (*pending, &known) {
                <ChangeDialog session={Rc::clone(&props.session)}
                    subject={ListedKey::from(key.clone())}
                    account={name.clone().unwrap_or_default()} {change} {on_changed}
                    on_close={close} />
            }
        </>
    }
}

fn facts(
    props: &Props,
    key: &AuthPublicKey,
    name: Option<&str>,
    ask: &dyn Fn(KeyChange) -> Callback<MouseEvent>,
) -> Html {
    let pem = key.spec.data.clone();
    let listed = ListedKey::from(key.clone());
    let copy = |name: &'static str, text: &str| {
        html! { <CopyButton {name} text={text.to_owned()} /> }
    };
    let rotate = Query {
        replaces: Some(listed.id.clone()),
        account: None,
        ..props.query.scope()
    };
    let policy = &props.session.policy;
    let project = Some(key.metadata.parent_id.as_str());
    let denial = |action: Action| policy.denial(action, project, Some(&listed.account_id));
    let button = |id: &'static str, class: &'static str, wanted: KeyChange, label: &'static str| {
        let denial = denial(wanted.needs());
        html! {
            <button type="button" {id} {class} disabled={denial.is_some()} title={denial.clone()}
                onclick={ask(wanted)}>{ label }</button>
        }
    };
    let rotation_denial = policy.denial_of_rotation(project, &listed.account_id);
    let denials = [Action::Deactivate, Action::Delete]
        .into_iter()
        .filter_map(denial);
    let denials = rotation_denial.iter().cloned().chain(denials);
    html! {
        <>
            <dl>
                <dt>{ text::KEY_ID }</dt><dd id="page-key-id">{ copy(text::KEY_ID, &listed.id) }</dd>
                <dt>{ text::STATE }</dt>
                <dd id="key-state">
                    { state_name(listed.state) }{ " " }{ ending_badge(listed.ending(time::now_s())) }
                </dd>
                <dt>{ text::SERVICE_ACCOUNT }</dt>
                <dd>
                    if let Some(name) = name { <bdi>{ text::shortened(name) }</bdi>{ " " } }
                    { copy(text::SERVICE_ACCOUNT_ID, &listed.account_id) }
                </dd>
                <dt>{ text::DESCRIPTION }</dt>
                <dd class="long">
                    if listed.description.is_empty() {
                        { words::NO_DESCRIPTION }
                    } else {
                        <bdi>{ &listed.description }</bdi>
                    }
                </dd>
                <dt>{ text::CREATED }</dt><dd>{ moment_s(listed.created_s) }</dd>
                <dt>{ text::EXPIRES }</dt>
                <dd>
                    { match listed.expires_s {
                        Some(at) => html! {
                            <Expires key_id={listed.id.clone()} at_s={at}
                                account={name.unwrap_or(&listed.account_id).to_owned()} />
                        },
                        None => html! { { text::NEVER } },
                    } }
                </dd>
                <dt>{ text::ALGORITHM }</dt><dd>{ &listed.algorithm }</dd>
                <dt>{ text::FINGERPRINT }</dt>
                <dd class="fingerprint">{ copy(text::FINGERPRINT, &listed.fingerprint) }</dd>
                <dt>{ text::PROJECT }</dt><dd>{ copy(text::PROJECT_ID, &key.metadata.parent_id) }</dd>
                if let Some(old) = rotation::replaced(&listed.description) {
                    <dt>{ words::REPLACES }</dt>
                    <dd><a href={href(&Route::Key { id: old.to_owned() }, &props.query.scope())}>
                        { old.to_owned() }
                    </a></dd>
                }
            </dl>
            <details>
                <summary>{ text::PUBLIC_KEY }</summary>
                <Copyable name={text::PUBLIC_KEY} text={pem} />
            </details>
            <div class="row wrapped">
                if listed.is_rotatable() && rotation_denial.is_none() {
                    <a class="button" id="rotate-key" href={href(&Route::Create, &rotate)}>
                        { words::ROTATE }
                    </a>
                }
                if listed.state == Some(KeyState::ACTIVE) {
                    { button("deactivate-key", "quiet", KeyChange::Deactivate, change::DEACTIVATE) }
                }
                if listed.state == Some(KeyState::INACTIVE) {
                    { button("activate-key", "quiet", KeyChange::Activate, change::ACTIVATE) }
                }
                if listed.is_alive() || listed.state == Some(KeyState::EXPIRED) {
                    { button("delete-key", "danger", KeyChange::Delete, change::DELETE) }
                }
            </div>
            { for denials.map(|denial| html! { <p class="hint denial">{ denial }</p> }) }
        </>
    }
}
