//! The expiration date of a new key: a number of days, a date, or never.

use keyside_iam::key_lifetime::KeyLifetime;
use yew::prelude::*;

use super::{use_chosen, value_of};
use crate::{text, time};

/// Days to choose from.
const PRESETS: [u32; 4] = [30, 90, 180, 365];

/// The selected expiration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expiration {
    /// A number of days from the moment of selection. The date stays fixed while the form is open, so that the
    /// request sent is the one reviewed.
    Days {
        days: u32,
        /// Seconds since 1970, UTC.
        at_s: i64,
    },
    /// The value of a date picker, in local time.
    Date(String),
    Never,
}

impl Expiration {
    /// A number of days from now.
    fn in_days(days: u32, now_s: i64) -> Self {
        let at_s = now_s.saturating_add(i64::from(days) * 24 * 3600);
        Self::Days { days, at_s }
    }

    /// The default selection.
    pub fn default_for(lifetime: &KeyLifetime, now_s: i64) -> Self {
        Self::in_days(lifetime.default_days().get(), now_s)
    }

    /// The date to send to the API, in seconds since 1970, UTC; `None`: never.
    ///
    /// # Errors
    /// If the date is invalid; the message says what to do.
    pub fn date(&self, lifetime: &KeyLifetime, now_s: i64) -> Result<Option<i64>, String> {
        let at_s = match self {
            Self::Days { at_s, .. } => Some(*at_s),
            Self::Date(value) => {
                Some(time::from_local_input(value).ok_or(text::EXPIRATION_UNREADABLE)?)
            }
            Self::Never => None,
        };
        if at_s.is_some_and(|at_s| at_s <= now_s) {
            return Err(text::EXPIRATION_PAST.to_owned());
        }
        match lifetime.max() {
            Some(max) if !lifetime.allows(at_s, now_s) => Err(text::expiration_too_late(max.get())),
            _ => Ok(at_s),
        }
    }

    /// The value of its option in the list.
    fn option(&self) -> String {
        match self {
            Self::Days { days, .. } => days.to_string(),
            Self::Date(_) => "date".to_owned(),
            Self::Never => "never".to_owned(),
        }
    }

    /// The selection for an option's value; this one supplies the current date.
    fn choose(&self, option: &str, lifetime: &KeyLifetime, now_s: i64) -> Self {
        match option {
            "never" => Self::Never,
            "date" => {
                let now = match self {
                    Self::Days { at_s, .. } => Some(*at_s),
                    Self::Date(_) | Self::Never => None,
                };
                let at_s = now.unwrap_or(now_s + lifetime.default_days().seconds());
                Self::Date(time::to_local_input(at_s).unwrap_or_default())
            }
            days => match days.parse() {
                Ok(days) => Self::in_days(days, now_s),
                Err(_) => Self::default_for(lifetime, now_s),
            },
        }
    }
}

/// The numbers of days offered, in ascending order: the allowed presets and the default.
fn offered_days(lifetime: &KeyLifetime) -> Vec<u32> {
    let max = lifetime.max().map(|max| max.get());
    let mut days: Vec<_> = PRESETS
        .into_iter()
        .filter(|days| max.is_none_or(|max| *days <= max))
        .chain([lifetime.default_days().get()])
        .collect();
    days.sort_unstable();
    days.dedup();
    days
}

#[derive(Properties, PartialEq)]
pub struct Props {
    pub value: UseStateHandle<Expiration>,
    pub lifetime: KeyLifetime,
    pub disabled: bool,
}

