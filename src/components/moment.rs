//! Displays a key's state and times, local and UTC.

use keyside_iam::iam::auth_public_key_status::State as KeyState;
use yew::prelude::*;

use crate::{model::key_list::Ending, text::count, time};

/// The state's label; an unknown state is labelled as such.
pub fn state_name(state: Option<KeyState>) -> &'static str {
    match state {
        Some(KeyState::ACTIVE) => "active",
        Some(KeyState::INACTIVE) => "inactive",
        Some(KeyState::EXPIRED) => "expired",
        Some(KeyState::DELETING) => "being deleted",
        Some(KeyState::DELETED) => "deleted",
        _ => "unknown to this page",
    }
}

/// A time given in seconds since 1970, UTC, as local time and UTC.
pub fn moment_s(at: i64) -> Html {
    html! {
        <>
            <span class="local">{ time::local(at) }</span>{ " " }
            <span class="utc hint">{ time::utc(at) }</span>
        </>
    }
}

/// A badge for a key that never expires, has expired or expires soon.
pub fn ending_badge(ending: Ending) -> Html {
    // A key that never expires is less urgent than the others.
    let (class, text) = match ending {
        Ending::Later => return html! {},
        Ending::Never => ("badge", "never expires".to_owned()),
        Ending::Past => ("badge warn", "has expired".to_owned()),
        Ending::Soon { days: 0 } => ("badge warn", "expires within a day".to_owned()),
        Ending::Soon { days } => ("badge warn", format!("expires in {}", count(days, "day"))),
    };
    html! { <strong {class}>{ text }</strong> }
}

/// The age in whole days.
pub fn age(from_s: i64, now_s: i64) -> String {
    match (now_s - from_s) / (24 * 3600) {
        0 => "today".to_owned(),
        days => format!("{} ago", count(days, "day")),
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn age_is_in_whole_days() {
        assert_eq!(age(0, 3600), "today");
        assert_eq!(age(0, 90_000), "1 day ago");
    }
}
