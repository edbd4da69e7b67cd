//! The key engine: makes pairs in workers, off the main thread.
//!
//! [`worker`] runs in each worker, which is a [`searcher`] or the [`keeper`], who has
//! [`cross_check`] ask the browser's own WebCrypto for its opinion of a pair, and [`examine`] look
//! at a key file. [`KeyWorker`] is the
//! page's hold on them, over [`running`], one worker, and [`tally`], the progress of all.
//! [`message`] is what they say to each other.

#[cfg(all(test, target_arch = "wasm32"))]
mod browser_tests;
mod cross_check;
mod examine;
mod handle;
mod keeper;
pub mod message;
mod running;
mod searcher;
mod tally;
pub mod worker;

pub use handle::{EngineError, KeyWorker};
pub use running::StartWorker;
