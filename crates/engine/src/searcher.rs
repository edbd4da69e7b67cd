//! A searcher: searches for primes and sends them to the keeper, through a channel that the page
//! can't read.

use js_sys::{Array, Uint8Array};
use keyside_keygen::{KeySize, Prime, PrimeSearch};
use wasm_bindgen::JsValue;
use web_sys::MessagePort;

use crate::{
    message::Fault,
    pauses::{self, Pauses},
};

/// Minimum time between two progress reports, in milliseconds.
pub const PROGRESS_INTERVAL_MS: f64 = 200.0;

/// Searches for primes until the page ends this worker. Sends a probable prime to the keeper as
/// bytes, so that it can assemble the pair during the final test, and then the result of that test,
/// true or false. Goes on when the keeper asks for more, so that no processor is taken from the checks
/// of the pair. `report` is called with the number of candidates tested.
pub async fn search(
    size: KeySize,
    keeper: &MessagePort,
    report: impl Fn(u32),
) -> Result<(), Fault> {
    let mut rng = getrandom::SysRng;
    let mut search = PrimeSearch::new(&mut rng, size);
    let mut pauses = Pauses::start();
    let mut last_report = now_ms();
    loop {
        pauses.pause_if_due().await;
        if let Some(probable) = search.test_next()? {
            send_prime(keeper, &probable);
            report(search.tested());
            let accepted = search.accepts(&probable)?;
            drop(probable);
            let _ = keeper.post_message(&JsValue::from_bool(accepted));
            pauses::next_message(keeper, || {}).await;
        } else if now_ms() - last_report >= PROGRESS_INTERVAL_MS {
            last_report = now_ms();
            report(search.tested());
        }
    }
}

/// Sends the bytes without leaving a copy.
fn send_prime(keeper: &MessagePort, prime: &Prime) {
    let bytes = Uint8Array::new_from_slice(&prime.expose_bytes());
    // Ignored: the keeper may have ended.
    let _ = keeper.post_message_with_transferable(&bytes, &Array::of1(&bytes.buffer()));
}

/// Wall-clock time, which the workers only use for durations.
pub fn now_ms() -> f64 {
    js_sys::Date::now()
}
