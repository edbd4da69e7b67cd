//! The page's entry point. www/start.js loads it and calls [`start`].
#![allow(missing_docs)]

use js_sys::Function;
use keyside_engine::StartWorker;
use keyside_page::{app::App, routes::AddressBar};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::Element;

fn main() {}

/// Renders the page in `place`. `start_worker` returns a new key worker.
#[wasm_bindgen]
pub fn start(place: Element, start_worker: Function) {
    // First, so that no token stays in the address bar or the tab's history.
    let address_bar = AddressBar::take_over();
    let start_worker = StartWorker::new(move || {
        let worker = start_worker.call0(&JsValue::UNDEFINED).ok()?;
        worker.dyn_into().ok()
    });
    let props = keyside_page::app::Props {
        address_bar,
        start_worker,
    };
    yew::Renderer::<App>::with_root_and_props(place, props).render();
}
