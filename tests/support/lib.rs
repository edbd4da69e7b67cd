//! What the end-to-end flows share: the gateway, the browser, the page's steps, the tools that
//! judge the results, and the search for a private key.
#![allow(clippy::unwrap_used, clippy::expect_used)]

pub mod accessible;
pub mod altered;
pub mod browser;
pub mod caller;
pub mod deployment;
pub mod filled;
pub mod folder;
pub mod gateway;
pub mod home;
pub mod keyboard;
pub mod made;
pub mod memory;
pub mod module;
pub mod needles;
pub mod netlog;
pub mod outcome;
pub mod page;
pub mod recorder;
pub mod tools;
pub mod upstream;

use std::path::PathBuf;

/// The value of an environment variable that `cargo xtask test` sets.
#[must_use]
pub fn setting(name: &str) -> PathBuf {
    std::env::var_os(name)
        .unwrap_or_else(|| panic!("{name} is not set: run these tests by `cargo xtask test`"))
        .into()
}
