//! Small parts that every step uses.

mod answer;
mod chosen;
mod copy;
mod dialog;
mod expiration;
mod focus;
mod problem;
mod step;

pub use answer::{use_answer, use_question};
pub use chosen::use_chosen;
pub use copy::Copyable;
pub use dialog::Dialog;
pub use expiration::{Expiration, ExpirationField};
pub use focus::{Arrival, use_lost_focus};
pub use problem::{Alert, ProblemView};
pub use step::Step;

use wasm_bindgen::JsCast;
use web_sys::{Event, EventTarget, HtmlInputElement, HtmlSelectElement};
use yew::{Callback, UseStateHandle};

/// The value of the input or select that an event comes from.
#[must_use]
pub fn value_of(event: &Event) -> String {
    let target: Option<EventTarget> = event.target();
    target
        .map(|target| match target.dyn_into::<HtmlInputElement>() {
            Ok(input) => input.value(),
            Err(target) => target
                .dyn_into::<HtmlSelectElement>()
                .map(|select| select.value())
                .unwrap_or_default(),
        })
        .unwrap_or_default()
}

/// Keeps a text field's value in `state`.
#[must_use]
pub fn keep<E: AsRef<Event> + 'static>(state: &UseStateHandle<String>) -> Callback<E> {
    let state = state.clone();
    Callback::from(move |event: E| state.set(value_of(event.as_ref())))
}

/// Asks a yes-or-no question in the browser's own dialogue.
#[must_use]
pub fn confirm(question: &str) -> bool {
    web_sys::window().is_some_and(|window| window.confirm_with_message(question).unwrap_or(false))
}

/// Draws a new idempotency key: 128 random bits in hex.
#[must_use]
pub fn make_idempotency_key() -> Option<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// In lower case, by the browser, whose tables of letters need not be loaded.
#[must_use]
pub fn lower_case(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}
