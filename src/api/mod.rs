//! Calls to the IAM API, with the access token of the person at the page.

mod client;
mod problem;
mod transport;

pub use client::{Api, KeyOrder, Who};
pub use problem::Problem;
