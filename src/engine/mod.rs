//! The key worker: [`worker`] runs in it, [`KeyWorker`] is the page's hold on it, [`message`]
//! is what they say to each other.

#[cfg(all(test, target_arch = "wasm32"))]
mod browser_tests;
mod handle;
pub mod message;
pub mod worker;

pub use handle::{EngineError, KeyWorker};
