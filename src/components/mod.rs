//! Components that the screens share.

mod account_picker;
pub mod action;
mod answer;
mod calendar;
mod card;
mod chosen;
mod confirm;
mod copy;
mod dialog;
mod expiration;
pub mod files;
mod focus;
mod identity;
mod keep_place;
mod key_change;
mod leave;
mod moment;
mod place;
mod preview;
mod problem;
mod progress;
mod proof;
mod sign_in;
mod token_form;

pub use account_picker::AccountPicker;
pub use answer::use_response;
pub use calendar::Expires;
pub use card::Card;
pub use chosen::use_chosen;
pub use confirm::ConfirmDialog;
pub use copy::{CopyButton, Copyable, copied};
pub use dialog::Dialog;
pub use expiration::{Expiration, ExpirationField};
pub use focus::{Announcement, use_lost_focus};
pub use identity::Identity;
pub use keep_place::{KEEPS_PLACE, use_kept_focus};
pub use key_change::{ChangeDialog, Changed, Order, carry_out, changed_message};
pub use leave::use_leave_confirmation;
pub use moment::{age, ending_badge, moment_s, state_name};
pub use preview::Preview;
pub use problem::{Alert, ProblemView, retry};
pub use progress::progress;
pub use proof::proof;
pub use sign_in::SignIn;

use web_sys::{Event, HtmlInputElement, HtmlSelectElement};
use yew::{Callback, Html, TargetCast, UseStateHandle, html};

/// The value of the input or select that fired an event.
pub fn value_of(event: &Event) -> String {
    match event.target_dyn_into::<HtmlInputElement>() {
        Some(input) => input.value(),
        None => event
            .target_dyn_into::<HtmlSelectElement>()
            .map(|select| select.value())
            .unwrap_or_default(),
    }
}

/// A callback that stores a text field's value in `state`.
pub fn keep<E: AsRef<Event> + 'static>(state: &UseStateHandle<String>) -> Callback<E> {
    let state = state.clone();
    Callback::from(move |event: E| state.set(value_of(event.as_ref())))
}

/// A checkbox for `state`.
pub fn check(id: &'static str, state: &UseStateHandle<bool>, disabled: bool, label: &str) -> Html {
    let onchange = {
        let state = state.clone();
        Callback::from(move |_: Event| state.set(!*state))
    };
    html! {
        <label class="check" for={id}>
            <input type="checkbox" {id} checked={**state} {disabled} {onchange} />
            { label }
        </label>
    }
}

/// A callback that sets `state` to `value`.
pub fn set<E: 'static, T: Clone + 'static>(state: &UseStateHandle<T>, value: T) -> Callback<E> {
    let state = state.clone();
    Callback::from(move |_| state.set(value.clone()))
}
