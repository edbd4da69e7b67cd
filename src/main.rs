//! The page's program; www/start.js calls [`start`].
#![allow(missing_docs)]

use wasm_bindgen::prelude::wasm_bindgen;

fn main() {}

/// Shows the page. `token` is the access token from the address, if there was one; `loader` the
/// address of the key workers' script.
#[wasm_bindgen]
pub fn start(token: Option<String>, loader: String) {
    keyside_page::start(token, loader);
}
