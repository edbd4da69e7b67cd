//! How long authorized keys live: what an administrator of Keyside decides for all keys that are created
//! through it. The API itself sets no limit.

use std::{fmt, str::FromStr};

/// A number of days, at least one: `90d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "json", derive(serde::Deserialize))]
#[cfg_attr(feature = "json", serde(try_from = "String"))]
pub struct Days(u32);

/// Why a text isn't a number of days.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" isn't a number of days. Use 1d to 36500d, such as 90d")]
pub struct DaysError(String);

impl Days {
    const MOST: u32 = 36_500;

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Days of 24 hours, in seconds.
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
            Some(days @ 1..=Self::MOST) => Ok(Self(days)),
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

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}d", self.0)
    }
}

/// The lifetime that new keys get unless somebody chooses another, and the longest one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyLifetime {
    default: Option<Days>,
    max: Option<Days>,
}

/// The default is longer than the maximum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the default key lifetime ({default}) is longer than the maximum ({max})")]
pub struct KeyLifetimeError {
    default: Days,
    max: Days,
}

impl KeyLifetime {
    /// Without a default it is 90 days, or the maximum if that is less; without a maximum, keys may live
    /// for ever.
    ///
    /// # Errors
    /// When the default is longer than the maximum.
    pub fn new(default: Option<Days>, max: Option<Days>) -> Result<Self, KeyLifetimeError> {
        match (default, max) {
            (Some(default), Some(max)) if default > max => Err(KeyLifetimeError { default, max }),
            _ => Ok(Self { default, max }),
        }
    }

    /// What new keys get.
    #[must_use]
    pub fn default_days(&self) -> Days {
        const USUAL: Days = Days(90);
        let usual = self.max.map_or(USUAL, |max| max.min(USUAL));
        self.default.unwrap_or(usual)
    }

    /// The longest one, if there is one.
    #[must_use]
    pub const fn max(&self) -> Option<Days> {
        self.max
    }

    /// Whether a key that is created at `now_s` may expire at `expires_at_s` (`None`: never); both in
    /// seconds since 1970. Clocks may differ by an hour.
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

    /// The settings that are given, by their names on the command line and in files.
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
    fn days_are_whole_and_at_least_one() {
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
    fn the_default_is_90_days_or_the_maximum_if_that_is_less() {
        let default = |given, max| KeyLifetime::new(given, max).unwrap().default_days().get();
        assert_eq!(default(None, None), 90);
        assert_eq!(default(None, days("365d")), 90);
        assert_eq!(default(None, days("30d")), 30);
        assert_eq!(default(days("180d"), days("365d")), 180);
        assert!(KeyLifetime::new(days("91d"), days("90d")).is_err());
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
