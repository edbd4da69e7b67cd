//! The gateway's own tests: one program, which starts the real gateway for each test.
// Helpers outside #[test] functions may panic like tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod audit;
mod authorized_keys;
mod durability;
mod faults;
mod groups;
mod identity;
mod key_lifetime;
mod limits;
mod operate;
mod operation;
mod own_sign_in;
mod page;
mod policy;
mod protocols;
mod report;
mod support;
mod tls;
mod token_command;
mod token_exchange;
