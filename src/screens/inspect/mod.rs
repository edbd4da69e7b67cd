//! Inspects a key file: what it is, which authorized key it belongs to, and what's wrong with it. Uploads
//! public keys from elsewhere. Only the key worker reads the file.

mod contain;
mod credentials;
mod lookup;
mod pick;
mod report;
mod upload;

use keyside_engine::{
    EngineError, KeyWorker,
    message::{Command, Event, FileReport, PublicHalf, PublicPart},
};
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;
use yew::prelude::*;

use self::{pick::Pick, report::Report};
use super::ScreenProps;
use crate::{
    components::Alert,
    model::{
        creation::{Creation, CreationAction},
        issue::Issuer,
    },
    session::use_workspace,
};

/// An inspected file.
#[derive(Clone, PartialEq)]
pub struct Read {
    /// The file's name, or how it was entered.
    pub name: String,
    /// The file, as a browser handle.
    pub file: Blob,
    /// The worker's report on the file.
    pub report: FileReport,
}

/// The file field, and the report.
#[component]
pub fn InspectScreen(props: &ScreenProps) -> Html {
    let workspace = use_workspace();
    let creation = use_reducer(Creation::default);
    let worker = use_memo(props.start_worker.clone(), |start_worker| {
        KeyWorker::idle(start_worker.clone(), Some(0))
    });
    let read = use_state(|| None::<Read>);
    let busy = use_state(|| false);
    let problem = use_state(|| None::<EngineError>);
    // Counts the files, to ignore results for a replaced one.
    let latest = use_mut_ref(|| 0_u32);
    let examine = {
        let (worker, read, busy) = ((*worker).clone(), read.clone(), busy.clone());
        let (creation, problem, latest) = (creation.clone(), problem.clone(), latest.clone());
        Callback::from(
            move |(name, file, passphrase): (String, Blob, Option<String>)| {
                let number = {
                    let mut latest = latest.borrow_mut();
                    *latest += 1;
                    *latest
                };
                busy.set(true);
                problem.set(None);
                if passphrase.is_none() {
                    read.set(None);
                    creation.dispatch(CreationAction::Discarded);
                }
                let (worker, read, busy) = (worker.clone(), read.clone(), busy.clone());
                let (problem, latest) = (problem.clone(), latest.clone());
                spawn_local(async move {
                    let command = Command::Examine {
                        file: file.clone(),
                        passphrase,
                    };
                    let answer = match worker.ask_keeper(command).await {
                        Ok(Event::Examined(report)) => {
                            serde_wasm_bindgen::from_value(report).map_err(|_| EngineError::Lost)
                        }
                        Ok(_) => Err(EngineError::Lost),
                        Err(error) => Err(error),
                    };
                    if *latest.borrow() != number {
                        return;
                    }
                    match answer {
                        Ok(report) => read.set(Some(Read { name, file, report })),
                        Err(error) => problem.set(Some(error)),
                    }
                    busy.set(false);
                });
            },
        )
    };
    let forget = {
        let (worker, read, creation) = ((*worker).clone(), read.clone(), creation.clone());
        let (busy, problem, latest) = (busy.clone(), problem.clone(), latest);
        Callback::from(move |()| {
            // Ignores the result of a passphrase in progress, too.
            *latest.borrow_mut() += 1;
            busy.set(false);
            problem.set(None);
            // Ends the worker, and with it what it holds of the file.
            worker.end();
            read.set(None);
            creation.dispatch(CreationAction::Discarded);
        })
    };
    let issuer = Issuer {
        worker: (*worker).clone(),
        workspace,
    };
    html! {
        <>
            <Pick on_pick={examine.reform(|(name, file)| (name, file, None))} busy={*busy} />
            if let Some(problem) = &*problem {
                <Alert text={problem.to_string()} />
            }
            if let Some(read) = &*read {
                <Report key={read.name.clone()} {issuer} {creation} read={read.clone()}
                    on_forget={forget} on_passphrase={open_with(read, &examine)} busy={*busy}
                    visits={props.visits} />
            }
        </>
    }
}

fn open_with(read: &Read, examine: &Callback<(String, Blob, Option<String>)>) -> Callback<String> {
    let (name, file) = (read.name.clone(), read.file.clone());
    examine.reform(move |passphrase| (name.clone(), file.clone(), Some(passphrase)))
}

/// Prepares the public key for an upload.
fn half(public: &PublicPart) -> PublicHalf {
    PublicHalf {
        public_pem: public.pem.clone(),
        fingerprint: public.fingerprint.clone(),
        bits: public.bits,
        elapsed_ms: 0.0,
        fast: false,
        cross_checked: false,
    }
}
