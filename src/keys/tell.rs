//! How a key's state and times are told: in words, local and UTC.

use keyside_iam::{Timestamp, iam::auth_public_key_status::State as KeyState};
use yew::prelude::*;

use super::list::Ending;
use crate::time;

/// The state in words; one that this page does not know is said to be so.
#[must_use]
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

/// A moment, local and UTC.
pub fn moment(at: &Timestamp) -> Html {
    html! {
        <>
            <span class="local">{ time::local(at) }</span>{ " " }
            <span class="utc hint">{ time::utc(at) }</span>
        </>
    }
}

/// A moment given in seconds since 1970, UTC.
pub fn moment_s(at: i64) -> Html {
    moment(&Timestamp::from_unix_secs(at))
}

/// What stands out about a key's end.
pub fn ending_badge(ending: Ending) -> Html {
    let text = match ending {
        Ending::Later => return html! {},
        Ending::Never => "never expires".to_owned(),
        Ending::Past => "has expired".to_owned(),
        Ending::Soon { days: 0 } => "expires within a day".to_owned(),
        Ending::Soon { days } => format!("expires in {}", count(days, "day")),
    };
    html! { <strong class="badge warn">{ text }</strong> }
}

/// How long ago, in whole days.
#[must_use]
pub fn age(from_s: i64, now_s: i64) -> String {
    match (now_s - from_s) / (24 * 3600) {
        0 => "today".to_owned(),
        days => format!("{} ago", count(days, "day")),
    }
}

/// `1 key`, `2 keys`, `10,000 keys`.
#[must_use]
pub fn count(n: impl TryInto<i64>, what: &str) -> String {
    let n = whole(n);
    format!("{} {what}{}", number(n), if n == 1 { "" } else { "s" })
}

/// `1`, `10,000`.
#[must_use]
pub fn number(n: impl TryInto<i64>) -> String {
    let digits = whole(n).to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Of whatever kind of number.
fn whole(n: impl TryInto<i64>) -> i64 {
    n.try_into().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_with_their_unit() {
        assert_eq!(count(1, "day"), "1 day");
        assert_eq!(count(0, "key"), "0 keys");
        assert_eq!(count(10_000, "key"), "10,000 keys");
        assert_eq!(count(1_234_567, "key"), "1,234,567 keys");
        assert_eq!(age(0, 3600), "today");
        assert_eq!(age(0, 90_000), "1 day ago");
    }
}
