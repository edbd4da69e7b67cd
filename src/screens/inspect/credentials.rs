//! Reports what's wrong with a credentials file, from the file and from the API.

use keyside_engine::{KeyWorker, message::FileReport};
use keyside_iam::iam::{AuthPublicKey, auth_public_key_status::State as KeyState};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    components::{proof, use_response},
    model::{
        Uploaded,
        key_match::is_same_pem,
        proof::{Outcome, verify},
    },
    session::use_workspace,
    text::inspect as text,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// Holds the private key of the file.
    pub worker: KeyWorker,
    /// The worker's report on the file.
    pub report: FileReport,
    /// Called to download the repaired file.
    pub on_repair: Callback<MouseEvent>,
    /// Whether a file is being saved.
    pub is_saving: bool,
    /// Changes to reload data from the API.
    pub visits: u32,
}

/// The verdict, the findings, and buttons to act on them.
#[component]
pub fn CredentialsReport(props: &Props) -> Html {
    let report = &props.report;
    let workspace = use_workspace();
    let outcome = use_state(|| None::<Outcome>);
    let busy = use_state(|| false);
    let session = workspace.session().cloned();
    let is_signed_in = session.is_some();
    let inputs = (session, report.key_id.clone(), props.visits);
    let known = use_response(inputs, |(session, key_id, _)| {
        let (session, key_id) = (session.clone()?, key_id.clone()?);
        Some(async move { session.api.key(&key_id).await })
    });
    let prove = {
        let (worker, endpoint) = (props.worker.clone(), workspace.usable_endpoint().cloned());
        let (outcome, busy) = (outcome.clone(), busy.clone());
        let ids = (report.key_id.clone(), report.service_account_id.clone());
        Callback::from(move |_: MouseEvent| {
            let ((Some(key_id), Some(service_account_id)), Some(endpoint)) =
                (ids.clone(), endpoint.clone())
            else {
                return;
            };
            busy.set(true);
            let (worker, outcome, busy) = (worker.clone(), outcome.clone(), busy.clone());
            spawn_local(async move {
                let uploaded = Uploaded::new(key_id, service_account_id);
                outcome.set(Some(verify(&worker, &endpoint, &uploaded, true).await));
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
    let is_valid = report.findings.is_empty() && by_api.is_empty();
    // A valid file may still have an unusable key, which only the API knows.
    let is_key_unknown = is_valid && known.is_none();
    let can_prove =
        report.public.is_some() && report.key_id.is_some() && report.service_account_id.is_some();
    html! {
        <div id="inspection">
            <p id="verdict" role="status">
                <strong class={if report.is_rejected { "wrong" } else { "" }}>
                    { if report.is_rejected {
                        text::REFUSED
                    } else if is_key_unknown && !is_signed_in {
                        text::VALID_SIGN_IN
                    } else if is_key_unknown {
                        text::VALID_LOADING
                    } else if is_valid {
                        text::VALID
                    } else {
                        text::ACCEPTED_BUT
                    } }
                </strong>
            </p>
            if !is_valid {
                <ul id="findings">
                    { for report.findings.iter().map(|finding| html! {
                        <li>
                            { &finding.text }
                            if report.is_repairable {
                                { " " }
                                { if finding.is_repaired { text::REPAIRED } else { text::NOT_REPAIRED } }
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
                        { text::SAVE_REPAIRED }
                    </button>
                }
                if can_prove {
                    <button type="button" id="prove-file" class="quiet" disabled={*busy}
                        onclick={prove}>
                        { if *busy { text::VERIFYING } else { text::VERIFY } }
                    </button>
                }
            </div>
            <div id="proof" aria-live="polite">
                if let Some(outcome) = &*outcome { { proof(outcome) } }
            </div>
        </div>
    }
}

/// Mismatches between the file and its key in the API.
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
