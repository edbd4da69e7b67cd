//! Limits the calls per second of each caller, and delays callers after wrong tokens.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{
    callers::{CallerState, Callers},
    client::Client,
};

/// A burst may use the allowance of this many seconds.
const BURST_S: f64 = 2.0;

/// Wrong tokens without a delay, such as typing errors and expired tokens.
const FREE_FAILURES: u32 = 5;
const FIRST_DELAY: Duration = Duration::from_millis(250);
const MAX_DELAY: Duration = Duration::from_secs(8);
/// Calls that would have to wait longer are rejected.
const MAX_WAIT: Duration = Duration::from_secs(15);
/// Failures are forgotten after this time without another.
const FORGET_AFTER: Duration = Duration::from_secs(600);

/// A limit of calls per second for each caller (a token bucket).
pub struct Rate {
    per_second: f64,
    callers: Mutex<Callers<Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    per_second: f64,
    /// Calls that were left after the last one.
    left: f64,
    last: Instant,
}

impl Bucket {
    fn capacity(&self) -> f64 {
        self.per_second * BURST_S
    }

    fn left(&self, now: Instant) -> f64 {
        let refilled = now.duration_since(self.last).as_secs_f64() * self.per_second;
        (self.left + refilled).min(self.capacity())
    }
}

impl CallerState for Bucket {
    fn last_used(&self) -> Instant {
        self.last
    }

    fn differs_from_new(&self, now: Instant) -> bool {
        self.left(now) < self.capacity()
    }

    fn restricts(&self, now: Instant) -> bool {
        self.left(now) < 1.0
    }
}

impl Rate {
    /// Returns `None`, meaning no limit, if `per_second` is 0.
    pub fn new(per_second: u32) -> Option<Self> {
        (per_second > 0).then(|| Self {
            per_second: f64::from(per_second),
            callers: Mutex::default(),
        })
    }

    /// The allowed calls per second.
    pub fn per_second(&self) -> u32 {
        self.per_second as u32
    }

    /// Whether the caller may call now.
    pub fn allows(&self, caller: Client, now: Instant) -> bool {
        let full = Bucket {
            per_second: self.per_second,
            left: self.per_second * BURST_S,
            last: now,
        };
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = callers.get_or_insert(caller, now, full);
        let left = bucket.left(now);
        let is_allowed = left >= 1.0;
        bucket.left = if is_allowed { left - 1.0 } else { left };
        bucket.last = now;
        is_allowed
    }
}

/// Delays a caller's next token after several wrong ones in a row. Guesses are checked one at a time, and
/// each one waits longer.
#[derive(Default)]
pub struct TokenFailures(Mutex<Callers<Failures>>);

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
    /// When the next token may be checked.
    next: Instant,
}

impl CallerState for Failures {
    fn last_used(&self) -> Instant {
        self.last
    }

    fn differs_from_new(&self, now: Instant) -> bool {
        now.duration_since(self.last) <= FORGET_AFTER
    }

    fn restricts(&self, now: Instant) -> bool {
        self.differs_from_new(now) && self.count > FREE_FAILURES
    }
}

impl TokenFailures {
    /// How long to wait before checking the caller's token. `None` if that's too long. Callers for whom there was
    /// no room don't wait: otherwise, many guessing addresses could keep everyone else out.
    pub fn wait(&self, caller: Client, now: Instant) -> Option<Duration> {
        let mut callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = callers.get(&caller).filter(|kept| kept.restricts(now));
        let Some(failures) = failures else {
            return Some(Duration::ZERO);
        };
        let turn = failures.next.max(now);
        let wait = turn - now;
        if wait > MAX_WAIT {
            return None;
        }
        // A token that arrives in the meantime has to wait for this one, too.
        failures.next = turn + delay(failures.count);
        Some(wait)
    }

