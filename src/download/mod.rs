//! Step 5: the files.

pub mod save;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

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
    let Some(half) = app.public_half() else {
        return html! {
            <Step id="download-step" number={props.number} title="Download"
                waits_for={props.waits_for.clone()}>{ "" }</Step>
        };
    };
    // Each file by its own click: browsers hold back a second download of one click.
    let secret_file = |name: String, command: fn(&App) -> Option<Command>| {
        let (app, worker, problem) = (app.clone(), worker.clone(), problem.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(command) = command(&app) else { return };
            let (app, worker, problem) = (app.clone(), worker.clone(), problem.clone());
            let name = name.clone();
            spawn_local(async move {
                match worker.file(command).await {
                    Ok(blob) if save::save(&blob, &name) => {
                        problem.set(None);
                        app.dispatch(Action::Saved);
                    }
                    Ok(_) => problem.set(Some(no_file())),
                    Err(error) => problem.set(Some(error)),
                }
            });
        })
    };
    let private = secret_file("private.pem".to_owned(), |_| Some(Command::PrivatePem));
    let public = {
        let (pem, problem) = (half.public_pem.clone(), problem.clone());
        Callback::from(move |_: MouseEvent| {
            let saved = save::text_blob(&pem).is_some_and(|blob| save::save(&blob, "public.pem"));
            problem.set((!saved).then(no_file));
        })
    };
    let credentials = app.uploaded.as_ref().map(|uploaded| {
        let name = keyside_keygen::credentials_file_name(&uploaded.service_account_id);
        let click = secret_file(name.clone(), |app| {
            app.uploaded.as_ref().map(|uploaded| Command::Credentials {
                key_id: uploaded.key_id.clone(),
                service_account_id: uploaded.service_account_id.clone(),
            })
        });
        (name, click)
    });
    html! {
        <Step id="download-step" number={props.number} title="Download" done={app.saved}>
            <ul class="files">
                <li>
                    <button type="button" id="download-private" onclick={private}>
                        { "private.pem" }
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
                        <button type="button" id="download-credentials" onclick={click}>
                            { name }
                        </button>
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
            if let Some(problem) = &*problem {
                <Alert text={problem.to_string()} />
            }
        </Step>
    }
}

fn no_file() -> EngineError {
    EngineError::Failed(Fault::new(Code::NoFile, text::NO_FILE))
}
