//! What is wrong with a credentials file: in itself, and by what the API knows of its key.

use std::rc::Rc;

use keyside_engine::{KeyWorker, message::FileReport};
use keyside_iam::iam::{AuthPublicKey, auth_public_key_status::State as KeyState};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::matched::is_same_pem;
use crate::{
    state::{App, Uploaded},
    text,
    ui::use_answer,
    verify::{Outcome, told, try_out_examined},
};

/// See [`CredentialsReport`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// Holds the private key of the file.
    pub worker: KeyWorker,
    /// What the worker says of the file.
    pub report: FileReport,
    /// The repaired file is wanted.
    pub on_repair: Callback<MouseEvent>,
    /// It is on its way.
    pub is_saving: bool,
    /// Changes each time the screen is shown.
    pub shown: u32,
}

/// See the module.
#[component]
pub fn CredentialsReport(props: &Props) -> Html {
    let Props { app, report, .. } = props;
    let proof = use_state(|| None::<Outcome>);
    let busy = use_state(|| false);
    let session = app.session().map(Rc::clone);
    let about = (session, report.key_id.clone(), props.shown);
    let known = use_answer(about, |(session, key_id, _)| {
        let (session, key_id) = (session.clone()?, key_id.clone()?);
        Some(async move { session.api.key(&key_id).await })
    });
    let prove = {
        let (worker, endpoint) = (props.worker.clone(), app.endpoint.clone());
        let (proof, busy) = (proof.clone(), busy.clone());
        let ids = (report.key_id.clone(), report.service_account_id.clone());
        Callback::from(move |_: MouseEvent| {
            let ((Some(key_id), Some(service_account_id)), Some(Ok(endpoint))) =
                (ids.clone(), endpoint.clone())
            else {
                return;
            };
            busy.set(true);
            let (worker, proof, busy) = (worker.clone(), proof.clone(), busy.clone());
            spawn_local(async move {
                let uploaded = Uploaded {
                    key_id,
                    service_account_id,
                    note: None,
                };
                proof.set(Some(try_out_examined(&worker, &endpoint, uploaded).await));
                busy.set(false);
            });
        })
    };
    let by_api = match &*known {
        None => Vec::new(),
        Some(Ok(key)) => by_key(report, key),
        Some(Err(problem)) if problem.is_not_found() => {
            vec![text::KID_UNKNOWN.to_owned()]
        }
        Some(Err(problem)) => vec![format!("{} {problem}", text::KID_UNSEEN)],
    };
    let is_sound = report.findings.is_empty() && by_api.is_empty();
    // Not every file that is well made opens something.
    let is_half_told = is_sound && known.is_none();
    let can_prove =
        report.public.is_some() && report.key_id.is_some() && report.service_account_id.is_some();
    html! {
        <div id="inspection">
            if let Some(id) = &report.service_account_id {
                <p>{ "Service account " }<code id="file-account">{ id }</code></p>
            }
            if let Some(id) = &report.key_id {
                <p>{ "Authorized key (kid) " }<code id="file-kid">{ id }</code></p>
            }
            <p id="verdict" role="status">
                <strong class={if report.is_refused { "wrong" } else { "" }}>
                    { if report.is_refused {
                        "The official SDKs and the CLI do not take this file."
                    } else if is_half_told && app.session().is_none() {
                        "The file is well made. Connect above to see whether its key still works."
                    } else if is_half_told {
                        "The file is well made. Looking up its key…"
                    } else if is_sound {
                        "Nothing is wrong with this file."
                    } else {
                        "The official SDK takes this file, but:"
                    } }
                </strong>
            </p>
            if !is_sound {
                <ul id="findings">
                    { for report.findings.iter().map(|finding| html! {
                        <li>
                            { &finding.text }
                            if report.is_repairable && !finding.is_mended {
                                { " The repaired file has it, too." }
                            }
                        </li>
                    }) }
                    { for by_api.iter().map(|text| html! { <li class="by-api">{ text }</li> }) }
                </ul>
            }
            <div class="row wrapped">
                if report.is_repairable {
                    <button type="button" id="save-repaired" disabled={props.is_saving}
                        onclick={props.on_repair.clone()}>
                        { "Save the repaired file" }
                    </button>
                }
                if can_prove {
                    <button type="button" id="prove-file" class="quiet" disabled={*busy}
                        onclick={prove}>
                        { if *busy { "Proving…" } else { "Prove that it works" } }
                    </button>
                }
            </div>
            <div id="proof" aria-live="polite">
                if let Some(outcome) = &*proof { { told(outcome) } }
            </div>
        </div>
    }
}

/// What the API's key has against the file.
fn by_key(report: &FileReport, key: &AuthPublicKey) -> Vec<String> {
    let mut wrong = Vec::new();
    match key.status.state.as_known() {
        Some(KeyState::ACTIVE) => {}
        Some(KeyState::INACTIVE) => wrong.push(text::KID_INACTIVE.to_owned()),
        Some(KeyState::EXPIRED) => wrong.push(text::KID_EXPIRED.to_owned()),
        _ => wrong.push(text::KID_UNKNOWN.to_owned()),
    }
    let owner = key.spec.account.service_account_id();
    if let (Some(owner), Some(named)) = (owner, report.service_account_id.as_deref())
        && owner != named
    {
        wrong.push(text::kid_of_another(owner));
    }
    if let Some(public) = &report.public
        && !is_same_pem(&key.spec.data, &public.pem)
    {
        wrong.push(text::KID_OTHER_KEY.to_owned());
    }
    wrong
}