    /// Records a wrong token.
    pub fn record_failure(&self, caller: Client, now: Instant) {
        let none = Failures {
            count: 0,
            last: now,
            next: now,
        };
        let mut callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = callers.get_or_insert(caller, now, none);
        if !failures.differs_from_new(now) {
            *failures = none;
        }
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
        if failures.count > FREE_FAILURES {
            failures.next = failures.next.max(now + delay(failures.count));
        }
    }

    /// Resets the caller's failures after a valid token.
    pub fn reset(&self, caller: Client) {
        let mut callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        callers.remove(&caller);
    }
}

fn delay(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(FREE_FAILURES + 1).min(10);
    (FIRST_DELAY * (1 << doublings)).min(MAX_DELAY)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::listen::limits::CALLERS;

    fn address(last: u16) -> Client {
        Client::at(IpAddr::from([0, 0, 1, last, 0, 0, 0, 0]))
    }

    #[test]
    fn each_caller_has_its_own_rate() {
        let rate = Rate::new(10).unwrap();
        let start = Instant::now();
        let allowed = (0..100).filter(|_| rate.allows(address(1), start)).count();
        assert_eq!(allowed, 20, "two seconds' worth at once");
        assert!(rate.allows(address(2), start));
        let later = start + Duration::from_millis(500);
        let allowed = (0..100).filter(|_| rate.allows(address(1), later)).count();
        assert_eq!(allowed, 5);
        assert!(Rate::new(0).is_none());
    }

    #[test]
    fn a_caller_that_is_being_delayed_is_not_forgotten_for_others() {
        let rate = Rate::new(1).unwrap();
        let failures = TokenFailures::default();
        let now = Instant::now();
        for _ in 0..10 {
            rate.allows(address(0), now);
            failures.record_failure(address(0), now);
        }
        for n in 1..=CALLERS as u16 + 100 {
            rate.allows(address(n), now);
            failures.record_failure(address(n), now);
        }
        assert!(!rate.allows(address(0), now));
        assert!(failures.wait(address(0), now) > Some(Duration::ZERO));
    }

    #[test]
    fn many_guessing_callers_do_not_delay_others() {
        let failures = TokenFailures::default();
        let now = Instant::now();
        for n in 0..CALLERS as u16 + 100 {
            for _ in 0..=FREE_FAILURES {
                failures.record_failure(address(n), now);
            }
        }
        assert!(failures.wait(address(0), now) > Some(Duration::ZERO));
        for _ in 0..10 {
            assert_eq!(failures.wait(address(60_000), now), Some(Duration::ZERO));
        }
    }

    #[test]
    fn wrong_tokens_delay_the_next_even_when_they_arrive_together() {
        let failures = TokenFailures::default();
        let one = address(1);
        let now = Instant::now();
        for _ in 0..FREE_FAILURES {
            assert_eq!(failures.wait(one, now), Some(Duration::ZERO));
            failures.record_failure(one, now);
        }
        assert_eq!(failures.wait(one, now), Some(Duration::ZERO));
        failures.record_failure(one, now);
        assert_eq!(failures.wait(one, now), Some(FIRST_DELAY));
        assert_eq!(failures.wait(one, now), Some(2 * FIRST_DELAY));
        assert_eq!(failures.wait(address(2), now), Some(Duration::ZERO));
        for _ in 0..100 {
            failures.record_failure(one, now);
        }
        let waits: Vec<_> = (0..5).map(|_| failures.wait(one, now)).collect();
        assert_eq!(waits[0], Some(MAX_DELAY));
        assert_eq!(waits.last(), Some(&None), "rejected: {waits:?}");
        failures.reset(one);
        assert_eq!(failures.wait(one, now), Some(Duration::ZERO));
    }

    #[test]
    fn failures_are_forgotten() {
        let failures = TokenFailures::default();
        let now = Instant::now();
        for _ in 0..50 {
            failures.record_failure(address(1), now);
        }
        let later = now + FORGET_AFTER + Duration::from_secs(1);
        assert_eq!(failures.wait(address(1), later), Some(Duration::ZERO));
    }
}
