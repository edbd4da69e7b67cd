//! Warms up the engine before the click: browsers optimize WebAssembly only after it has run for a while. The
//! workers share the optimized program, but each has JavaScript and a table of primes of its own.

use keyside_keygen::{Filter, KeySize, PrimeSearch, assemble_pair};

use crate::pauses::Pauses;

/// Candidates tested by a short warm-up.
const FEW: u32 = 2;

/// Tests some candidates, or generates a small key pair, and discards it. Ends when `is_over` after a pause.
pub async fn warm_up(is_long: bool, is_over: impl Fn() -> bool) {
    if Filter::choose() == Filter::Library {
        return;
    }
    let mut rng = getrandom::SysRng;
    let mut search = PrimeSearch::new(&mut rng, KeySize::Rsa2048);
    let mut pauses = Pauses::start();
    let mut primes = Vec::new();
    while primes.len() < 2 && (is_long || search.tested() < FEW) {
        pauses.pause_if_due().await;
        if is_over() {
            return;
        }
        // It doesn't matter if something fails: the generation will say so.
        let Ok(probable) = search.test_next() else {
            return;
        };
        if let Some(probable) = probable
            && let Ok(true) = search.accepts(&probable)
        {
            primes.push(probable);
        }
    }
    if let [first, second] = primes.as_slice() {
        let _ = assemble_pair(first, second);
    }
}
