//! End-to-end flows: what an administrator does at the page, judged by tools that we did not
//! write. Run by `cargo xtask test`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod accessible;
mod accounts;
mod attacks;
mod bad_input;
mod credentials_files;
mod deployments;
mod docs;
mod expiration;
mod firefox;
mod first_load;
mod forgotten;
mod generation;
mod handover;
mod integrity;
mod interruptions;
mod judged;
mod key_files;
mod keys;
mod late;
mod looks;
mod main_job;
mod many;
mod module;
mod passphrases;
mod prerequisites;
mod preview;
mod promise;
mod rotate;
mod saving;
mod storage;
mod upstream;
mod without_api;
mod worker_network;
mod workers;
