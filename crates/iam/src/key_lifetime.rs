//! The lifetime of authorized keys: the default and the maximum that a Keyside administrator sets for all
//! keys created through it. The API itself sets no limit.

use std::{fmt, str::FromStr};

/// A number of days, at least one: `90d`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Days(u32);

/// The error for text that isn't a number of days.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" isn't a number of days. Use 1d to 36500d, such as 90d")]
pub struct DaysError(String);

impl Days {
    const MAX: u32 = 36_500;

    /// The number of days.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The duration in seconds, with 24 hours a day.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0 as i64 * 24 * 3600
    }
}

impl FromStr for Days {
    type Err = DaysError;

    fn from_str(text: &str) -> Result<Self, DaysError> {
        let number = text.strip_suffix('d').and_then(|days| days.parse().ok());
        match number {
            Some(days @ 1..=Self::MAX) => Ok(Self(days)),
            _ => Err(DaysError(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Days {
    type Error = DaysError;

    fn try_from(text: String) -> Result<Self, DaysError> {
        text.parse()
    }
}

impl From<Days> for String {
    fn from(days: Days) -> Self {
        days.to_string()
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}d", self.0)
    }
}

/// The default and the maximum lifetime of new keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyLifetime {
    default: Option<Days>,
    max: Option<Days>,
}

/// The error for a default that is longer than the maximum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the default key lifetime ({default}) is longer than the maximum ({max})")]
pub struct KeyLifetimeError {
    default: Days,
    max: Days,
}

impl KeyLifetime {
    /// Without `default`, new keys get 90 days, or `max` if that is shorter. Without `max`, keys may live
    /// forever.
    ///
    /// # Errors
    /// Returns an error if the default is longer than the maximum.
    pub fn new(default: Option<Days>, max: Option<Days>) -> Result<Self, KeyLifetimeError> {
        match (default, max) {
            (Some(default), Some(max)) if default > max => Err(KeyLifetimeError { default, max }),
            _ => Ok(Self { default, max }),
        }
    }

    /// The lifetime of new keys when no other is chosen.
    #[must_use]
    pub fn default_days(&self) -> Days {
        const FALLBACK: Days = Days(90);
        let fallback = self.max.map_or(FALLBACK, |max| max.min(FALLBACK));
        self.default.unwrap_or(fallback)
    }

    /// With this maximum, too, and a default within it.
    #[must_use]
    pub fn within(self, max: Option<Days>) -> Self {
        let shorter = |one: Option<Days>| one.into_iter().chain(max).min();
        Self {
            default: self.default.and(shorter(self.default)),
            max: shorter(self.max),
        }
    }

    /// The maximum lifetime, if there is a limit.
    #[must_use]
    pub const fn max(&self) -> Option<Days> {
        self.max
    }

    /// Whether a key created at `now_s` may expire at `expires_at_s` (`None`: never), both in seconds since
    /// 1970. Allows for clocks that differ by up to an hour.
    #[must_use]
    pub fn allows(&self, expires_at_s: Option<i64>, now_s: i64) -> bool {
        const CLOCK_SKEW_S: i64 = 3600;
        match (self.max, expires_at_s) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(max), Some(at)) => {
                at.saturating_sub(now_s) <= max.seconds().saturating_add(CLOCK_SKEW_S)
            }
        }
    }

    /// The settings that are set, with their names on the command line and in files.
    pub fn settings(&self) -> impl Iterator<Item = (&'static str, Days)> {
        [
            ("key-lifetime-default", self.default),
            ("key-lifetime-max", self.max),
        ]
        .into_iter()
        .filter_map(|(name, days)| Some((name, days?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(text: &str) -> Option<Days> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn days_are_whole_numbers_from_one() {
        for text in ["1d", "90d", "36500d"] {
            assert_eq!(days(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "d",
            "0d",
            "90",
            "90 d",
            "-1d",
            "1.5d",
            "36501d",
            "90h",
            "99999999999d",
        ] {
            assert!(text.parse::<Days>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_default_is_90_days_or_a_shorter_maximum() {
        let default_days =
            |default, max| KeyLifetime::new(default, max).unwrap().default_days().get();
        assert_eq!(default_days(None, None), 90);
        assert_eq!(default_days(None, days("365d")), 90);
        assert_eq!(default_days(None, days("30d")), 30);
        assert_eq!(default_days(days("180d"), days("365d")), 180);
        assert!(KeyLifetime::new(days("91d"), days("90d")).is_err());
    }

    #[test]
    fn a_second_maximum_shortens_the_first_and_the_default() {
        let both = |default, max, second| {
            let lifetime = KeyLifetime::new(days(default), days(max)).unwrap();
            let lifetime = lifetime.within(days(second));
            (lifetime.default_days().get(), lifetime.max().unwrap().get())
        };
        assert_eq!(both("60d", "365d", "180d"), (60, 180));
        assert_eq!(both("60d", "365d", "30d"), (30, 30));
        assert_eq!(both("60d", "90d", "180d"), (60, 90));
        let none = KeyLifetime::default();
        assert_eq!(none.within(None), none);
        assert_eq!(none.within(days("7d")).default_days().get(), 7);
        assert_eq!(none.within(days("365d")).default_days().get(), 90);
    }

    #[test]
    fn keys_that_outlive_the_maximum_or_never_expire_are_not_allowed() {
        let none = KeyLifetime::default();
        assert!(none.allows(None, 0) && none.allows(Some(i64::MAX), 0));
        let month = KeyLifetime::new(None, days("30d")).unwrap();
        let now = 1_800_000_000;
        let at = |days: i64| Some(now + days * 24 * 3600);
        assert!(month.allows(at(1), now) && month.allows(at(30), now));
        assert!(!month.allows(at(31), now));
        assert!(!month.allows(None, now) && !month.allows(Some(i64::MAX), i64::MIN));
    }
}
