//! The files of a new key.

use keyside_engine::{KeyWorker, message::Command};
use yew::prelude::*;

use crate::{
    components::files::{
        Delivery, DeliveryStatus, Destination, PassphraseFields, entered_passphrase, use_delivery,
    },
    model::{
        Uploaded,
        creation::{Creation, CreationAction, PairEvent},
    },
    text::files as text,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub creation: UseReducerHandle<Creation>,
    pub worker: KeyWorker,
    /// Whether another task is in progress.
    #[prop_or_default]
    pub is_busy: bool,
    /// Called with the name of the saved credentials file.
    #[prop_or_default]
    pub on_credentials: Callback<String>,
}

/// private.pem and public.pem; of an uploaded key, first the credentials file.
#[component]
pub fn KeyFiles(props: &Props) -> Html {
    let creation = &props.creation;
    let delivery = use_delivery(creation.half().map(|half| half.fingerprint.clone()));
    let (typed, again) = (use_state(String::new), use_state(String::new));
    let pem_files = pem_files(props, &delivery, typed, again);
    let status = html! {
        <DeliveryStatus id="download-status" delivery={delivery.clone()} making={text::PREPARING} />
    };
    let Some(uploaded) = &creation.issued.uploaded else {
        return html! { <>{ pem_files }{ status }<Destination {delivery} /></> };
    };
    let name =
        keyside_keygen::credentials_file_name(&uploaded.service_account_id, &uploaded.key_id);
    let save = {
        let (creation, worker, delivery) =
            (creation.clone(), props.worker.clone(), delivery.clone());
        let (name, uploaded) = (name.clone(), uploaded.clone());
        let on_credentials = props.on_credentials.clone();
        Callback::from(move |_: MouseEvent| {
            let command = Command::Credentials {
                key_id: uploaded.key_id.clone(),
                service_account_id: uploaded.service_account_id.clone(),
            };
            let saved = on_saved(&creation);
            let (on_credentials, saved_name) = (on_credentials.clone(), name.clone());
            let on_saved = Callback::from(move |()| {
                saved.emit(());
                on_credentials.emit(saved_name.clone());
            });
            let worker = worker.clone();
            let file = Box::pin(async move { worker.file(command).await });
            delivery.save(name.clone(), file, on_saved);
        })
    };
    html! {
        <>
            <p class="row wrapped main-file">
                <button type="button" id="download-credentials" onclick={save}
                    class={if creation.is_saved { "quiet" } else { "" }}
                    disabled={delivery.is_busy() || props.is_busy}>{ text::CREDENTIALS }</button>
                <code id="credentials-name">{ name }</code>
            </p>
            <p class="hint">{ text::CREDENTIALS_HINT }</p>
            { status }
            <details id="more-formats">
                <summary>{ text::MORE }</summary>
                { pem_files }
                <Destination {delivery} />
            </details>
        </>
    }
}

/// private.pem and public.pem, with a button each, because browsers block a second download per click. Once
/// there is a key ID, the file names contain it, so no two keys' files have the same name.
fn pem_files(
    props: &Props,
    delivery: &Delivery,
    typed: UseStateHandle<String>,
    again: UseStateHandle<String>,
) -> Html {
    let creation = &props.creation;
    let uploaded = creation.issued.uploaded.as_ref();
    let passphrase = entered_passphrase(&typed, &again);
    // The files of an uploaded key don't change any more.
    let is_busy = delivery.is_busy() || props.is_busy && uploaded.is_none();
    let private = |name: String| {
        let (creation, worker, delivery) =
            (creation.clone(), props.worker.clone(), delivery.clone());
        let passphrase = passphrase.clone().unwrap_or_default();
        Callback::from(move |_: MouseEvent| {
            let passphrase = passphrase.clone();
            let worker = worker.clone();
            let file =
                Box::pin(async move { worker.file(Command::PrivatePem { passphrase }).await });
            delivery.save(name.clone(), file, on_saved(&creation));
        })
    };
    let public = |name: String| {
        let pem = creation.half().map(|half| half.public_pem.clone());
        let delivery = delivery.clone();
        Callback::from(move |_: MouseEvent| {
            delivery.save_text(&name, pem.as_deref().unwrap_or_default());
        })
    };
    let named = |file: &str| {
        let Uploaded {
            service_account_id,
            key_id,
            ..
        } = uploaded?;
        Some(format!("{service_account_id}-{key_id}-{file}"))
    };
    let row = |id: &'static str,
               label: &'static str,
               hint: &'static str,
               disabled: bool,
               file: &'static str,
               save: &dyn Fn(String) -> Callback<MouseEvent>| {
        html! {
            <li>
                <button type="button" {id} class="quiet" onclick={save(file.to_owned())} {disabled}>
                    { label }
                </button>
                <span>
                    { hint }
                    if let Some(name) = named(file) {
                        { " " }
                        <button type="button" id={format!("{id}-named")} class="quiet small"
                            onclick={save(name.clone())} {disabled}>{ name }</button>
                    }
                </span>
            </li>
        }
    };
    let private_label = if typed.is_empty() {
        text::PRIVATE
    } else {
        text::PRIVATE_ENCRYPTED
    };
    html! {
        <>
            <ul class="files">
                { row("download-private", private_label, text::PRIVATE_HINT,
                    is_busy || passphrase.is_err(), "private.pem", &private) }
                { row("download-public", text::PUBLIC, text::PUBLIC_HINT, is_busy, "public.pem",
                    &public) }
            </ul>
            <details id="passphrase-option">
                <summary>{ text::ENCRYPT }</summary>
                <p>{ text::ENCRYPT_HINT }</p>
                <PassphraseFields id="passphrase" {typed} {again} />
            </details>
        </>
    }
}

/// A callback that marks this pair's private key as saved.
fn on_saved(creation: &UseReducerHandle<Creation>) -> Callback<()> {
    let fingerprint = creation.half().map(|half| half.fingerprint.clone());
    let dispatcher = creation.dispatcher();
    Callback::from(move |()| {
        let fingerprint = fingerprint.clone().unwrap_or_default();
        dispatcher.dispatch(CreationAction::Pair(fingerprint, PairEvent::Saved));
    })
}
