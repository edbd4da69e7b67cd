//! Tests of keys and key files against openssl, in one program.

// Helpers outside #[test] functions may panic like tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(not(target_arch = "wasm32"))]

mod accepted;
mod encrypted;
mod files;
mod inspect;
mod openssl;
mod private;
mod properties;
mod refused;
mod samples;
mod support;
mod wrappings;
