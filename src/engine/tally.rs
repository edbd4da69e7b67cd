//! The progress of a search, added up over the workers.

use std::{cell::RefCell, rc::Rc};

use keyside_keygen::KeySize;

use super::message::{Event, Progress};

/// Hears how far a generation is.
pub type OnProgress = Rc<dyn Fn(Progress)>;

/// Adds up what the workers tell of a search.
#[derive(Clone)]
pub struct Tally(Rc<RefCell<Counts>>);

struct Counts {
    /// By each searcher.
    tested: Vec<u32>,
    primes_found: u8,
    tested_at_last_prime: u32,
    started_ms: f64,
    size: KeySize,
    on_progress: OnProgress,
}

impl Tally {
    /// Nothing is found yet.
    pub fn new(size: KeySize, searchers: usize, on_progress: OnProgress) -> Self {
        Self(Rc::new(RefCell::new(Counts {
            tested: vec![0; searchers],
            primes_found: 0,
            tested_at_last_prime: 0,
            started_ms: js_sys::Date::now(),
            size,
            on_progress,
        })))
    }

    /// Takes what the searcher of this index says.
    pub fn searcher_said(&self, at: usize, event: &Event) {
        if let Event::Tested(count) = event {
            self.0.borrow_mut().tested[at] = *count;
            self.tell();
        }
    }

    /// Counts a prime; says whether it was the last.
    pub fn prime_found(&self) -> bool {
        let mut counts = self.0.borrow_mut();
        counts.primes_found = (counts.primes_found + 1).min(2);
        counts.tested_at_last_prime = counts.tested.iter().sum();
        let enough = counts.primes_found == 2;
        drop(counts);
        self.tell();
        enough
    }

    fn tell(&self) {
        let counts = self.0.borrow();
        let candidates_tested = counts.tested.iter().sum();
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
