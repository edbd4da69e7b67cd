//! State for each caller, in bounded memory.

use std::{collections::HashMap, time::Instant};

use super::{client::Client, limits::CALLERS};

/// The state of a caller.
pub trait CallerState {
    /// When it was last used.
    fn last_used(&self) -> Instant;
    /// Whether it differs from that of a new caller.
    fn differs_from_new(&self, now: Instant) -> bool;
    /// Whether it restricts the caller, so it must not be dropped to make room.
    fn restricts(&self, now: Instant) -> bool;
}

/// Up to [`CALLERS`] callers.
pub struct Callers<T> {
    known: HashMap<Client, T>,
    /// Shared by all further callers while every known one is restricted.
    others: Option<T>,
}

impl<T> Default for Callers<T> {
    fn default() -> Self {
        Self {
            known: HashMap::new(),
            others: None,
        }
    }
}

impl<T: CallerState + Copy> Callers<T> {
    /// The caller's own state, if it's known.
    pub fn get(&mut self, caller: &Client) -> Option<&mut T> {
        self.known.get_mut(caller)
    }

    /// The caller's state; `new` for an unknown caller. If there is no room, drops the oldest state that
    /// restricts nobody.
    pub fn get_or_insert(&mut self, caller: Client, now: Instant, new: T) -> &mut T {
        if self.known.len() >= CALLERS && !self.known.contains_key(&caller) {
            self.known.retain(|_, kept| kept.differs_from_new(now));
        }
        if self.known.len() >= CALLERS && !self.known.contains_key(&caller) {
            let without_penalty = self.known.iter().filter(|(_, kept)| !kept.restricts(now));
            let oldest = without_penalty.min_by_key(|(_, kept)| kept.last_used());
            match oldest.map(|(oldest, _)| *oldest) {
                Some(oldest) => self.known.remove(&oldest),
                None => return self.others.get_or_insert(new),
            };
        }
        self.known.entry(caller).or_insert(new)
    }

    /// Forgets a caller.
    pub fn remove(&mut self, caller: &Client) {
        self.known.remove(caller);
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::Duration};

    use super::*;

    #[derive(Clone, Copy)]
    struct Entry {
        last: Instant,
        is_penalty: bool,
    }

    impl CallerState for Entry {
        fn last_used(&self) -> Instant {
            self.last
        }
        fn differs_from_new(&self, _: Instant) -> bool {
            true
        }
        fn restricts(&self, _: Instant) -> bool {
            self.is_penalty
        }
    }

    fn client(n: usize) -> Client {
        Client::at(Ipv4Addr::from_bits(n as u32).into())
    }

    fn full(is_penalty: impl Fn(usize) -> bool) -> (Callers<Entry>, Instant) {
        let mut callers = Callers::default();
        let start = Instant::now();
        for n in 0..CALLERS {
            let entry = Entry {
                last: start + Duration::from_secs(n as u64),
                is_penalty: is_penalty(n),
            };
            callers.get_or_insert(client(n), start, entry);
        }
        (callers, start)
    }

    #[test]
    fn the_oldest_without_a_penalty_is_forgotten() {
        let (mut callers, now) = full(|n| n < 3);
        let entry = Entry {
            last: now,
            is_penalty: false,
        };
        callers.get_or_insert(client(CALLERS), now, entry);
        assert_eq!(callers.known.len(), CALLERS);
        for n in (0..=CALLERS).filter(|n| *n != 3) {
            assert!(callers.known.contains_key(&client(n)), "{n}");
        }
    }

    #[test]
    fn if_all_have_penalties_the_others_share_one() {
        let (mut callers, now) = full(|_| true);
        let entry = Entry {
            last: now,
            is_penalty: false,
        };
        callers
            .get_or_insert(client(CALLERS), now, entry)
            .is_penalty = true;
        let shared = callers.get_or_insert(client(CALLERS + 1), now, entry);
        assert!(shared.is_penalty);
        assert!(callers.get(&client(CALLERS + 1)).is_none());
        assert_eq!(callers.known.len(), CALLERS);
        // With room again, they have none.
        callers.remove(&client(0));
        let own = callers.get_or_insert(client(CALLERS + 1), now, entry);
        assert!(!own.is_penalty);
    }
}
