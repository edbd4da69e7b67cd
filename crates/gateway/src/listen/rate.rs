//! Calls per second of one caller, and the wait after wrong tokens.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::limits::CALLERS;

/// So many seconds' calls may come at once.
const BURST_S: f64 = 2.0;

/// Wrong tokens that cost nothing: typing errors, tokens that ran out.
const FREE_MISTAKES: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// Whoever would have to wait longer is turned away.
const PATIENCE: Duration = Duration::from_secs(15);
/// Mistakes are forgotten after so long without another.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(600);

/// So many calls a second for each caller (a token bucket).
pub struct Rate {
    per_second: f64,
    callers: Mutex<HashMap<IpAddr, (f64, Instant)>>,
}

impl Rate {
    /// `None`: no limit.
    pub fn new(per_second: u32) -> Option<Self> {
        (per_second > 0).then(|| Self {
            per_second: f64::from(per_second),
            callers: Mutex::default(),
        })
    }

    /// What it allows.
    pub fn per_second(&self) -> u32 {
        self.per_second as u32
    }

    /// Whether the caller may call now.
    pub fn allows(&self, caller: IpAddr, now: Instant) -> bool {
        let most = self.per_second * BURST_S;
        let refilled = |(left, since): (f64, Instant)| {
            (left + now.duration_since(since).as_secs_f64() * self.per_second).min(most)
        };
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut callers, caller, |kept| refilled(*kept) < most);
        let kept = callers.entry(caller).or_insert((most, now));
        let left = refilled(*kept);
        let is_allowed = left >= 1.0;
        *kept = (if is_allowed { left - 1.0 } else { left }, now);
        is_allowed
    }
}

/// Wrong tokens in a row slow the next one of the same caller: guesses come one after another, and
/// each waits longer.
#[derive(Default)]
pub struct Mistakes(Mutex<HashMap<IpAddr, Mistaken>>);

#[derive(Clone, Copy)]
struct Mistaken {
    times: u32,
    last: Instant,
    /// When the next token may be looked at.
    next: Instant,
}

impl Mistakes {
    /// How long the caller's token has to wait before it is looked at; nothing: too long.
    pub fn wait(&self, caller: IpAddr, now: Instant) -> Option<Duration> {
        let mut callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mistaken) = callers.get_mut(&caller) else {
            return Some(Duration::ZERO);
        };
        if now.duration_since(mistaken.last) > FORGOTTEN_AFTER {
            callers.remove(&caller);
            return Some(Duration::ZERO);
        }
        if mistaken.times <= FREE_MISTAKES {
            return Some(Duration::ZERO);
        }
        let turn = mistaken.next.max(now);
        let wait = turn - now;
        if wait > PATIENCE {
            return None;
        }
        // The one after it, if it comes while this one waits, has to wait for this one too.
        mistaken.next = turn + delay(mistaken.times);
        Some(wait)
    }

    /// The token was wrong.
    pub fn wrong(&self, caller: IpAddr, now: Instant) {
        let mut callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut callers, caller, |kept| {
            now.duration_since(kept.last) <= FORGOTTEN_AFTER
        });
        let mistaken = callers.entry(caller).or_insert(Mistaken {
            times: 0,
            last: now,
            next: now,
        });
        mistaken.times = mistaken.times.saturating_add(1);
        mistaken.last = now;
        if mistaken.times > FREE_MISTAKES {
            mistaken.next = mistaken.next.max(now + delay(mistaken.times));
        }
    }

    /// The token was right.
    pub fn right(&self, caller: IpAddr) {
        let mut callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        callers.remove(&caller);
    }
}

fn delay(times: u32) -> Duration {
    let doublings = times.saturating_sub(FREE_MISTAKES + 1).min(10);
    (FIRST_WAIT * (1 << doublings)).min(LONGEST_WAIT)
}

/// Keeps the memory bounded: forgets whoever need not be remembered, or else anybody.
fn make_room<T>(callers: &mut HashMap<IpAddr, T>, caller: IpAddr, is_needed: impl Fn(&T) -> bool) {
    if callers.len() < CALLERS || callers.contains_key(&caller) {
        return;
    }
    callers.retain(|_, kept| is_needed(kept));
    if callers.len() >= CALLERS
        && let Some(any) = callers.keys().next().copied()
    {
        callers.remove(&any);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u16) -> IpAddr {
        IpAddr::from([0, 0, 0, 0, 0, 0, 1, last])
    }

    #[test]
    fn a_caller_has_its_rate_and_others_have_theirs() {
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
    fn however_many_callers_come_the_memory_is_bounded() {
        let rate = Rate::new(1).unwrap();
        let mistakes = Mistakes::default();
        let now = Instant::now();
        for n in 0..=u16::MAX {
            rate.allows(address(n), now);
            mistakes.wrong(address(n), now);
        }
        assert!(rate.callers.lock().unwrap().len() <= CALLERS);
        assert!(mistakes.0.lock().unwrap().len() <= CALLERS);
    }

    #[test]
    fn wrong_tokens_in_a_row_slow_the_next_even_when_they_come_at_once() {
        let mistakes = Mistakes::default();
        let one = address(1);
        let now = Instant::now();
        for _ in 0..FREE_MISTAKES {
            assert_eq!(mistakes.wait(one, now), Some(Duration::ZERO));
            mistakes.wrong(one, now);
        }
        assert_eq!(mistakes.wait(one, now), Some(Duration::ZERO));
        mistakes.wrong(one, now);
        assert_eq!(mistakes.wait(one, now), Some(FIRST_WAIT));
        assert_eq!(mistakes.wait(one, now), Some(2 * FIRST_WAIT));
        assert_eq!(mistakes.wait(address(2), now), Some(Duration::ZERO));
        for _ in 0..100 {
            mistakes.wrong(one, now);
        }
        let waits: Vec<_> = (0..5).map(|_| mistakes.wait(one, now)).collect();
        assert_eq!(waits[0], Some(LONGEST_WAIT));
        assert_eq!(waits.last(), Some(&None), "turned away: {waits:?}");
        mistakes.right(one);
        assert_eq!(mistakes.wait(one, now), Some(Duration::ZERO));
    }

    #[test]
    fn mistakes_are_forgotten() {
        let mistakes = Mistakes::default();
        let now = Instant::now();
        for _ in 0..50 {
            mistakes.wrong(address(1), now);
        }
        let later = now + FORGOTTEN_AFTER + Duration::from_secs(1);
        assert_eq!(mistakes.wait(address(1), later), Some(Duration::ZERO));
    }
}
