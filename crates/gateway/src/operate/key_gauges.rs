//! Gauges of all keys that the gateway can read by itself, so that no expiration is missed. They contain no IDs.

use std::{collections::HashMap, sync::Arc, time::Duration};

use keyside_iam::iam::{AuthPublicKey, auth_public_key_status::State};

use super::{Operable, metrics::Metrics};

/// How often the keys are read. Their days left change slowly.
const INTERVAL: Duration = Duration::from_secs(5 * 60);

/// The numbers of days for which the keys that end within them are counted.
pub const WITHIN_DAYS: [u32; 4] = [7, 14, 30, 90];

const DAY_S: i64 = 24 * 60 * 60;

/// What the gauges need to know of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyEnd {
    /// None: a state that this version doesn't know.
    pub state: Option<State>,
    /// In Unix seconds; none: never.
    pub expires_s: Option<i64>,
}

impl KeyEnd {
    /// Of the API's message.
    pub fn of(key: &AuthPublicKey) -> Self {
        Self {
            state: key.status.state.as_known(),
            expires_s: key.spec.expires_at.as_option().map(|at| at.seconds),
        }
    }
}

/// The values of the gauges.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct KeyCounts {
    /// The number of keys in each state, by its name.
    pub by_state: HashMap<&'static str, i64>,
    /// The number of active keys that end within each of [`WITHIN_DAYS`].
    pub ending: [i64; WITHIN_DAYS.len()],
    /// The number of active keys that never end.
    pub endless: i64,
}

impl KeyCounts {
    /// Counts the keys at `now_s`, in Unix seconds.
    pub fn of(keys: &[KeyEnd], now_s: i64) -> Self {
        let mut counts = Self::default();
        for name in ["active", "inactive", "expired", "other"] {
            counts.by_state.insert(name, 0);
        }
        for key in keys {
            let name = match key.state {
                Some(State::ACTIVE) => "active",
                Some(State::INACTIVE) => "inactive",
                Some(State::EXPIRED) => "expired",
                _ => "other",
            };
            *counts.by_state.entry(name).or_default() += 1;
            match (key.state, key.expires_s) {
                (Some(State::ACTIVE), None) => counts.endless += 1,
                (Some(State::ACTIVE), Some(expires_s)) => {
                    for (days, count) in WITHIN_DAYS.into_iter().zip(&mut counts.ending) {
                        *count += i64::from(expires_s - now_s < i64::from(days) * DAY_S);
                    }
                }
                _ => {}
            }
        }
        counts
    }
}

/// Reads the keys now and then, for as long as the process runs. Does nothing if the gateway has no
/// credentials of its own.
pub async fn watch<B: Operable>(backend: Arc<B>, metrics: Arc<Metrics>) {
    while let Some(keys) = backend.keys().await {
        match keys {
            Ok(keys) => {
                let now_s = jiff::Timestamp::now().as_second();
                metrics.keys(&KeyCounts::of(&keys, now_s), now_s);
            }
            Err(error) => {
                metrics.keys_unread();
                tracing::warn!(%error, "can't read the keys for the metrics");
            }
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn active_keys_are_counted_by_the_days_that_they_have_left() {
        let key = |state, days: Option<i64>| KeyEnd {
            state: Some(state),
            expires_s: days.map(|days| 1_000 + days * DAY_S - 1),
        };
        let keys = [
            key(State::ACTIVE, Some(7)),
            key(State::ACTIVE, Some(8)),
            key(State::ACTIVE, Some(90)),
            key(State::ACTIVE, Some(91)),
            key(State::ACTIVE, None),
            key(State::INACTIVE, Some(1)),
            key(State::EXPIRED, Some(-1)),
            KeyEnd {
                state: None,
                expires_s: None,
            },
        ];
        let counts = KeyCounts::of(&keys, 1_000);
        assert_eq!(counts.ending, [1, 2, 2, 3]);
        assert_eq!(counts.endless, 1);
        assert_eq!(counts.by_state["active"], 5);
        assert_eq!(counts.by_state["inactive"], 1);
        assert_eq!(counts.by_state["expired"], 1);
        assert_eq!(counts.by_state["other"], 1);
    }
}
