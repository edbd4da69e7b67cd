//! The form that uploads through the API.

use std::rc::Rc;

use keyside_engine::message::PublicHalf;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{preview::Preview, send::AttemptSlot};
use crate::{
    api::{Api, KeyOrder, Problem},
    state::{Action, App, ChosenAccount, Session},
    time,
    ui::{Expiration, ExpirationField, ProblemView, keep},
};

/// See [`UploadForm`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// Who uploads.
    pub session: Rc<Session>,
    /// What is uploaded.
    pub half: PublicHalf,
    /// Whose key it will be.
    pub account: ChosenAccount,
    /// What was tried before with this pair.
    pub attempt: AttemptSlot,
}

/// See the module.
#[component]
pub fn UploadForm(props: &Props) -> Html {
    let description = use_state(String::new);
    let lifetime = props.app.key_lifetime();
    let expiration = use_state(|| Expiration::usual(&lifetime, time::now_s()));
    let problem = use_state(|| None::<Problem>);
    let busy = props.app.uploading;
    let submit = {
        let (description, expiration, problem) =
            (description.clone(), expiration.clone(), problem.clone());
        let Props {
            app,
            session,
            half,
            account,
            attempt,
        } = props;
        let (app, session, attempt) = (app.clone(), Rc::clone(session), attempt.clone());
        let (half, account) = (half.clone(), account.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Ok(expires_at) = expiration.date(&lifetime, time::now_s()) else {
                return;
            };
            let Some(mut attempt_now) = attempt.take() else {
                return;
            };
            app.dispatch(Action::Uploading(true));
            problem.set(None);
            let (app, session, problem) = (app.clone(), Rc::clone(&session), problem.clone());
            let (half, account, attempt) = (half.clone(), account.clone(), attempt.clone());
            let description = description.trim().to_owned();
            spawn_local(async move {
                let uploaded = async {
                    let order = KeyOrder {
                        project_id: project_of(&session.api, &account).await?,
                        service_account_id: account.id,
                        description,
                        expires_at,
                        public_pem: half.public_pem,
                    };
                    attempt_now.send(&session.api, order).await
                };
                let uploaded = uploaded.await;
                attempt.put_back(attempt_now);
                match uploaded {
                    Ok(uploaded) => app.dispatch(Action::Uploaded(uploaded)),
                    Err(why) => problem.set(Some(why)),
                }
                app.dispatch(Action::Uploading(false));
            });
        })
    };
    let expires_at = expiration.date(&lifetime, time::now_s());
    let valid = expires_at.is_ok();
    let order = match (&props.account.project_id, expires_at) {
        (Some(project_id), Ok(expires_at)) => Some(KeyOrder {
            project_id: project_id.clone(),
            service_account_id: props.account.id.clone(),
            description: description.trim().to_owned(),
            expires_at,
            public_pem: props.half.public_pem.clone(),
        }),
        _ => None,
    };
    html! {
        <form onsubmit={submit}>
            <div class="fields">
                <div>
                    <label for="key-description">{ "Description (optional)" }</label>
                    <input id="key-description" autocomplete="off" disabled={busy}
                        value={(*description).clone()} oninput={keep::<InputEvent>(&description)} />
                </div>
                <ExpirationField value={expiration} {lifetime} disabled={busy} />
            </div>
            if let Some(order) = order {
                <Preview api={props.session.api.clone()} {order} />
            }
            <button id="upload" type="submit" disabled={busy || !valid}>
                { match (busy, problem.is_some()) {
                    (true, _) => "Uploading…",
                    (false, true) => "Try again",
                    (false, false) => "Upload the public key",
                } }
            </button>
            <p id="upload-status" class="hint" role="status">
                if busy { { "Uploading, then waiting for the operation to finish…" } }
            </p>
            if let Some(problem) = &*problem {
                <ProblemView problem={problem.clone()}>
                    <p>{ "Your pair is still here." }</p>
                </ProblemView>
            }
        </form>
    }
}

/// The account's project; a typed id is looked up.
async fn project_of(api: &Api, account: &ChosenAccount) -> Result<String, Problem> {
    match &account.project_id {
        Some(id) => Ok(id.clone()),
        None => Ok(api
            .service_account(&account.id)
            .await?
            .metadata
            .parent_id
            .clone()),
    }
}
