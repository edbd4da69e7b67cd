//! The page's program; www/start.js calls [`start`].
#![allow(missing_docs)]

use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

fn main() {}

/// Shows the page. `token` is the access token from the address, if there was one; `start_worker`
/// gives a new key worker (`www/key-workers.js`).
#[wasm_bindgen]
pub fn start(token: Option<String>, start_worker: Function) {
    let start_worker = move || {
        let worker = start_worker.call0(&JsValue::UNDEFINED).ok()?;
        worker.dyn_into().ok()
    };
    keyside_page::start(token, keyside_page::engine::StartWorker::new(start_worker));
}
