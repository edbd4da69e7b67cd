//! The page: screens that make an authorized key in the browser and see it through its life.
//!
//! The screens: [`make`] the main job, [`keys`] the list, [`rotate`] a new key for an old one,
//! [`file`] a key file at hand, [`many`] keys for several service accounts. The main job's steps have a folder each:
//! [`connect`], [`account`], [`generate`], [`upload`], [`download`], [`verify`], [`configure`].
//! [`engine`] is the key worker and the page's hold on it, [`api`] the calls to the IAM API,
//! [`screen`] and [`state`] what every screen has, [`link`] what the screens tell each other. The
//! page holds public keys and handles; a private key exists in the worker alone.

pub mod account;
pub mod api;
pub mod configure;
pub mod connect;
pub mod download;
pub mod file;
pub mod generate;
pub mod issue;
pub mod keys;
pub mod link;
pub mod make;
pub mod many;
pub mod prerequisites;
pub mod rotate;
pub mod screen;
pub mod state;
pub mod text;
pub mod time;
pub mod ui;
pub mod upload;
pub mod verify;

use js_sys::{Function, Object, Reflect};
use keyside_engine::StartWorker;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use yew::BaseComponent;

use crate::{
    link::{Link, Shared},
    screen::ScreenProps,
};

/// Shows a screen in `place` for good. `page` has the functions `share`, `go`, `part` and
/// `startWorker`, and `shared` is the session of the other screens. Gives an object with the functions `hear` and
/// `shown`, which www/start.js calls.
#[must_use]
pub fn start<Screen>(place: web_sys::Element, page: &Object, shared: &JsValue) -> Option<Object>
where
    Screen: BaseComponent<Properties = ScreenProps>,
{
    let function = |name: &str| {
        let function = Reflect::get(page, &name.into()).ok()?;
        function.dyn_into::<Function>().ok()
    };
    let link = Link::new(function("share")?, function("go")?, function("part")?);
    let start_worker = function("startWorker")?;
    let start_worker = move || {
        let worker = start_worker.call0(&JsValue::UNDEFINED).ok()?;
        worker.dyn_into().ok()
    };
    let props = ScreenProps {
        link: link.clone(),
        shared: Shared::read(shared),
        start_worker: StartWorker::new(start_worker),
    };
    yew::Renderer::<Screen>::with_root_and_props(place, props).render();
    let ears = Object::new();
    let hear = {
        let link = link.clone();
        Closure::<dyn Fn(JsValue)>::new(move |shared| link.hear(&shared))
    };
    let shown = Closure::<dyn Fn(JsValue)>::new(move |about| link.show(&about));
    for (name, ear) in [("hear", hear), ("shown", shown)] {
        // The screen stays as long as the page.
        Reflect::set(&ears, &name.into(), &ear.into_js_value()).ok()?;
    }
    Some(ears)
}
