//! Listens to events of the browser.

use wasm_bindgen::{JsCast, closure::Closure, convert::FromWasmAbi};
use web_sys::EventTarget;

/// Calls `on` for each event of this name as long as the page lives.
pub fn listen<E: FromWasmAbi + 'static>(
    target: &EventTarget,
    name: &str,
    on: impl Fn(E) + 'static,
) {
    let on = Closure::<dyn Fn(E)>::new(on).into_js_value();
    // Adding a listener can't fail.
    let _ = target.add_event_listener_with_callback(name, on.unchecked_ref());
}
