//! The main job's program; www/start.js calls [`start`].
#![allow(missing_docs)]

use js_sys::Object;
use keyside_page::make::MakeScreen;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use web_sys::Element;

fn main() {}

/// Starts the screen: see [`keyside_page::start`].
#[wasm_bindgen]
pub fn start(_screen: &str, place: Element, page: &Object, shared: &JsValue) -> Option<Object> {
    keyside_page::start::<MakeScreen>(place, page, shared)
}
