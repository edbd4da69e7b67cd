//! Waiting for what the page does next.

use std::time::{Duration, Instant};

/// How long anything on the page may take; some keys took half a minute.
pub const PATIENCE: Duration = Duration::from_secs(180);

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(150);

/// Pauses between two checks: short ones first, then longer ones, because each check takes time from
/// the page and from other flows.
pub struct Waiting {
    give_up: Instant,
    pause: Duration,
}

impl Waiting {
    /// Starts now.
    #[must_use]
    pub fn begin() -> Self {
        Self {
            give_up: Instant::now() + PATIENCE,
            pause: FIRST_PAUSE,
        }
    }

    /// Pauses until the next check.
    ///
    /// # Panics
    /// If time is up; `fault` says what is missing.
    pub async fn again(&mut self, fault: impl FnOnce() -> String) {
        assert!(!self.is_over(), "{}", fault());
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 3 / 2).min(LONGEST_PAUSE);
    }

    /// Whether time is up.
    #[must_use]
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.give_up
    }
}
