//! The progress of a search, summed over the workers.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use keyside_keygen::KeySize;

use crate::{
    message::{Event, Progress},
    searcher::PROGRESS_INTERVAL_MS,
};

/// Called with the progress of a generation.
pub type OnProgress = Rc<dyn Fn(Progress)>;

/// Sums the progress that the workers report.
#[derive(Clone)]
pub struct Tally(Rc<RefCell<Counts>>);

struct Counts {
    /// Candidates tested by each searcher.
    tested: BTreeMap<u32, u32>,
    primes_found: u8,
    tested_at_last_prime: u32,
    started_ms: f64,
    reported_ms: f64,
    size: KeySize,
    on_progress: OnProgress,
}

impl Tally {
    /// Starts at zero.
    pub fn new(size: KeySize, on_progress: OnProgress) -> Self {
        Self(Rc::new(RefCell::new(Counts {
            tested: BTreeMap::new(),
            primes_found: 0,
            tested_at_last_prime: 0,
            started_ms: js_sys::Date::now(),
            // The first event is reported at once.
            reported_ms: 0.0,
            size,
            on_progress,
        })))
    }

    /// Records an event of a searcher.
    pub fn record(&self, number: u32, event: &Event) {
        if let Event::Tested(count) = event {
            self.0.borrow_mut().tested.insert(number, *count);
            self.report_if_due();
        }
    }

    /// Records the number of primes found.
    pub fn primes_found(&self, count: u8) {
        let mut counts = self.0.borrow_mut();
        counts.primes_found = count;
        counts.tested_at_last_prime = counts.tested.values().sum();
        drop(counts);
        self.report_if_due();
    }

    /// One report per interval for all workers: the page draws each, which takes time from the search.
    fn report_if_due(&self) {
        let mut counts = self.0.borrow_mut();
        let now_ms = js_sys::Date::now();
        if now_ms - counts.reported_ms < PROGRESS_INTERVAL_MS {
            return;
        }
        counts.reported_ms = now_ms;
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
            elapsed_ms: now_ms - counts.started_ms,
        };
        let on_progress = Rc::clone(&counts.on_progress);
        // End the borrow first: the callback may send another command.
        drop(counts);
        on_progress(progress);
    }
}
