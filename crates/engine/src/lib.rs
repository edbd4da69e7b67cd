//! The key engine: generates key pairs in Web Workers, off the main thread.
//!
//! [`message`] contains the messages between the page and the workers, and so everything that can
//! leave a worker. The page uses [`KeyWorker`], which builds on `running` (one worker) and `tally`
//! (the progress of all). [`worker`] runs in each worker, as a `searcher` for primes, with `pauses`,
//! or as the `keeper` of the private key. The keeper `warm_up`s the engine, checks key pairs with the
//! browser's WebCrypto (`cross_check`) and reads key files (`examine`).

#[cfg(all(test, target_arch = "wasm32"))]
mod browser_tests;
mod cross_check;
mod error;
mod examine;
mod handle;
mod keeper;
pub mod message;
mod pauses;
mod running;
mod searcher;
mod tally;
pub mod text;
mod warm_up;
pub mod worker;

pub use error::EngineError;
pub use handle::KeyWorker;
pub use running::StartWorker;
