//! Step 3: the new key in one go: pair, upload, proof.

use std::rc::Rc;

use keyside_engine::KeyWorker;
use keyside_iam::key_lifetime::KeyLifetime;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::standing;
use crate::{
    api::KeyOrder,
    generate::{CancelButton, progress},
    issue::{Hands, Issued, Stage, Stopped},
    keys::list::ListedKey,
    state::{Action, App, Pair, Session},
    time,
    ui::{Arrival, Expiration, ExpirationField, Step, keep},
    upload::AttemptSlot,
};

/// See [`NewKeyStep`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// Who uploads.
    pub session: Rc<Session>,
    /// The key that is replaced.
    pub old: ListedKey,
    /// Makes and holds the pair.
    pub worker: KeyWorker,
}

/// See the module.
#[component]
pub fn NewKeyStep(props: &Props) -> Html {
    let Props {
        app,
        session,
        old,
        worker,
    } = props;
    let description = use_state(|| standing::words(&old.description).to_owned());
    let lifetime = app.key_lifetime();
    let expiration = use_state(|| like_before(old, &lifetime, time::now_s()));
    let stage = use_state(|| None::<Stage>);
    let stopped = use_state(|| None::<Stopped>);
    let issued = use_state(Issued::default);
    let attempt = use_memo((), |()| AttemptSlot::default());
    let expires_at = expiration.date(&lifetime, time::now_s());
    let is_begun = issued.half.is_some() || stage.is_some();
    let run = {
        let (app, session, worker) = (app.clone(), Rc::clone(session), worker.clone());
        let (stage, stopped, issued) = (stage.clone(), stopped.clone(), issued.clone());
        let (old, description, attempt) = (old.clone(), description.clone(), attempt.clone());
        let expires_at = expires_at.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (Ok(expires_at), Some(Ok(endpoint)), Some(account)) =
                (&expires_at, app.endpoint.clone(), app.account.clone())
            else {
                return;
            };
            if stage.is_some() {
                return;
            }
            let order = KeyOrder {
                project_id: account.project_id.unwrap_or_default(),
                service_account_id: old.account_id.clone(),
                description: standing::description(&old.id, &description),
                expires_at: expires_at.clone(),
                public_pem: String::new(),
            };
            let hands = Hands {
                worker: worker.clone(),
                api: session.api.clone(),
                endpoint,
            };
            stopped.set(None);
            app.dispatch(Action::Uploading(true));
            let (app, attempt, before) = (app.clone(), (*attempt).clone(), (*issued).clone());
            let (stage, stopped, issued) = (stage.clone(), stopped.clone(), issued.clone());
            spawn_local(async move {
                let tell = {
                    let stage = stage.clone();
                    Rc::new(move |now| stage.set(Some(now)))
                };
                let (reached, why) = hands.issue(order, &attempt, before.clone(), tell).await;
                if reached.half != before.half
                    && let Some(half) = &reached.half
                {
                    app.dispatch(Action::Pair(Pair::Made(half.clone())));
                }
                if reached.uploaded != before.uploaded
                    && let Some(uploaded) = &reached.uploaded
                {
                    app.dispatch(Action::Uploaded(uploaded.clone()));
                }
                if reached.lifetime_s.is_some() {
                    app.dispatch(Action::Proven);
                }
                app.dispatch(Action::Uploading(false));
                issued.set(reached);
                stopped.set(why);
                stage.set(None);
            });
        })
    };
    let cancel = {
        let worker = worker.clone();
        Callback::from(move |_: MouseEvent| worker.restart())
    };
    let done = issued.lifetime_s.is_some();
    html! {
        <Step id="new-key-step" number={3} title="New key" {done}>
            if let (true, Some(uploaded)) = (done, &issued.uploaded) {
                <Arrival id="new-key-made">
                    { "The new key is " }<code id="key-id">{ &uploaded.key_id }</code>
                    { ". The API accepted a proof by it: it works." }
                </Arrival>
            } else {
                <form onsubmit={run}>
                    <p>
                        { "Makes a new RSA-4096 pair in this browser, uploads its public key beside \
                           the old one, and proves that it works. The old key stays as it is." }
                    </p>
                    <div class="fields">
                        <div>
                            <label for="new-description">{ "Description (optional)" }</label>
                            <input id="new-description" autocomplete="off" disabled={is_begun}
                                value={(*description).clone()}
                                oninput={keep::<InputEvent>(&description)}
                                aria-describedby="description-hint" />
                            <p id="description-hint" class="hint">
                                { "The API is told: " }
                                <q id="whole-description">
                                    { standing::description(&old.id, &description) }
                                </q>
                                { " By that this page knows a rotation again." }
                            </p>
                        </div>
                        <ExpirationField value={expiration} {lifetime} disabled={is_begun} />
                    </div>
                    { match &*stage {
                        Some(Stage::Generating(now)) => html! {
                            { progress(*now, html! { <CancelButton onclick={cancel} /> }) }
                        },
                        Some(Stage::Uploading) => waiting("Uploading the public key…"),
                        Some(Stage::Proving) => waiting("Proving that the new key works…"),
                        None => html! {
                            <button id="make-new-key" type="submit" disabled={expires_at.is_err()}>
                                { if stopped.is_some() { "Try again" } else { "Make the new key" } }
                            </button>
                        },
                    } }
                    if let Some(why) = &*stopped { { why.told() } }
                </form>
            }
        </Step>
    }
}

fn waiting(text: &'static str) -> Html {
    html! { <Arrival id="new-key-status">{ text }</Arrival> }
}

/// As long from now as the old key was meant to live, if that is allowed.
fn like_before(old: &ListedKey, lifetime: &KeyLifetime, now_s: i64) -> Expiration {
    let until = |expires_s: i64| {
        let life_s = expires_s.checked_sub(old.created_s)?.max(0);
        time::to_local_input(now_s.checked_add(life_s)?).map(Expiration::Date)
    };
    let like = match old.expires_s {
        None => Some(Expiration::Never),
        Some(expires_s) => until(expires_s),
    };
    like.filter(|like| like.date(lifetime, now_s).is_ok())
        .unwrap_or_else(|| Expiration::usual(lifetime, now_s))
}
