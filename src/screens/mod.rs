//! The three screens. Each goes on while another one is seen.

pub mod create;
pub mod inspect;
pub mod keys;

use keyside_engine::StartWorker;
use yew::Properties;

use crate::routes::{Query, Route};

/// What a screen gets from the page.
#[derive(Properties, PartialEq)]
pub struct ScreenProps {
    /// Its last address.
    pub route: Route,
    /// The query of that address.
    pub query: Query,
    /// How often it was come to: what the API says is read again each time.
    pub visits: u32,
    /// Starts a key worker.
    pub start_worker: StartWorker,
}
