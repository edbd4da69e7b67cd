//! Asks for confirmation before the page is left with an unsaved private key.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::BeforeUnloadEvent;
use yew::prelude::*;

/// Asks while `is_at_stake`. Only one component may use it.
#[hook]
pub fn use_leave_confirmation(is_at_stake: bool) {
    use_effect_with(is_at_stake, |is_at_stake| {
        let handler = Closure::<dyn Fn(BeforeUnloadEvent)>::new(|event: BeforeUnloadEvent| {
            event.prevent_default();
            // Browsers display their own text; older ones ask only if there is one.
            event.set_return_value("unsaved private key");
        });
        let window = web_sys::window().filter(|_| *is_at_stake);
        if let Some(window) = &window {
            window.set_onbeforeunload(Some(handler.as_ref().unchecked_ref()));
        }
        move || {
            if let Some(window) = window {
                window.set_onbeforeunload(None);
            }
            drop(handler);
        }
    });
}
