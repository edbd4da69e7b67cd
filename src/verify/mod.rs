//! Step 6: proves that the credentials work, by a token exchange.

use keyside_engine::KeyWorker;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    api::{Api, Endpoint, Problem},
    state::{App, Uploaded},
    text, time,
    ui::{Alert, ProblemView, Step},
};

/// See [`VerifyStep`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// Signs with the private key.
    pub worker: KeyWorker,
}

/// What a try gave, for which key.
#[derive(Clone, PartialEq)]
pub enum Outcome {
    /// The API gives tokens for its proofs.
    Works {
        /// The key's.
        key_id: String,
        /// Of a token, in seconds.
        lifetime_s: i64,
    },
    /// The API does not.
    Refused(Problem),
    /// There is no proof, and why.
    NotSigned(String),
}

/// See the module.
#[component]
pub fn VerifyStep(props: &Props) -> Html {
    let Props { app, worker } = props;
    let busy = use_state(|| false);
    let outcome = use_state(|| None::<Outcome>);
    {
        // What was said of one key says nothing of the next.
        let (busy, outcome) = (busy.clone(), outcome.clone());
        use_effect_with(app.uploaded.clone(), move |_| {
            busy.set(false);
            outcome.set(None);
        });
    }
    let Some(uploaded) = app.uploaded.clone() else {
        return html! {
            <Step id="verify-step" number={6} title="Verify"
                waits_for={AttrValue::from("Waits for the upload of step 4.")}>{ "" }</Step>
        };
    };
    let verify = {
        let (busy, outcome) = (busy.clone(), outcome.clone());
        let (app, worker, endpoint) = (app.clone(), worker.clone(), app.endpoint.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(Ok(endpoint)) = endpoint.clone() else {
                return;
            };
            busy.set(true);
            outcome.set(None);
            let (busy, outcome) = (busy.clone(), outcome.clone());
            let (app, worker, uploaded) = (app.clone(), worker.clone(), uploaded.clone());
            spawn_local(async move {
                let now = try_out(&worker, &endpoint, uploaded.clone()).await;
                if app.uploaded.as_ref() == Some(&uploaded) {
                    outcome.set(Some(now));
                    busy.set(false);
                }
            });
        })
    };
    let done = matches!(&*outcome, Some(Outcome::Works { .. }));
    html! {
        <Step id="verify-step" number={6} title="Verify" {done}>
            <p>
                { "Signs a proof in this browser and exchanges it for an access token, as the CLI \
                   and the SDKs do. The token is dropped at once." }
            </p>
            <button type="button" id="verify" disabled={*busy} onclick={verify}>
                { if *busy { "Verifying…" } else { "Verify the credentials" } }
            </button>
            <div id="verify-result" aria-live="polite">
                if let Some(outcome) = &*outcome { { told(outcome) } }
            </div>
        </Step>
    }
}

/// The outcome in words.
pub fn told(outcome: &Outcome) -> Html {
    match outcome {
        Outcome::Works { key_id, lifetime_s } => html! {
            <p class="success">
                { "These credentials work: the API accepted a proof by " }
                <code>{ key_id }</code>
                { format!(" and gives access tokens that are valid for {}.", valid_for(*lifetime_s)) }
            </p>
        },
        Outcome::Refused(problem) => html! {
            <ProblemView problem={problem.clone()}>
                <p>{ text::VERIFY_HINT }</p>
            </ProblemView>
        },
        Outcome::NotSigned(why) => html! { <Alert text={why.clone()} /> },
    }
}

fn valid_for(lifetime_s: i64) -> String {
    time::duration(u64::try_from(lifetime_s).unwrap_or(0))
}

/// Exchanges a proof by the pair in the worker for a token, which is dropped.
pub async fn try_out(worker: &KeyWorker, endpoint: &Endpoint, uploaded: Uploaded) -> Outcome {
    exchange(worker, endpoint, uploaded, false).await
}

/// The same with the private key of the file that the worker examined.
pub async fn try_out_examined(
    worker: &KeyWorker,
    endpoint: &Endpoint,
    uploaded: Uploaded,
) -> Outcome {
    exchange(worker, endpoint, uploaded, true).await
}

async fn exchange(
    worker: &KeyWorker,
    endpoint: &Endpoint,
    uploaded: Uploaded,
    examined: bool,
) -> Outcome {
    let Uploaded {
        key_id,
        service_account_id,
        ..
    } = uploaded;
    let signed = worker
        .sign(
            key_id.clone(),
            service_account_id,
            time::now_unix_s(),
            examined,
        )
        .await;
    match signed {
        Err(error) => Outcome::NotSigned(error.to_string()),
        Ok(jwt) => match Api::exchange(endpoint, jwt).await {
            Ok(lifetime_s) => Outcome::Works { key_id, lifetime_s },
            Err(problem) => Outcome::Refused(problem),
        },
    }
}
