//! What a screen and the rest of the page tell each other: the session, so that a person connects
//! once for all screens, and what a screen is to be about when it is shown.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use yew::Callback;
use zeroize::Zeroizing;

use crate::state::{App, ChosenAccount};

/// What every screen knows of the session. Has no Debug: it holds the access token.
#[derive(Clone, PartialEq, Default)]
pub struct Shared {
    /// The access token that was accepted.
    pub token: Option<Rc<Zeroizing<String>>>,
    /// The chosen tenant's id.
    pub tenant_id: Option<String>,
    /// The chosen project's id.
    pub project_id: Option<String>,
}

impl Shared {
    /// As a screen has it now.
    #[must_use]
    pub fn of(app: &App) -> Self {
        Self {
            token: app.session().map(|session| Rc::clone(&session.token)),
            tenant_id: app.tenant_id.clone(),
            project_id: app.project_id.clone(),
        }
    }

    /// From an object of www/start.js.
    #[must_use]
    pub fn read(object: &JsValue) -> Self {
        Self {
            token: text(object, "token").map(|token| Rc::new(Zeroizing::new(token))),
            tenant_id: text(object, "tenant"),
            project_id: text(object, "project"),
        }
    }

    fn to_object(&self) -> Object {
        let token = self.token.as_ref().map(|token| token.as_str());
        object(&[
            ("token", token),
            ("tenant", self.tenant_id.as_deref()),
            ("project", self.project_id.as_deref()),
        ])
    }
}

/// What a screen is to be about.
#[derive(Clone, PartialEq)]
pub struct About {
    /// Whose keys.
    pub account: ChosenAccount,
    /// Which one of them.
    pub key_id: Option<String>,
}

impl About {
    fn to_object(&self) -> Object {
        object(&[
            ("account", Some(&self.account.id)),
            ("name", self.account.name.as_deref()),
            ("project", self.account.project_id.as_deref()),
            ("key", self.key_id.as_deref()),
        ])
    }

    fn read(object: &JsValue) -> Option<Self> {
        Some(Self {
            account: ChosenAccount {
                id: text(object, "account")?,
                name: text(object, "name"),
                project_id: text(object, "project"),
            },
            key_id: text(object, "key"),
        })
    }
}

/// What a screen hears.
pub enum News {
    /// The session of another screen.
    Session(Shared),
    /// It is shown now, and what it is to be about, if that was said.
    Shown(Option<About>),
}

/// A screen's hold on the rest of the page.
#[derive(Clone)]
pub struct Link(Rc<Ends>);

struct Ends {
    share: Function,
    go: Function,
    part: Function,
    on_news: RefCell<Option<Callback<News>>>,
    /// News from before the screen listened.
    early: RefCell<Vec<News>>,
}

impl PartialEq for Link {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Link {
    /// `share` takes what the other screens are to know, `go` a screen's name and what it is to be
    /// about, `part` a part's name, its place and the same (www/start.js).
    #[must_use]
    pub fn new(share: Function, go: Function, part: Function) -> Self {
        Self(Rc::new(Ends {
            share,
            go,
            part,
            on_news: RefCell::default(),
            early: RefCell::default(),
        }))
    }

    /// Who hears the news from now on.
    pub fn listen(&self, on_news: Callback<News>) {
        let is_first = self.0.on_news.replace(Some(on_news)).is_none();
        if is_first {
            let link = self.clone();
            // Not while the screen is being drawn.
            spawn_local(async move {
                for news in link.0.early.take() {
                    link.tell(news);
                }
            });
        }
    }

    /// Tells the screen what another one shares.
    pub fn hear(&self, shared: &JsValue) {
        self.tell(News::Session(Shared::read(shared)));
    }

    /// Tells the screen that it is shown.
    pub fn show(&self, about: &JsValue) {
        self.tell(News::Shown(About::read(about)));
    }

    fn tell(&self, news: News) {
        let on_news = self.0.on_news.borrow().clone();
        match on_news {
            Some(on_news) => on_news.emit(news),
            None => self.0.early.borrow_mut().push(news),
        }
    }

    /// Tells the other screens of the session here.
    pub fn share(&self, shared: &Shared) {
        self.call(&self.0.share, &Array::of1(&shared.to_object()));
    }

    /// Shows another screen, to be about an account and perhaps one of its keys.
    pub fn go(&self, screen: &str, about: &About) {
        self.call(&self.0.go, &Array::of2(&screen.into(), &about.to_object()));
    }

    /// Shows a part of a screen in its place: it is in the program that is loaded later.
    pub fn part(&self, name: &str, place: &web_sys::Element, about: &About) {
        let arguments = Array::of3(&name.into(), place, &about.to_object());
        self.call(&self.0.part, &arguments);
    }

    fn call(&self, function: &Function, arguments: &Array) {
        // It is our own script, which does not throw.
        let _ = function.apply(&JsValue::UNDEFINED, arguments);
    }
}

fn object(fields: &[(&str, Option<&str>)]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        if let Some(value) = value {
            // Setting a property of a fresh object cannot fail.
            let _ = Reflect::set(&object, &(*name).into(), &(*value).into());
        }
    }
    object
}

fn text(object: &JsValue, name: &str) -> Option<String> {
    Reflect::get(object.dyn_ref::<Object>()?, &name.into())
        .ok()?
        .as_string()
}
