//! The page's program; www/start.js calls [`start`] for each screen.
#![allow(missing_docs)]

use js_sys::Object;
use keyside_page::{
    configure::ConfigurationPart, file::FileScreen, keys::KeysScreen, make::MakeScreen,
    many::ManyScreen, rotate::RotateScreen,
};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use web_sys::Element;

fn main() {}

/// Starts a screen, or a part of one, by its name: see [`keyside_page::start`].
#[wasm_bindgen]
pub fn start(screen: &str, place: Element, page: &Object, shared: &JsValue) -> Option<Object> {
    match screen {
        "configure" => keyside_page::start::<ConfigurationPart>(place, page, shared),
        "file" => keyside_page::start::<FileScreen>(place, page, shared),
        "keys" => keyside_page::start::<KeysScreen>(place, page, shared),
        "many" => keyside_page::start::<ManyScreen>(place, page, shared),
        "rotate" => keyside_page::start::<RotateScreen>(place, page, shared),
        _ => keyside_page::start::<MakeScreen>(place, page, shared),
    }
}
