//! The progress of a search, added up over the workers.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use keyside_keygen::KeySize;

use crate::message::{Event, Progress};

/// Hears how far a generation is.
pub type OnProgress = Rc<dyn Fn(Progress)>;

/// Adds up what the workers tell of a search.
#[derive(Clone)]
pub struct Tally(Rc<RefCell<Counts>>);

struct Counts {
    /// By each searcher.
    tested: BTreeMap<u32, u32>,
    primes_found: u8,
    tested_at_last_prime: u32,
    started_ms: f64,
    size: KeySize,
    on_progress: OnProgress,
}

impl Tally {
    /// Nothing is found yet.
    pub fn new(size: KeySize, on_progress: OnProgress) -> Self {
        Self(Rc::new(RefCell::new(Counts {
            tested: BTreeMap::new(),
            primes_found: 0,
            tested_at_last_prime: 0,
            started_ms: js_sys::Date::now(),
            size,
            on_progress,
        })))
    }

    /// Takes what the searcher of this number says.
    pub fn searcher_said(&self, number: u32, event: &Event) {
        if let Event::Tested(count) = event {
            self.0.borrow_mut().tested.insert(number, *count);
            self.tell();
        }
    }

    /// Takes how many primes there are.
    pub fn primes_found(&self, count: u8) {
        let mut counts = self.0.borrow_mut();
        counts.primes_found = count;
        counts.tested_at_last_prime = counts.tested.values().sum();
        drop(counts);
        self.tell();
    }

    fn tell(&self) {
        let counts = self.0.borrow();
        let candidates_tested = counts.tested.values().sum();
        let likelihood = keyside_keygen::Progress {
            primes_found: counts.primes_found,
            candidates_tested,
            candidates_for_this_prime: candidates_tested
                .saturating_sub(counts.tested_at_last_prime),
        }
        .likelihood(counts.size);
        let progress = Progress {
            primes_found: counts.primes_found,
            candidates_tested,
            likelihood,
            elapsed_ms: js_sys::Date::now() - counts.started_ms,
        };
        let on_progress = Rc::clone(&counts.on_progress);
        // Not under the borrow: the callback may ask for something else.
        drop(counts);
        on_progress(progress);
    }
}
