//! The expiration date: a picker in local time, shown in UTC as well.

use keyside_iam::Timestamp;
use yew::prelude::*;

use crate::{text, time, ui::keep};

/// Reads the picker's value: empty is never.
///
/// # Errors
/// What is wrong with it, in words.
pub fn read(value: &str, now_unix_s: u64) -> Result<Option<Timestamp>, &'static str> {
    if value.is_empty() {
        return Ok(None);
    }
    let at = time::from_local_input(value).ok_or(text::EXPIRY_UNREADABLE)?;
    if u64::try_from(at.seconds).is_ok_and(|seconds| seconds > now_unix_s) {
        Ok(Some(at))
    } else {
        Err(text::EXPIRY_PAST)
    }
}

/// See [`Expiry`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The picker's value.
    pub value: UseStateHandle<String>,
    /// Whether it can be changed.
    pub disabled: bool,
}

/// See the module.
#[component]
pub fn Expiry(props: &Props) -> Html {
    let shown = match read(&props.value, time::now_unix_s()) {
        Ok(None) => html! { { "Empty: the key never expires." } },
        Ok(Some(at)) => html! {
            <>
                { "Expires " }<span class="local">{ time::local(&at) }</span>
                { " local time, that is " }<span class="utc">{ time::utc(&at) }</span>{ "." }
            </>
        },
        Err(why) => html! { <span class="wrong">{ why }</span> },
    };
    html! {
        <div>
            <label for="key-expires">{ "Expiration date (optional, local time)" }</label>
            <input id="key-expires" type="datetime-local" disabled={props.disabled}
                value={(*props.value).clone()} oninput={keep::<InputEvent>(&props.value)}
                aria-describedby="expires-shown" />
            <p id="expires-shown" class="hint" role="status">{ shown }</p>
        </div>
    }
}
