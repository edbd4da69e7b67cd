//! Searches for the file's authorized key: in the project, then in others on request.

use std::rc::Rc;

use keyside_engine::message::PublicPart;
use keyside_iam::iam::auth_public_key_status::State as KeyState;
use yew::prelude::*;

use super::contain::Contain;
use crate::{
    api::KeyChange,
    components::{
        Card, CopyButton, copied, ending_badge, moment_s, retry, set, state_name, use_response,
    },
    model::{
        creation::Creation,
        key_list::ListedKey,
        key_match::{Matched, search},
    },
    routes::{Query, Route, href, use_query},
    session::{Session, use_workspace},
    text::{self, count, inspect as words},
    time,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The public key to search for.
    pub public: PublicPart,
    /// The service account that the file names, searched first.
    pub account_id: Option<String>,
    /// Whether the file has the private key, which may have leaked.
    pub is_private: bool,
    /// Called to upload the key.
    pub on_upload: Callback<MouseEvent>,
    /// The public key, if it's being uploaded.
    pub creation: UseReducerHandle<Creation>,
    /// Changes to restart the search.
    pub visits: u32,
}

/// What a search depends on: the session, the project, whether the key was uploaded meanwhile, the attempt,
/// whether every project of the tenant is searched, and the visit.
type Inputs = (Option<Rc<Session>>, Option<String>, bool, u32, bool, u32);

/// The search and its results.
#[component]
pub fn Lookup(props: &Props) -> Html {
    let workspace = use_workspace();
    let query = use_query().scope();
    let found = use_state(Matched::default);
    let attempt = use_state(|| 0_u32);
    let everywhere = use_state(|| false);
    // The search that the user stopped.
    let stopped = use_state(|| None::<Inputs>);
    let inputs: Inputs = (
        workspace.session().cloned(),
        workspace.project_id.clone(),
        props.creation.issued.uploaded.is_some(),
        *attempt,
        *everywhere,
        props.visits,
    );
    let is_stopped = stopped.as_ref() == Some(&inputs);
    let outcome = {
        let found = found.clone();
        let (pem, account_id) = (props.public.pem.clone(), props.account_id.clone());
        let tenant_id = workspace.tenant_id.clone().filter(|_| *everywhere);
        use_response((inputs.clone(), is_stopped), move |(inputs, is_stopped)| {
            let (session, project_id, ..) = inputs.clone();
            let (session, project_id) = (session.filter(|_| !is_stopped)?, project_id?);
            found.set(Matched::default());
            Some(async move {
                let report = |now: &Matched| found.set(now.clone());
                let (account, tenant) = (account_id.as_deref(), tenant_id.as_deref());
                search(&session.api, &pem, account, &project_id, tenant, report).await
            })
        })
    };
    let missing = |why: &'static str| {
        html! { <Card id="lookup" title={words::MATCH}><p class="hint">{ why }</p></Card> }
    };
    let Some(session) = workspace.session() else {
        return missing(words::SIGN_IN_TO_SEARCH);
    };
    if workspace.project_id.is_none() {
        return missing(words::CHOOSE_PROJECT);
    }
    let cancel = set::<MouseEvent, _>(&stopped, Some(inputs));
    let again = {
        let attempt = attempt.clone();
        Callback::from(move |_: MouseEvent| attempt.set(*attempt + 1))
    };
    let search_everywhere = set::<MouseEvent, _>(&everywhere, true);
    let on_contained = props.is_private.then(|| {
        let found = found.clone();
        Callback::from(move |id: String| {
            let mut now = (*found).clone();
            let is_now_inactive =
                |key: &ListedKey| key.id == id && key.state == Some(KeyState::ACTIVE);
            for (key, _) in now.keys.iter_mut().filter(|(key, _)| is_now_inactive(key)) {
                *key = key.clone().after(KeyChange::Deactivate);
            }
            found.set(now);
        })
    });
    let checked = count(found.checked, "key");
    let is_known = !found.keys.is_empty();
    let scope = if *everywhere {
        words::TENANT
    } else {
        words::PROJECT
    };
    html! {
        <Card id="lookup" title={words::MATCH}>
            <div id="lookup-result" role="status">
                { match &*outcome {
                    None if !is_known && is_stopped => html! {
                        <p>{ words::stopped(scope, &checked) }</p>
                    },
                    None if !is_known => html! { <p>{ words::searching(scope, &checked) }</p> },
                    Some(Ok(())) if !is_known => html! { <p>{ words::none(scope, &checked) }</p> },
                    _ => html! {
                        { for found.keys.iter().map(|(key, project)| {
                            match_view(session, &query, key, project, on_contained.as_ref())
                        }) }
                    },
                } }
            </div>
            if outcome.is_none() && !is_stopped {
                <button type="button" id="stop-lookup" class="quiet" onclick={cancel}>
                    { words::STOP }
                </button>
            }
            if let Some(Err(problem)) = &*outcome {
                { retry(problem, "retry-lookup", again.clone()) }
            }
            if (is_stopped || matches!(*outcome, Some(Ok(())))) && !is_known {
                <div class="row wrapped">
                    if is_stopped {
                        <button type="button" id="look-again" onclick={again}>{ words::SEARCH_AGAIN }</button>
                    }
                    if props.creation.half().is_none() {
                        <button type="button" id="bring" onclick={props.on_upload.clone()}>
                            { text::create::UPLOAD }
                        </button>
                    }
                    if !*everywhere && workspace.tenant_id.is_some() {
                        <button type="button" id="look-everywhere" class="quiet"
                            onclick={search_everywhere}>{ words::SEARCH_EVERYWHERE }</button>
                    }
                </div>
            }
        </Card>
    }
}

