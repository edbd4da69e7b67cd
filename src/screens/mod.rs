//! The three screens. Each keeps running while another one is displayed.

pub mod create;
pub mod inspect;
pub mod keys;

use keyside_engine::StartWorker;
use yew::Properties;

use crate::routes::{Query, Route};

/// Properties of a screen.
#[derive(Properties, PartialEq)]
pub struct ScreenProps {
    /// The screen's last address.
    pub route: Route,
    /// The query of that address.
    pub query: Query,
    /// How many times it was opened; each time reloads data from the API.
    pub visits: u32,
    /// Starts a key worker.
    pub start_worker: StartWorker,
}
