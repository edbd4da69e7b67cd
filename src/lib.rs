//! The page: creates authorized keys of service accounts in the browser and manages them afterwards.
//!
//! [`app`] mounts the page, [`routes`] are its addresses, [`session`] is who is signed in. [`screens`] has the
//! three screens: create, keys and inspect. [`components`] are shared by the screens, [`model`] is their state,
//! [`api`] calls the IAM API, [`setup`] has the configuration for each tool, and [`text`] has the page's text.
//! The page holds public keys and handles to key workers; a private key exists only in a worker.

pub mod api;
pub mod app;
pub mod components;
pub mod model;
pub mod prerequisites;
pub mod routes;
pub mod screens;
pub mod session;
pub mod setup;
pub mod text;
pub mod time;
