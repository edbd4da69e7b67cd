//! Uploads a public key that was generated elsewhere.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    components::{
        AccountPicker, Announcement, Card, CopyButton, Expiration, ExpirationField, Preview,
        ProblemView, keep,
    },
    model::{
        Chosen,
        creation::{Creation, CreationAction},
        issue::{Issued, Issuer, Order, Stage, Stopped},
    },
    prerequisites::{AccountGroups, use_denial},
    routes::{Route, href, use_query},
    session::use_workspace,
    text::{self, create, inspect as words},
    time,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub creation: UseReducerHandle<Creation>,
    pub issuer: Issuer,
    /// The service accounts chosen, at first the one that the file names.
    pub chosen: UseStateHandle<Chosen>,
    /// Changes to reload the list of accounts.
    pub visits: u32,
}

/// The form, then the authorized key.
#[component]
pub fn Upload(props: &Props) -> Html {
    let workspace = use_workspace();
    let query = use_query().scope();
    let Props {
        creation, chosen, ..
    } = props;
    let description = use_state(String::new);
    let lifetime = workspace.key_lifetime();
    let expiration = use_state(|| Expiration::default_for(&lifetime, time::now_s()));
    let is_busy = creation.stage.is_some();
    let denial = use_denial(workspace.session(), chosen, description.trim());
    let (Some(half), Some(session)) = (creation.half(), workspace.session()) else {
        return html! {};
    };
    if let Some(uploaded) = &creation.issued.uploaded {
        let key = Route::Key {
            id: uploaded.key_id.clone(),
        };
        return html! {
            <Card id="upload-step" title={words::UPLOADED}>
                <Announcement id="uploaded">
                    { words::UPLOADED_AS }{ " " }
                    <CopyButton id="key-id" name={text::KEY_ID} text={uploaded.key_id.clone()} />
                    if let Some(note) = uploaded.note { { " " }{ note } }
                </Announcement>
                <p><a id="view-key" href={href(&key, &query)}>{ create::VIEW_KEY }</a></p>
            </Card>
        };
    }
    let expires_at = expiration.date(&lifetime, time::now_s());
    let account = chosen.values().next().cloned();
    let order = account
        .as_ref()
        .zip(expires_at.ok())
        .map(|(account, expires_at)| Order {
            project_id: account.project_id.clone(),
            service_account_id: account.id.clone(),
            description: description.trim().to_owned(),
            expires_at,
        });
    let submit = {
        let (creation, issuer) = (creation.clone(), props.issuer.clone());
        let order = order.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(order) = order.clone().filter(|_| creation.stage.is_none()) else {
                return;
            };
            let (creation, issuer) = (creation.clone(), issuer.clone());
            creation.dispatch(CreationAction::At(Stage::Uploading));
            spawn_local(async move {
                let before = creation.issued.clone();
                let attempt = creation.attempt.clone();
                let Some(half) = before.half.clone() else {
                    return;
                };
                let (uploaded, stopped) = match issuer.upload(&order, &half, &attempt).await {
                    Ok(uploaded) => (uploaded, None),
                    Err(problem) => (None, Some(Stopped::NotUploaded(problem))),
                };
                let issued = Issued { uploaded, ..before };
                creation.dispatch(CreationAction::Ended(issued, stopped));
            });
        })
    };
    let request = order
        .as_ref()
        .and_then(|order| order.of_key(&half.public_pem));
    html! {
        <Card id="upload-step" title={words::UPLOAD}>
            <AccountPicker chosen={chosen.clone()} is_several=false disabled={is_busy}
                visits={props.visits} />
            if let Some(account) = &account {
                <AccountGroups key={account.id.clone()} session={session.clone()}
                    tenant_id={workspace.tenant_id.clone()} account_id={account.id.clone()} />
            }
            <form onsubmit={submit}>
                <div class="fields">
                    <div>
                        <label for="key-description">
                            { session.policy.description_label() }
                        </label>
                        <input id="key-description" autocomplete="off" disabled={is_busy}
                            value={(*description).clone()} oninput={keep::<InputEvent>(&description)} />
                    </div>
                    <ExpirationField value={expiration} {lifetime} disabled={is_busy} />
                </div>
                if let Some(order) = request {
                    <details id="review-request">
                        <summary>{ create::REVIEW }</summary>
                        <Preview api={session.api.clone()} {order} />
                    </details>
                }
                if let Some(denial) = &denial {
                    <p id="denial" class="wrong" role="status">{ denial.clone() }</p>
                }
                <button id="upload" type="submit"
                    aria-describedby={denial.as_ref().map(|_| "denial")}
                    disabled={is_busy || order.is_none() || denial.is_some()}>
                    { if is_busy {
                        create::UPLOADING
                    } else if creation.stopped.is_some() {
                        text::TRY_AGAIN
                    } else {
                        create::UPLOAD
                    } }
                </button>
                if let Some(Stopped::NotUploaded(problem)) = &creation.stopped {
                    <ProblemView problem={problem.clone()} />
                }
            </form>
        </Card>
    }
}
