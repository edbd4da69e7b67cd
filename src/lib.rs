//! The page: creates a service account's authorized key in the browser and manages keys for the rest of
//! their life.
//!
//! [`app`] mounts the page, [`routes`] are its addresses, [`session`] is who is signed in. The screens
//! are in [`screens`]: create, keys, inspect. [`components`] are the parts that they share, [`model`] is
//! what they are about, [`api`] calls the IAM API, [`setup`] has the configuration for each tool, and
//! [`text`] is what a person reads. The page holds public keys and handles to key workers; a private key
//! exists in a worker alone.

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
