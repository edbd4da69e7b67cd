//! Asks for confirmation before the page is left with an unsaved private key.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::BeforeUnloadEvent;
use yew::prelude::*;

/// Asks while `is_at_stake`.
#[hook]
pub fn use_leave_confirmation(is_at_stake: bool) {
    use_effect_with(is_at_stake, move |is_at_stake| {
        let guard = is_at_stake.then(Guard::new).flatten();
        move || drop(guard)
    });
}

/// Removes the listener when dropped.
struct Guard(Closure<dyn Fn(BeforeUnloadEvent)>);

impl Guard {
    fn new() -> Option<Self> {
        let handler = Closure::<dyn Fn(BeforeUnloadEvent)>::new(|event: BeforeUnloadEvent| {
            event.prevent_default();
            // Browsers display their own text; older ones ask only if there is one.
            event.set_return_value("unsaved private key");
        });
        web_sys::window()?
            .add_event_listener_with_callback("beforeunload", handler.as_ref().unchecked_ref())
            .ok()?;
        Some(Self(handler))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            // Removing a listener can't fail.
            let _ = window.remove_event_listener_with_callback(
                "beforeunload",
                self.0.as_ref().unchecked_ref(),
            );
        }
    }
}