/// A list of lifetimes, a date picker for a custom date, and the resulting date.
#[component]
pub fn ExpirationField(props: &Props) -> Html {
    let Props {
        value,
        lifetime,
        disabled,
    } = props;
    let list = use_chosen(&value.option());
    let choose = {
        let (value, lifetime) = (value.clone(), *lifetime);
        Callback::from(move |event: Event| {
            value.set(value.choose(&value_of(&event), &lifetime, time::now_s()));
        })
    };
    let pick = {
        let value = value.clone();
        Callback::from(move |event: InputEvent| value.set(Expiration::Date(value_of(&event))))
    };
    let option = |option: String, text: String| {
        let selected = option == value.option();
        html! { <option value={option} {selected}>{ text }</option> }
    };
    html! {
        <div>
            <label for="key-lifetime">{ text::EXPIRATION }</label>
            <select id="key-lifetime" ref={list} disabled={*disabled} onchange={choose}
                aria-describedby="expires-shown">
                { for offered_days(lifetime).into_iter()
                    .map(|days| option(days.to_string(), text::count(days, "day"))) }
                { option("date".to_owned(), text::ON_A_DATE.to_owned()) }
                if lifetime.max().is_none() {
                    { option("never".to_owned(), text::NEVER.to_owned()) }
                }
            </select>
            if let Expiration::Date(date) = &**value {
                <label for="key-expires">{ text::EXPIRATION_DATE }</label>
                <input id="key-expires" type="datetime-local" disabled={*disabled}
                    value={date.clone()} oninput={pick} aria-describedby="expires-shown" />
            }
            <p id="expires-shown" class="hint" role="status">
                { match value.date(lifetime, time::now_s()) {
                    Ok(None) => html! { { text::NEVER_EXPIRES } },
                    Ok(Some(at_s)) => html! {
                        <>
                            { text::EXPIRES }{ " " }<span class="local">{ time::local_long(at_s) }</span>
                            { " (" }<span class="utc">{ time::utc(at_s) }</span>{ ")." }
                        </>
                    },
                    Err(why) => html! { <span class="wrong">{ why }</span> },
                } }
            </p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const NOW_S: i64 = 1_800_000_000;
    const DAY_S: i64 = 24 * 3600;

    fn lifetime(max: Option<&str>) -> KeyLifetime {
        KeyLifetime::new(None, max.map(|days| days.parse().unwrap())).unwrap()
    }

    #[test]
    fn the_default_lifetime_is_90_days() {
        let any = lifetime(None);
        let initial = Expiration::default_for(&any, NOW_S);
        assert_eq!(initial.date(&any, NOW_S), Ok(Some(NOW_S + 90 * DAY_S)));
        let never = initial.choose("never", &any, NOW_S);
        assert_eq!(never.date(&any, NOW_S), Ok(None));
        let month = never.choose("30", &any, NOW_S);
        assert_eq!(month.date(&any, NOW_S), Ok(Some(NOW_S + 30 * DAY_S)));
        // A custom date starts with the previous selection.
        let date = month.choose("date", &any, NOW_S);
        let at_s = date.date(&any, NOW_S).unwrap().unwrap();
        assert!((at_s - NOW_S - 30 * DAY_S).abs() < 60, "{at_s}");
    }

    #[test]
    fn lifetimes_beyond_the_maximum_are_not_offered() {
        let days = |max| offered_days(&lifetime(max));
        assert_eq!(days(None), [30, 90, 180, 365]);
        assert_eq!(days(Some("180d")), [30, 90, 180]);
        assert_eq!(days(Some("45d")), [30, 45]);
        assert_eq!(days(Some("7d")), [7]);
        let week = lifetime(Some("7d"));
        let refused = Expiration::Never.date(&week, NOW_S).unwrap_err();
        assert!(refused.contains("within 7 days"), "{refused}");
        let refused = Expiration::in_days(8, NOW_S)
            .date(&week, NOW_S)
            .unwrap_err();
        assert!(refused.contains("within 7 days"), "{refused}");
    }

    #[test]
    fn past_and_invalid_dates_are_rejected() {
        let any = lifetime(None);
        let date = |value: &str| Expiration::Date(value.to_owned());
        let refused = |value: &str| date(value).date(&any, NOW_S).unwrap_err();
        assert!(refused("2020-01-01T00:00").contains("in the past"));
        assert!(refused("").contains("date and a time"));
    }
}
