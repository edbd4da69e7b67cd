//! Step 5: the files.

mod destination;
pub mod folder;
mod passphrase;
pub mod save;

use std::rc::Rc;

use keyside_engine::{KeyWorker, message::Command};
use yew::prelude::*;

pub use self::{
    destination::{DeliveryStatus, Destination, use_delivery},
    passphrase::{PassphraseFields, wished},
};
use crate::{
    state::{Action, App},
    text,
    ui::Step,
};

/// See [`DownloadStep`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// Holds the private key.
    pub worker: KeyWorker,
    /// Its place on the screen.
    #[prop_or(5)]
    pub number: u8,
    /// What comes first, as long as it has not.
    #[prop_or(AttrValue::Static("Waits for the pair of step 3."))]
    pub waits_for: AttrValue,
}

/// See the module.
#[component]
pub fn DownloadStep(props: &Props) -> Html {
    let Props { app, worker, .. } = props;
    let delivery = use_delivery(app.public_half().map(|half| half.public_pem.clone()));
    let (typed, again) = (use_state(String::new), use_state(String::new));
    let Some(half) = app.public_half() else {
        return html! {
            <Step id="download-step" number={props.number} title="Download"
                waits_for={props.waits_for.clone()}>{ "" }</Step>
        };
    };
    let passphrase = wished(&typed, &again);
    // Each file by its own click: browsers hold back a second download of one click.
    let secret_file = |name: String, command: Rc<dyn Fn() -> Command>| {
        let (app, worker, delivery) = (app.clone(), worker.clone(), delivery.clone());
        Callback::from(move |_: MouseEvent| {
            let (app, worker, command) = (app.clone(), worker.clone(), command());
            let file = Box::pin(async move { worker.file(command).await });
            let on_saved = Callback::from(move |()| app.dispatch(Action::Saved));
            delivery.save(name.clone(), file, on_saved);
        })
    };
    let private = {
        let passphrase = passphrase.clone().unwrap_or_default();
        secret_file(
            "private.pem".to_owned(),
            Rc::new(move || Command::PrivatePem {
                passphrase: passphrase.clone(),
            }),
        )
    };
    let public = {
        let (pem, delivery) = (half.public_pem.clone(), delivery.clone());
        Callback::from(move |_: MouseEvent| delivery.save_text("public.pem", &pem))
    };
    let credentials = app.uploaded.as_ref().map(|uploaded| {
        let name = keyside_keygen::credentials_file_name(&uploaded.service_account_id);
        let uploaded = uploaded.clone();
        let click = secret_file(
            name.clone(),
            Rc::new(move || Command::Credentials {
                key_id: uploaded.key_id.clone(),
                service_account_id: uploaded.service_account_id.clone(),
            }),
        );
        (name, click)
    });
    let is_locked = !typed.is_empty();
    html! {
        <Step id="download-step" number={props.number} title="Download" done={app.saved}>
            <ul class="files">
                <li>
                    <button type="button" id="download-private" onclick={private}
                        disabled={delivery.is_busy() || passphrase.is_err()}>
                        { if is_locked { "private.pem, encrypted" } else { "private.pem" } }
                    </button>
                    <span>{ "The private key (PKCS#8). Keep it secret: whoever has it is the \
                        service account." }</span>
                </li>
                <li>
                    <button type="button" id="download-public" onclick={public}
                        disabled={delivery.is_busy()}>
                        { "public.pem" }
                    </button>
                    <span>{ "The public key (SPKI)." }</span>
                </li>
                <li>
                    if let Some((name, click)) = credentials {
                        <button type="button" id="download-credentials" onclick={click}
                            disabled={delivery.is_busy()}>{ name }</button>
                    } else {
                        <button type="button" id="download-credentials" disabled=true>
                            { "…-credentials.json" }
                        </button>
                    }
                    <span>
                        { "What the CLI and the SDKs read; holds the private key, so keep it \
                           secret." }
                        if app.uploaded.is_none() {
                            { " Needs the key's id, so it comes after the upload." }
                        }
                    </span>
                </li>
            </ul>
            <DeliveryStatus id="download-status" delivery={delivery.clone()}
                making="Making the file…" />
            <details id="passphrase-option">
                <summary>{ "Put private.pem under a passphrase" }</summary>
                <p>{ text::PASSPHRASE_HINT }</p>
                <PassphraseFields id="passphrase" {typed} {again} />
            </details>
            <Destination {delivery} />
        </Step>
    }
}
