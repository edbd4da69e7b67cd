//! The whole screen: the steps in their order, and the question before a key is lost.

use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::BeforeUnloadEvent;
use yew::prelude::*;

use crate::{
    account::AccountStep,
    api::Endpoint,
    configure::ConfigureStep,
    connect::ConnectStep,
    download::DownloadStep,
    engine::{KeyWorker, StartWorker},
    generate::GenerateStep,
    keys::KeysSection,
    state::{Action, State},
    ui::Alert,
    upload::UploadStep,
    verify::VerifyStep,
};

/// See [`App`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The access token from the page's address.
    pub token: Option<AttrValue>,
    /// Starts a key worker.
    pub start_worker: StartWorker,
}

/// See the module.
#[component]
pub fn App(props: &Props) -> Html {
    let app = use_reducer(State::default);
    let worker = use_memo(props.start_worker.clone(), |start_worker| {
        KeyWorker::start(start_worker.clone(), None)
    });
    let worker = (*worker).clone();
    {
        let dispatch = app.dispatcher();
        use_effect_with((), move |()| {
            spawn_local(async move {
                dispatch.dispatch(Action::Endpoint(Endpoint::read().await));
            });
        });
    }
    use_effect_with(app.has_unsaved_key(), |unsaved| {
        let guard = unsaved.then(Guard::new).flatten();
        move || drop(guard)
    });
    html! {
        <>
            <header>
                <h1>{ "Keyside" }</h1>
                <p>
                    { "Makes a service account's authorized key in this browser. The private key \
                       never leaves this computer: only the public key is sent." }
                </p>
            </header>
            { match &app.endpoint {
                None => html! { <p role="status">{ "Loading Keyside…" }</p> },
                Some(Err(why)) => html! { <Alert text={why.clone()} /> },
                Some(Ok(_)) => html! { <>
                <ConnectStep app={app.clone()} token={props.token.clone()} />
                <AccountStep app={app.clone()} />
                <GenerateStep app={app.clone()} worker={worker.clone()} />
                <UploadStep app={app.clone()} />
                <DownloadStep app={app.clone()} worker={worker.clone()} />
                <VerifyStep app={app.clone()} worker={worker} />
                <ConfigureStep app={app.clone()} />
                <KeysSection app={app.clone()} />
                </> },
            } }
        </>
    }
}

/// Asks before the page is left; asks no more when dropped.
struct Guard(Closure<dyn Fn(BeforeUnloadEvent)>);

impl Guard {
    fn new() -> Option<Self> {
        let ask = Closure::<dyn Fn(BeforeUnloadEvent)>::new(|event: BeforeUnloadEvent| {
            event.prevent_default();
            // Browsers show words of their own; older ones want a text to show them at all.
            event.set_return_value("unsaved private key");
        });
        web_sys::window()?
            .add_event_listener_with_callback("beforeunload", ask.as_ref().unchecked_ref())
            .ok()?;
        Some(Self(ask))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            // Removing a listener cannot fail.
            let _ = window.remove_event_listener_with_callback(
                "beforeunload",
                self.0.as_ref().unchecked_ref(),
            );
        }
    }
}
