//! The whole screen: the steps in their order, and the question before a key is lost.

use gloo_net::http::Request;
use serde::Deserialize;
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::BeforeUnloadEvent;
use yew::prelude::*;

use crate::{
    account::AccountStep,
    configure::ConfigureStep,
    connect::ConnectStep,
    download::DownloadStep,
    engine::KeyWorker,
    generate::GenerateStep,
    keys::KeysSection,
    state::{Action, State},
    upload::UploadStep,
    verify::VerifyStep,
};

/// See [`App`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The access token from the page's address.
    pub token: Option<AttrValue>,
}

/// See the module.
#[component]
pub fn App(props: &Props) -> Html {
    let app = use_reducer(State::default);
    let worker = use_memo((), |()| KeyWorker::start(None));
    let worker = (*worker).clone();
    {
        let dispatch = app.dispatcher();
        use_effect_with((), move |()| {
            spawn_local(async move {
                dispatch.dispatch(Action::Base(base_address().await));
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
            if app.base.is_empty() {
                <p role="status">{ "Loading Keyside…" }</p>
            } else {
                <ConnectStep app={app.clone()} token={props.token.clone()} />
                <AccountStep app={app.clone()} />
                <GenerateStep app={app.clone()} worker={worker.clone()} />
                <UploadStep app={app.clone()} />
                <DownloadStep app={app.clone()} worker={worker.clone()} />
                <VerifyStep app={app.clone()} worker={worker} />
                <ConfigureStep app={app.clone()} />
                <KeysSection {app} />
            }
        </>
    }
}

#[derive(Deserialize)]
struct Config {
    /// Address of the API, relative to the page; empty: where the page is.
    api: String,
}

/// The API's absolute address, by config.json; without that file it is where the page is.
async fn base_address() -> String {
    let api = match Request::get("config.json").send().await {
        Ok(response) => response
            .json::<Config>()
            .await
            .map(|c| c.api)
            .unwrap_or_default(),
        Err(_) => String::new(),
    };
    let here = web_sys::window()
        .and_then(|window| window.location().href().ok())
        .unwrap_or_default();
    web_sys::Url::new_with_base(if api.is_empty() { "." } else { &api }, &here)
        .map(|url| url.href())
        .unwrap_or(api)
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
