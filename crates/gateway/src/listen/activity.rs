//! Watches the calls on a connection, so that one without calls can be closed. Bytes alone don't count:
//! answers to HTTP/2 pings would keep a connection open for ever.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::{Instant, sleep_until};

use super::limits::{FIRST_CALL, UNUSED};

/// The calls on one connection.
#[derive(Clone)]
pub struct Activity(Arc<Mutex<State>>);

struct State {
    running: usize,
    /// When a call last ended, or the connection began.
    since: Instant,
    had_calls: bool,
}

impl Activity {
    /// A new connection.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            running: 0,
            since: Instant::now(),
            had_calls: false,
        })))
    }

    /// Begins a call, which ends when the result is dropped.
    pub fn begin(&self) -> RunningCall {
        self.with(|state| {
            state.running += 1;
            state.had_calls = true;
        });
        RunningCall(self.clone())
    }

    /// Waits until the connection has had no call for too long.
    pub async fn unused(&self) {
        loop {
            let end = self.with(|state| match (state.running, state.had_calls) {
                (1.., _) => Instant::now() + UNUSED,
                (0, true) => state.since + UNUSED,
                (0, false) => state.since + FIRST_CALL,
            });
            if end <= Instant::now() {
                return;
            }
            sleep_until(end).await;
        }
    }

    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A call whose answer isn't sent completely yet.
pub struct RunningCall(Activity);

impl Drop for RunningCall {
    fn drop(&mut self) {
        self.0.with(|state| {
            state.running -= 1;
            state.since = Instant::now();
        });
    }
}
