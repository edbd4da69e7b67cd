//! Keeps something for each caller, in bounded memory.

use std::{collections::HashMap, time::Instant};

use super::{client::Client, limits::CALLERS};

/// What is kept for a caller.
pub trait Kept {
    /// When the caller last added to it.
    fn last(&self) -> Instant;
    /// Whether it differs from that of a new caller.
    fn is_needed(&self, now: Instant) -> bool;
    /// Whether it restricts the caller, who would gain if it were forgotten.
    fn is_penalty(&self, now: Instant) -> bool;
}

/// Up to [`CALLERS`] callers.
pub struct Callers<T> {
    known: HashMap<Client, T>,
    /// Shared by all further callers while every known one has a penalty.
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

impl<T: Kept + Copy> Callers<T> {
    /// What is kept for the caller, if anything is.
    pub fn get(&mut self, caller: &Client) -> Option<&mut T> {
        let is_full = self.known.len() >= CALLERS;
        let others = self.others.as_mut().filter(|_| is_full);
        self.known.get_mut(caller).or(others)
    }

    /// What is kept for the caller; `new` if it's the first time. Forgets the oldest without a penalty if
    /// there is no room.
    pub fn get_or_insert(&mut self, caller: Client, now: Instant, new: T) -> &mut T {
        if self.known.len() >= CALLERS && !self.known.contains_key(&caller) {
            self.known.retain(|_, kept| kept.is_needed(now));
        }
        if self.known.len() >= CALLERS && !self.known.contains_key(&caller) {
            let without_penalty = self.known.iter().filter(|(_, kept)| !kept.is_penalty(now));
            let oldest = without_penalty.min_by_key(|(_, kept)| kept.last());
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

    impl Kept for Entry {
        fn last(&self) -> Instant {
            self.last
        }
        fn is_needed(&self, _: Instant) -> bool {
            true
        }
        fn is_penalty(&self, _: Instant) -> bool {
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
        assert!(callers.get(&client(CALLERS)).is_none());
        callers
            .get_or_insert(client(CALLERS), now, entry)
            .is_penalty = true;
        assert!(callers.get(&client(CALLERS + 1)).unwrap().is_penalty);
        assert_eq!(callers.known.len(), CALLERS);
        // With room again, they have none.
        callers.remove(&client(0));
        assert!(callers.get(&client(CALLERS + 1)).is_none());
    }
}
