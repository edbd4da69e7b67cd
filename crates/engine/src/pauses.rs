//! Pauses in long work, in which a worker receives messages and can be ended: a browser lets a worker that is
//! busy work on for seconds after the page has ended it.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageChannel, MessagePort};

use crate::searcher::now_ms;

/// Time between two pauses, in milliseconds. A pause takes some hundredths of a millisecond.
const INTERVAL_MS: f64 = 8.0;

/// The pauses of one piece of work.
pub struct Pauses {
    /// Its messages to this worker come after the ones that are waiting. A timer would take some milliseconds.
    channel: Option<MessageChannel>,
    last_ms: f64,
}

impl Pauses {
    /// The first pause is due after the interval.
    pub fn start() -> Self {
        Self {
            channel: MessageChannel::new().ok(),
            last_ms: now_ms(),
        }
    }

    /// Lets the worker handle what is waiting if the last pause was some time ago.
    pub async fn pause_if_due(&mut self) {
        let Some(channel) = &self.channel else { return };
        if now_ms() - self.last_ms < INTERVAL_MS {
            return;
        }
        next_message(&channel.port1(), || {
            // Can't fail: both ports are open.
            let _ = channel.port2().post_message(&JsValue::NULL);
        })
        .await;
        self.last_ms = now_ms();
    }
}

/// Waits for the next message at `port`, after calling `ask`.
pub async fn next_message(port: &MessagePort, ask: impl Fn()) {
    let arrival = Promise::new(&mut |arrived, _| {
        port.set_onmessage(Some(&arrived));
        ask();
    });
    // Never rejected.
    let _ = JsFuture::from(arrival).await;
}
