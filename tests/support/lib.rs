//! What the end-to-end flows share: the gateway, the browser, the page's steps, the tools that verify
//! the results, and the search for a private key.
#![allow(clippy::unwrap_used, clippy::expect_used)]

pub mod accessible;
pub mod altered;
pub mod browser;
pub mod caller;
pub mod deployment;
pub mod failed;
pub mod filled;
pub mod folder;
pub mod gateway;
pub mod home;
pub mod keyboard;
pub mod line;
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
pub mod waiting;

use std::{env, path::PathBuf, process::ExitCode};

/// The value of an environment variable that `cargo xtask test` sets.
#[must_use]
pub fn setting(name: &str) -> PathBuf {
    env::var_os(name)
        .unwrap_or_else(|| panic!("{name} is not set: run these tests by `cargo xtask test`"))
        .into()
}

/// A benchmark's exit code: a missed goal is a failure only if `KEYSIDE_BENCH_CHECK` is set.
#[must_use]
pub fn exit_code(is_met: bool) -> ExitCode {
    if is_met || env::var_os("KEYSIDE_BENCH_CHECK").is_none() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
