//! The reader of key files on what openssl, OpenSSH, PuTTY and JOSE tools write, and on what
//! people make of it.

// Helpers outside #[test] functions may panic like tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(not(target_arch = "wasm32"))]

#[path = "../support/mod.rs"]
mod support;

mod accepted;
mod files;
mod private;
mod properties;
mod refused;
