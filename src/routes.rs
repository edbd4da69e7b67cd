//! The page's addresses. They survive a reload and can be sent to a colleague, so they never contain a
//! secret.

use std::{cell::RefCell, rc::Rc};

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use yew::prelude::*;
use yew_router::prelude::*;
use yew_router::query::ToQuery;
use zeroize::Zeroizing;

use crate::{events::listen, text};

/// Precedes a one-time code in the address that `keyside serve` prints.
const CODE: &str = "#code=";
/// Precedes an access token in an address.
const TOKEN: &str = "#token=";

/// An address without its query.
#[derive(Clone, Debug, PartialEq, Eq, Routable)]
pub enum Route {
    /// The start address.
    #[at("/")]
    Home,
    /// Creates one or several keys, or rotates one.
    #[at("/create")]
    Create,
    /// The list of keys.
    #[at("/keys")]
    Keys,
    /// One key.
    #[at("/keys/:id")]
    Key { id: String },
    /// Inspects a key file.
    #[at("/inspect")]
    Inspect,
    /// Any other address.
    #[not_found]
    #[at("/not-found")]
    NotFound,
}

/// A screen of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    Create,
    Keys,
    Inspect,
}

impl Screen {
    /// The name in the navigation and the title.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => text::CREATE,
            Self::Keys => text::KEYS,
            Self::Inspect => text::INSPECT,
        }
    }
}

impl Route {
    /// The screen to display.
    pub fn screen(&self) -> Screen {
        match self {
            Self::Home | Self::Create | Self::NotFound => Screen::Create,
            Self::Keys | Self::Key { .. } => Screen::Keys,
            Self::Inspect => Screen::Inspect,
        }
    }
}

/// The query of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Query {
    /// The tenant's ID, if there are several.
    pub tenant: Option<String>,
    /// The project's ID.
    pub project: Option<String>,
    /// Create: the service account's ID.
    pub account: Option<String>,
    /// Create: the ID of the key to replace.
    pub replaces: Option<String>,
    /// Keys: the search text.
    pub q: Option<String>,
    /// Keys: the filter's name.
    pub show: Option<String>,
    /// Keys: the sort order's name.
    pub sort: Option<String>,
}

impl Query {
    /// Only the tenant and the project.
    pub fn scope(&self) -> Self {
        Self {
            tenant: self.tenant.clone(),
            project: self.project.clone(),
            ..Self::default()
        }
    }
}

/// A link to an address.
pub fn href(route: &Route, query: &Query) -> String {
    // Strings always serialize.
    let query = query.to_query().unwrap_or_default();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("#{}{mark}{query}", route.to_path())
}

/// Navigates to an address.
pub fn go(navigator: &Navigator, route: &Route, query: &Query) {
    // Strings always serialize.
    let _ = navigator.push_with_query(route, query);
}

/// Replaces the address of `route`, and returns whether it did: not if another route has been opened since the
/// page was last rendered.
pub fn replace(navigator: &Navigator, route: &Route, query: &Query) -> bool {
    // Strings always serialize.
    is_current(route) && navigator.replace_with_query(route, query).is_ok()
}

/// Whether the address leads to `route` at this moment.
fn is_current(route: &Route) -> bool {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok());
    let address = absolute(&hash.unwrap_or_default());
    let path = address.split(['#', '?']).nth(1).unwrap_or_default();
    match Route::recognize(path) {
        // Both display the form for a new key.
        Some(Route::Home | Route::NotFound) => *route == Route::Create,
        current => current.as_ref() == Some(route),
    }
}

/// The query of the current address.
#[hook]
pub fn use_query() -> Query {
    use_location()
        .and_then(|location| location.query::<Query>().ok())
        .unwrap_or_default()
}

/// What a person signs in with.
#[derive(Clone, PartialEq)]
pub enum Credential {
    Token(Rc<Zeroizing<String>>),
    /// A one-time code, which is exchanged for an access token.
    Code(Rc<Zeroizing<String>>),
    /// Nothing: a proxy has signed the person in. The text is empty.
    Proxy(Rc<Zeroizing<String>>),
}

impl Credential {
    /// Reads a token, or an address with a token or a code; `None` if the text is blank.
    pub fn parse(text: &str) -> Option<Self> {
        let secret = |text: &str| Rc::new(Zeroizing::new(text.trim().to_owned()));
        let credential = match (text.rsplit_once(CODE), text.rsplit_once(TOKEN)) {
            (Some((_, code)), _) => Self::Code(secret(code)),
            (None, Some((_, token))) => Self::Token(secret(token)),
            (None, None) => Self::Token(secret(text)),
        };
        (!credential.secret().is_empty()).then_some(credential)
    }

