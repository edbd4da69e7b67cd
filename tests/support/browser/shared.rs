//! Chromium processes that flows use one after another, because starting one takes as long as many a flow.

use std::sync::Mutex;

use super::process::Process;

static IDLE: Mutex<Vec<Process>> = Mutex::new(Vec::new());

/// An idle Chromium with one empty window.
pub(super) fn take() -> Option<Process> {
    IDLE.lock().unwrap().pop()
}

/// Keeps the process for another flow, or ends it if it can't be emptied.
pub(super) fn give_back(process: Process) {
    match process.forget_pages() {
        Ok(()) => IDLE.lock().unwrap().push(process),
        Err(error) => println!("This browser isn't used again: {error}"),
    }
}
