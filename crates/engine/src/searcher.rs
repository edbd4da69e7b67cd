//! A searcher: searches for primes and sends them to the keeper, through a channel that the page
//! can't read.

use std::ops::ControlFlow;

use js_sys::{Array, Uint8Array};
use keyside_keygen::{KeySize, Prime, Step, make_prime};
use wasm_bindgen::JsValue;
use web_sys::MessagePort;

use crate::message::Fault;

/// Maximum number of primes per searcher: a key pair needs two.
const MAX_PRIMES: u32 = 2;

/// Minimum time between two progress reports, in milliseconds.
const PROGRESS_INTERVAL_MS: f64 = 80.0;

/// Searches for primes until the page ends this worker. Sends a probable prime to the keeper as
/// bytes, so that it can assemble the pair during the final test, and then the result of that test,
/// true or false. `report` is called with the number of candidates tested.
pub fn search(size: KeySize, keeper: &MessagePort, report: impl Fn(u32)) -> Result<(), Fault> {
    let mut last_report = now_ms();
    let mut tested_before = 0;
    for _ in 0..MAX_PRIMES {
        let mut tested = 0;
        let mut undecided = false;
        make_prime(&mut getrandom::SysRng, size, &mut |step| {
            match step {
                Step::Candidate(progress) => {
                    if std::mem::take(&mut undecided) {
                        send_verdict(keeper, &JsValue::FALSE);
                    }
                    tested = progress.candidates_tested;
                    let now = now_ms();
                    if now - last_report >= PROGRESS_INTERVAL_MS {
                        last_report = now;
                        report(tested_before + tested);
                    }
                }
                Step::Probable(prime) => {
                    undecided = true;
                    send_prime(keeper, prime);
                    report(tested_before + tested + 1);
                }
            }
            ControlFlow::Continue(())
        })
        .map_err(Fault::from)?;
        send_verdict(keeper, &JsValue::TRUE);
        tested_before += tested + 1;
    }
    Ok(())
}

/// Sends the bytes without leaving a copy.
fn send_prime(keeper: &MessagePort, prime: &Prime) {
    let bytes = Uint8Array::new_from_slice(&prime.expose_bytes());
    // Ignored: the keeper may have ended.
    let _ = keeper.post_message_with_transferable(&bytes, &Array::of1(&bytes.buffer()));
}

fn send_verdict(keeper: &MessagePort, verdict: &JsValue) {
    let _ = keeper.post_message(verdict);
}

/// Wall-clock time, which the workers only use for durations.
pub fn now_ms() -> f64 {
    js_sys::Date::now()
}
