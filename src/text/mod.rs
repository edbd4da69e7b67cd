//! All text that the page displays, with a module per screen or component. Each error says what happened and
//! what to do; none contains a secret.

pub mod accounts;
pub mod api;
pub mod by_hand;
pub mod change;
pub mod contain;
pub mod create;
pub mod files;
pub mod groups;
pub mod inspect;
pub mod keys;
mod numbers;
pub mod policy;
pub mod preview;
pub mod rotation;
pub mod session;
pub mod setup;
pub mod several;
mod shared;

pub use numbers::{count, number};
pub use shared::*;