    /// For a page behind a proxy that signs people in.
    pub fn of_proxy() -> Self {
        Self::Proxy(Rc::default())
    }

    /// The token or the code.
    pub fn secret(&self) -> &Rc<Zeroizing<String>> {
        match self {
            Self::Token(secret) | Self::Code(secret) | Self::Proxy(secret) => secret,
        }
    }
}

/// Cleans addresses before the router reads them: removes credentials, and makes other hashes valid paths.
#[derive(Clone)]
pub struct AddressBar(Rc<FoundCredentials>);

#[derive(Default)]
struct FoundCredentials {
    waiting: RefCell<Option<Credential>>,
    on_credential: RefCell<Option<Callback<Credential>>>,
}

impl PartialEq for AddressBar {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl AddressBar {
    /// Cleans the current address and every later one that is typed or pasted. Call it before the router
    /// starts, so that its listener runs first.
    #[must_use]
    pub fn take_over() -> Self {
        let found = Rc::new(FoundCredentials::default());
        clean(&found);
        if let Some(window) = web_sys::window() {
            let found = Rc::clone(&found);
            listen(&window, "popstate", move |_: Event| clean(&found));
        }
        Self(found)
    }

    /// Calls `on_credential` with each credential found in an address, including earlier ones.
    pub fn listen(&self, on_credential: Callback<Credential>) {
        if let Some(credential) = self.0.waiting.take() {
            on_credential.emit(credential);
        }
        self.0.on_credential.replace(Some(on_credential));
    }
}

fn clean(found: &FoundCredentials) {
    let Some((hash, window)) =
        web_sys::window().and_then(|window| Some((window.location().hash().ok()?, window)))
    else {
        return;
    };
    let has_secret = [CODE, TOKEN].iter().any(|mark| hash.starts_with(mark));
    let decoded = js_sys::decode_uri_component(&hash).map_or_else(|_| hash.clone(), String::from);
    let credential = has_secret.then(|| Credential::parse(&decoded)).flatten();
    let clean = match has_secret {
        true => "#/".to_owned(),
        false => absolute(&hash),
    };
    if clean != hash
        && let Ok(history) = window.history()
    {
        // The address is same-origin, so the browser accepts it.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&clean));
    }
    let Some(credential) = credential else { return };
    let on_credential = found.on_credential.borrow().clone();
    match on_credential {
        Some(on_credential) => on_credential.emit(credential),
        None => drop(found.waiting.replace(Some(credential))),
    }
}

/// Converts a hash to an absolute path, as the router requires. Several leading slashes would denote a
/// host.
fn absolute(hash: &str) -> String {
    let path = hash.trim_start_matches('#').trim_start_matches(['/', '\\']);
    format!("#/{path}")
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_bare_token_or_a_printed_address_is_read() {
        let token = |text: &str| Credential::Token(Rc::new(Zeroizing::new(text.to_owned())));
        let code = |text: &str| Credential::Code(Rc::new(Zeroizing::new(text.to_owned())));
        for (text, expected) in [
            (" abc\n", Some(token("abc"))),
            ("http://127.0.0.1:8080/#token=abc", Some(token("abc"))),
            ("http://127.0.0.1:8080/#code=abc ", Some(code("abc"))),
            ("  ", None),
            ("#code=", None),
        ] {
            assert!(Credential::parse(text) == expected, "{text}");
        }
    }

    #[test]
    fn every_hash_becomes_an_absolute_path() {
        for (hash, clean) in [
            ("", "#/"),
            ("#/keys?q=a", "#/keys?q=a"),
            ("#constructor", "#/constructor"),
            ("#//evil.example", "#/evil.example"),
            ("#/\\evil", "#/evil"),
        ] {
            assert_eq!(absolute(hash), clean, "{hash}");
        }
    }

    #[test]
    fn links_include_path_and_query() {
        let query = Query {
            project: Some("project-e00a".to_owned()),
            q: Some("a b&c".to_owned()),
            ..Query::default()
        };
        assert_eq!(
            href(&Route::Keys, &query),
            "#/keys?project=project-e00a&q=a+b%26c"
        );
        let key = Route::Key {
            id: "publickey-e00a".to_owned(),
        };
        assert_eq!(href(&key, &Query::default()), "#/keys/publickey-e00a");
    }

    #[test]
    fn unknown_paths_lead_to_create() {
        for path in ["/constructor", "/keys/a/b", "/%00", "/make"] {
            assert_eq!(Route::recognize(path), Some(Route::NotFound), "{path}");
        }
        assert_eq!(Route::NotFound.screen(), Screen::Create);
        let key = Route::recognize("/keys/publickey-e00a").map(|route| route.screen());
        assert_eq!(key, Some(Screen::Keys));
    }
}
