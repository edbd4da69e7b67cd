//! The key engine: makes key pairs in Web Workers, off the main thread.
//!
//! [`message`] has the messages between the page and the workers: everything that can leave a
//! worker is in it. The page's side is [`KeyWorker`], over `running` (one worker) and `tally` (the
//! progress of all). [`worker`] runs in each worker, as a `searcher` for primes or as the `keeper`
//! of the private key, which has `cross_check` compare a pair with the browser's own WebCrypto, and
//! `examine` read a key file.

#[cfg(all(test, target_arch = "wasm32"))]
mod browser_tests;
mod cross_check;
mod error;
mod examine;
mod handle;
mod keeper;
pub mod message;
mod running;
mod searcher;
mod tally;
pub mod text;
pub mod worker;

pub use error::EngineError;
pub use handle::KeyWorker;
pub use running::StartWorker;
