//! Step 5: the files.

mod destination;
pub mod folder;
mod passphrase;
pub mod save;

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

pub use self::{
    destination::{Destination, deliver},
    passphrase::{PassphraseFields, wished},
};
use crate::{
    engine::{
        EngineError, KeyWorker,
        message::{Code, Command, Fault},
    },
    state::{Action, App},
    text,
    ui::{Alert, Step},
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
    let problem = use_state(|| None::<EngineError>);
    let folder = use_state(|| None);
    let (typed, again) = (use_state(String::new), use_state(String::new));
    let busy = use_state(|| false);
    let Some(half) = app.public_half() else {
        return html! {
            <Step id="download-step" number={props.number} title="Download"
                waits_for={props.waits_for.clone()}>{ "" }</Step>
        };
    };
    let passphrase = wished(&typed, &again);
    // Each file by its own click: browsers hold back a second download of one click.
    let secret_file = |name: String, command: Rc<dyn Fn() -> Command>| {
        let (app, worker, problem) = (app.clone(), worker.clone(), problem.clone());
        let (folder, busy) = (folder.clone(), busy.clone());
        Callback::from(move |_: MouseEvent| {
            let (app, worker, problem) = (app.clone(), worker.clone(), problem.clone());
            let (name, folder, busy) = (name.clone(), folder.clone(), busy.clone());
            let command = command();
            busy.set(true);
            spawn_local(async move {
                let saved = async {
                    let blob = worker.file(command).await?;
                    deliver(&blob, &name, folder.as_ref()).await
                };
                match saved.await {
                    Ok(saved) => {
                        problem.set(None);
                        if saved {
                            app.dispatch(Action::Saved);
                        }
                    }
                    Err(error) => problem.set(Some(error)),
                }
                busy.set(false);
            });
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
        let (pem, problem, folder) = (half.public_pem.clone(), problem.clone(), folder.clone());
        Callback::from(move |_: MouseEvent| {
            let (pem, problem, folder) = (pem.clone(), problem.clone(), folder.clone());
            spawn_local(async move {
                let saved = match save::text_blob(&pem) {
                    Some(blob) => deliver(&blob, "public.pem", folder.as_ref()).await,
                    None => Err(EngineError::Failed(Fault::new(Code::NoFile, text::NO_FILE))),
                };
                problem.set(saved.err());
            });
        })
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
                        disabled={*busy || passphrase.is_err()}>
                        { if is_locked { "private.pem, encrypted" } else { "private.pem" } }
                    </button>
                    <span>{ "The private key (PKCS#8). Keep it secret: whoever has it is the \
                        service account." }</span>
                </li>
                <li>
                    <button type="button" id="download-public" onclick={public}>
                        { "public.pem" }
                    </button>
                    <span>{ "The public key (SPKI)." }</span>
                </li>
                <li>
                    if let Some((name, click)) = credentials {
                        <button type="button" id="download-credentials" onclick={click}
                            disabled={*busy}>{ name }</button>
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
            <p id="download-status" class="hint" role="status">
                if *busy { { "Making the file…" } }
            </p>
            <details id="passphrase-option">
                <summary>{ "Put private.pem under a passphrase" }</summary>
                <p>{ text::PASSPHRASE_HINT }</p>
                <PassphraseFields id="passphrase" {typed} {again} />
            </details>
            <Destination {folder} />
            if let Some(problem) = &*problem {
                <Alert text={problem.to_string()} />
            }
        </Step>
    }
}
