//! Keys and key files against openssl, OpenSSH, PuTTY and JOSE tools: one program for all of it.

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
