//! The one ZIP of all credentials files, encrypted on demand.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::batch::{Batch, Progress};
use crate::{
    download::{Destination, PassphraseFields, deliver, wished},
    engine::{
        EngineError, KeyWorker,
        message::{ArchiveEntry, Command, Event},
    },
    text, time,
    ui::{Alert, Copyable},
};

/// See [`Archive`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is done goes into it.
    pub batch: UseReducerHandle<Batch>,
    /// Holds the private keys.
    pub worker: KeyWorker,
    /// It was saved.
    pub on_saved: Callback<()>,
}

/// See the module.
#[component]
pub fn Archive(props: &Props) -> Html {
    let (typed, again) = (use_state(String::new), use_state(String::new));
    let suggested = use_state(|| false);
    let busy = use_state(|| false);
    let folder = use_state(|| None);
    let problem = use_state(|| None::<EngineError>);
    let passphrase = wished(&typed, &again);
    let suggest = {
        let (worker, problem) = (props.worker.clone(), problem.clone());
        let (typed, again, suggested) = (typed.clone(), again.clone(), suggested.clone());
        Callback::from(move |_: MouseEvent| {
            let (worker, problem) = (worker.clone(), problem.clone());
            let (typed, again, suggested) = (typed.clone(), again.clone(), suggested.clone());
            spawn_local(async move {
                match worker.ask_keeper(Command::SuggestPassphrase).await {
                    Ok(Event::Suggested(text)) => {
                        typed.set(text.clone());
                        again.set(text);
                        suggested.set(true);
                    }
                    Ok(_) => {}
                    Err(error) => problem.set(Some(error)),
                }
            });
        })
    };
    let save = {
        let (worker, problem, busy) = (props.worker.clone(), problem.clone(), busy.clone());
        let (batch, folder, on_saved) =
            (props.batch.clone(), folder.clone(), props.on_saved.clone());
        let passphrase = passphrase.clone();
        Callback::from(move |_: MouseEvent| {
            let Ok(passphrase) = passphrase.clone() else {
                return;
            };
            let now_unix_s = time::now_unix_s();
            let command = Command::Archive {
                entries: entries(&batch),
                passphrase,
                now_unix_s,
            };
            busy.set(true);
            let (worker, problem, busy) = (worker.clone(), problem.clone(), busy.clone());
            let (folder, on_saved) = (folder.clone(), on_saved.clone());
            spawn_local(async move {
                let saved = async {
                    let blob = worker.file(command).await?;
                    let name = format!("credentials-{now_unix_s}.zip");
                    deliver(&blob, &name, folder.as_ref()).await
                };
                match saved.await {
                    Ok(saved) => {
                        problem.set(None);
                        if saved {
                            on_saved.emit(());
                        }
                    }
                    Err(error) => problem.set(Some(error)),
                }
                busy.set(false);
            });
        })
    };
    html! {
        <>
            <p>{ text::ARCHIVE }</p>
            <details id="zip-passphrase-option">
                <summary>{ "Put the ZIP under a passphrase" }</summary>
                <p>{ text::ARCHIVE_PASSPHRASE }</p>
                <button type="button" id="suggest-passphrase" class="quiet" onclick={suggest}>
                    { "Suggest a passphrase" }
                </button>
                <PassphraseFields id="zip-passphrase" typed={typed.clone()} {again}
                    is_shown={*suggested} />
                if *suggested {
                    <Copyable name="the passphrase" text={(*typed).clone()} />
                }
            </details>
            <button type="button" id="save-zip" disabled={*busy || passphrase.is_err()}
                onclick={save}>
                { if typed.is_empty() { "Save the ZIP" } else { "Save the encrypted ZIP" } }
            </button>
            <p id="zip-status" class="hint" role="status">
                if *busy { { "Making the ZIP…" } }
            </p>
            <Destination {folder} />
            if let Some(problem) = &*problem {
                <Alert text={problem.to_string()} />
            }
        </>
    }
}

fn entries(batch: &Batch) -> Vec<ArchiveEntry> {
    let done = batch
        .entries
        .iter()
        .filter(|entry| entry.progress == Progress::Done);
    done.filter_map(|entry| {
        Some(ArchiveEntry {
            name: entry.account.id.clone(),
            key_id: entry.issued.uploaded.as_ref()?.key_id.clone(),
            service_account_id: entry.account.id.clone(),
        })
    })
    .collect()
}
