//! A searcher's part: looks for primes and hands them to the keeper, through a channel that the
//! page has no end of.

use std::ops::ControlFlow;

use js_sys::{Array, Uint8Array};
use keyside_keygen::{KeySize, Prime, Step, make_prime};
use wasm_bindgen::JsValue;
use web_sys::MessagePort;

use crate::message::Fault;

/// The first two of all win, so no searcher is asked for more.
const MOST_PRIMES: u32 = 2;

/// Progress is told at most this often, in milliseconds.
const PROGRESS_EVERY_MS: f64 = 80.0;

/// Looks for primes; the page ends this worker when it is of no more use. A number goes to the
/// keeper as bytes as soon as it is most likely prime, so that the pair can be made while it is
/// put to the test that decides; the verdict follows, true or false. `tell` hears how many
/// candidates were tested.
pub fn search(size: KeySize, keeper: &MessagePort, tell: impl Fn(u32)) -> Result<(), Fault> {
    let mut told = now_ms();
    let mut tested_before = 0;
    for _ in 0..MOST_PRIMES {
        let mut tested = 0;
        let mut undecided = false;
        make_prime(&mut getrandom::SysRng, size, &mut |step| {
            match step {
                Step::Candidate(progress) => {
                    if std::mem::take(&mut undecided) {
                        post(keeper, &JsValue::FALSE);
                    }
                    tested = progress.candidates_tested;
                    let now = now_ms();
                    if now - told >= PROGRESS_EVERY_MS {
                        told = now;
                        tell(tested_before + tested);
                    }
                }
                Step::Probable(prime) => {
                    undecided = true;
                    hand_over(keeper, prime);
                    tell(tested_before + tested + 1);
                }
            }
            ControlFlow::Continue(())
        })
        .map_err(Fault::from)?;
        post(keeper, &JsValue::TRUE);
        tested_before += tested + 1;
    }
    Ok(())
}

/// Transfers the bytes: no copy stays here.
fn hand_over(keeper: &MessagePort, prime: &Prime) {
    let bytes = Uint8Array::new_from_slice(&prime.expose_bytes());
    // Nobody hears it when the keeper has ended.
    let _ = keeper.post_message_with_transferable(&bytes, &Array::of1(&bytes.buffer()));
}

fn post(keeper: &MessagePort, verdict: &JsValue) {
    let _ = keeper.post_message(verdict);
}

/// Wall time: the workers' only use of it is to tell how long something took.
pub fn now_ms() -> f64 {
    js_sys::Date::now()
}
