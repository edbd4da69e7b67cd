//! The page: creates authorized keys of service accounts in the browser and manages them afterwards.
//!
//! [`app`] is its root, [`routes`] are its addresses, [`session`] is who is signed in. [`screens`] has the
//! three screens: create, keys and inspect. [`components`] are shared by the screens, [`model`] is their state,
//! [`api`] calls the IAM API, [`setup`] has the configuration for each tool, and [`text`] has the page's text.
//! The page holds public keys and handles to key workers; a private key exists only in a worker.

mod api;
mod app;
mod components;
mod events;
mod model;
mod prerequisites;
mod routes;
mod screens;
mod session;
mod setup;
mod text;
mod time;

use js_sys::Function;
use keyside_engine::StartWorker;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::Element;

use crate::{
    app::{App, Props},
    routes::AddressBar,
};

fn main() {}

/// Renders the page in `place`, as www/start.js asks. `start_worker` returns a new key worker.
#[wasm_bindgen]
pub fn start(place: Element, start_worker: Function) {
    // First, so that no token stays in the address bar or the tab's history.
    let address_bar = AddressBar::take_over();
    let start_worker = StartWorker::new(move || {
        let worker = start_worker.call0(&JsValue::UNDEFINED).ok()?;
        worker.dyn_into().ok()
    });
    let props = Props {
        address_bar,
        start_worker,
    };
    yew::Renderer::<App>::with_root_and_props(place, props).render();
}