/// An authorized key with this public key. If the file may have leaked, it can be contained: then
/// `on_contained` gets its ID.
fn match_view(
    session: &Rc<Session>,
    query: &Query,
    key: &ListedKey,
    project: &str,
    on_contained: Option<&Callback<String>>,
) -> Html {
    let denial = key
        .is_rotatable()
        .then(|| {
            session
                .policy
                .denial_of_rotation(Some(project), &key.account_id)
        })
        .flatten();
    let query = Query {
        project: Some(project.to_owned()),
        ..query.clone()
    };
    let rotate = Query {
        replaces: Some(key.id.clone()),
        ..query.clone()
    };
    let page = Route::Key { id: key.id.clone() };
    let now_s = time::now_s();
    html! {
        <div key={key.id.clone()}>
        <dl>
            { copied("match-key", text::KEY_ID, &key.id) }
            if !key.description.is_empty() {
                <dt>{ text::DESCRIPTION }</dt>
                <dd><bdi>{ text::shortened(&key.description) }</bdi></dd>
            }
            <dt>{ text::STATE }</dt>
            <dd id="match-state">
                { state_name(key.state) }{ " " }{ ending_badge(key.ending(now_s)) }
                if !key.is_alive() { { " " }{ words::CANNOT_BE_USED } }
            </dd>
            <dt>{ text::SERVICE_ACCOUNT }</dt>
            <dd>
                <CopyButton id="match-account" name={text::SERVICE_ACCOUNT_ID}
                    text={key.account_id.clone()} />
            </dd>
            <dt>{ text::PROJECT }</dt>
            <dd><CopyButton name={text::PROJECT_ID} text={project.to_owned()} /></dd>
            <dt>{ text::CREATED }</dt>
            <dd>{ moment_s(key.created_s) }</dd>
            if let Some(at) = key.expires_s {
                <dt>{ text::EXPIRES }</dt>
                <dd>{ moment_s(at) }</dd>
            }
        </dl>
        <div class="row wrapped">
            <a class="button quiet" id="view-match" href={href(&page, &query)}>
                { text::create::VIEW_KEY }
            </a>
            if key.is_rotatable() && denial.is_none() {
                <a class="button quiet" id="rotate-match" href={href(&Route::Create, &rotate)}>
                    { text::keys::ROTATE }
                </a>
            }
        </div>
        if let Some(denial) = denial { <p class="hint denial">{ denial }</p> }
        if let Some(on_contained) = on_contained {
            <Contain session={Rc::clone(session)} subject={key.clone()} query={query.clone()}
                on_changed={on_contained.reform({
                    let id = key.id.clone();
                    move |()| id.clone()
                })} />
        }
        </div>
    }
}
