//! Who may do what through this gateway, and what keys must be like: the rules of a TOML file. What no rule
//! allows is denied.

mod facts;
mod rules;
mod watch;

pub use self::{
    facts::{Facts, Membership},
    rules::{Policy, PolicyError, Resource, Subject},
    watch::WatchedPolicy,
};
