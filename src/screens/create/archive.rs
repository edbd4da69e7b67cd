//! The ZIP of all credentials files, optionally encrypted.

use keyside_engine::{
    KeyWorker,
    message::{ArchiveEntry, Command, Event},
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    components::{
        Copyable,
        files::{DeliveryStatus, Destination, PassphraseFields, entered_passphrase, use_delivery},
    },
    model::batch::{Batch, Progress},
    text::{files, several as text},
    time,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The batch whose finished keys go into the ZIP.
    pub batch: UseReducerHandle<Batch>,
    pub worker: KeyWorker,
    /// Called once it's saved.
    pub on_saved: Callback<()>,
}

/// The optional passphrase, and the button.
#[component]
pub fn Archive(props: &Props) -> Html {
    let (typed, again) = (use_state(String::new), use_state(String::new));
    let suggested = use_state(|| false);
    let delivery = use_delivery((entries(&props.batch), props.batch.running));
    let passphrase = entered_passphrase(&typed, &again);
    let suggest = {
        let (worker, delivery) = (props.worker.clone(), delivery.clone());
        let (typed, again, suggested) = (typed.clone(), again.clone(), suggested.clone());
        Callback::from(move |_: MouseEvent| {
            let (worker, delivery) = (worker.clone(), delivery.clone());
            let (typed, again, suggested) = (typed.clone(), again.clone(), suggested.clone());
            spawn_local(async move {
                match worker.ask_keeper(Command::SuggestPassphrase).await {
                    Ok(Event::Suggested(text)) => {
                        typed.set(text.clone());
                        again.set(text);
                        suggested.set(true);
                    }
                    Ok(_) => {}
                    Err(error) => delivery.fail(error),
                }
            });
        })
    };
    let save = {
        let (worker, delivery) = (props.worker.clone(), delivery.clone());
        let (batch, on_saved) = (props.batch.clone(), props.on_saved.clone());
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
            let worker = worker.clone();
            let file = Box::pin(async move { worker.file(command).await });
            let name = format!("credentials-{now_unix_s}.zip");
            delivery.save(name, file, on_saved.clone());
        })
    };
    html! {
        <>
            <p>{ text::ARCHIVE }</p>
            <details id="zip-passphrase-option">
                <summary>{ text::ENCRYPT }</summary>
                <p>{ text::ARCHIVE_PASSPHRASE }</p>
                <button type="button" id="suggest-passphrase" class="quiet" onclick={suggest}>
                    { text::SUGGEST }
                </button>
                <PassphraseFields id="zip-passphrase" typed={typed.clone()} {again}
                    is_visible={*suggested} />
                if *suggested {
                    <Copyable name={files::PASSPHRASE} text={(*typed).clone()} />
                }
            </details>
            <button type="button" id="save-zip" disabled={delivery.is_busy() || passphrase.is_err()}
                onclick={save}>
                { if typed.is_empty() { text::SAVE } else { text::SAVE_ENCRYPTED } }
            </button>
            <DeliveryStatus id="zip-status" delivery={delivery.clone()} making={text::PREPARING} />
            <Destination {delivery} />
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
            name: entry.order.account.id.clone(),
            key_id: entry.issued.uploaded.as_ref()?.key_id.clone(),
            service_account_id: entry.order.account.id.clone(),
        })
    })
    .collect()
}
