//! The page: one guided screen that makes an authorized key in the browser.
//!
//! One folder per step: [`connect`], [`account`], [`generate`], [`upload`], [`download`],
//! [`verify`], [`configure`], [`keys`]. [`engine`] is the key worker and the page's hold on it,
//! [`api`] the calls to the IAM API, [`state`] what the steps share. The page holds public keys
//! and handles; a private key exists in the worker alone.

pub mod account;
pub mod api;
mod app;
pub mod configure;
pub mod connect;
pub mod download;
pub mod engine;
pub mod generate;
pub mod keys;
pub mod state;
pub mod text;
pub mod time;
pub mod ui;
pub mod upload;
pub mod verify;

/// Shows the page in place of the loading text. `start_worker` starts a key worker
/// (`www/key-workers.js`).
pub fn start(token: Option<String>, start_worker: engine::StartWorker) {
    let Some(place) = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("page"))
    else {
        return;
    };
    place.replace_children_with_node_0();
    yew::Renderer::<app::App>::with_root_and_props(
        place,
        app::Props {
            token: token.map(Into::into),
            start_worker,
        },
    )
    .render();
}
