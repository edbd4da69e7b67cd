//! Warms up the engine before the click: browsers optimize WebAssembly only after it has run for a while. The
//! workers share the optimized program, but each has JavaScript and a table of primes of its own.

use keyside_keygen::{Filter, KeySize, Prime, PrimeSearch, assemble_pair};
use web_sys::WorkerGlobalScope;

use crate::{cross_check, pauses::Pauses};

/// Candidates tested by a short warm-up. They are large: the code that prepares a test runs once for two of them.
const FEW: u32 = 8;

/// After this many small key pairs, the code that assembles and checks a large one is optimized.
const ASSEMBLIES: u32 = 8;

/// Tests some candidates, or generates a small key pair, and discards it. Ends when `is_over` after a pause.
pub async fn warm_up(scope: &WorkerGlobalScope, is_long: bool, is_over: impl Fn() -> bool) {
    if Filter::choose() == Filter::Library {
        return;
    }
    let mut rng = getrandom::SysRng;
    let size = if is_long {
        KeySize::Rsa2048
    } else {
        KeySize::Rsa4096
    };
    let mut search = PrimeSearch::new(&mut rng, size);
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
    let [first, second] = primes.as_slice() else {
        return;
    };
    for _ in 0..ASSEMBLIES {
        pauses.pause_if_due().await;
        if is_over() {
            return;
        }
        if let Ok(Some(pair)) = assemble_pair(first, second) {
            cross_check::run(scope, &pair).await;
        }
    }
    run_large_round(&mut search);
}

/// Runs a round of Miller-Rabin on a composite of 2048 bits: the library has other code for large numbers than for
/// small ones.
fn run_large_round(search: &mut PrimeSearch<'_, getrandom::SysRng>) {
    const BYTES: usize = KeySize::Rsa4096.bits() as usize / 16;
    if let Some(composite) = Prime::from_bytes(&[0xff; BYTES], KeySize::Rsa4096) {
        let _ = search.accepts(&composite);
    }
}
