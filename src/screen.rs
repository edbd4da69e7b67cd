//! What every screen has: its state, the connection that it shares with the others, and the question
//! before a key is lost.

use std::rc::Rc;

use keyside_engine::StartWorker;
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::BeforeUnloadEvent;
use yew::prelude::*;

use crate::{
    api::Endpoint,
    connect::connect,
    link::{About, Link, News, Shared},
    state::{Action, App, Connection, Session, State},
    ui::Alert,
};

/// What a screen starts with.
#[derive(Properties, PartialEq)]
pub struct ScreenProps {
    /// To the rest of the page.
    pub link: Link,
    /// The session of the other screens.
    pub shared: Shared,
    /// Starts a key worker.
    pub start_worker: StartWorker,
}

/// A screen's state. `on_shown` is called each time it is shown.
#[hook]
pub fn use_screen(props: &ScreenProps, on_shown: Callback<Option<About>>) -> App {
    let app = use_reducer(State::default);
    {
        let (app, shared) = (app.clone(), props.shared.clone());
        use_effect_with((), move |()| {
            spawn_local(async move {
                let endpoint = Endpoint::read().await;
                if let Ok(endpoint) = &endpoint {
                    take(&app, endpoint, &shared);
                }
                app.dispatch(Action::Endpoint(endpoint));
            });
        });
    }
    {
        let app = app.clone();
        props.link.listen(Callback::from(move |news| match news {
            News::Session(shared) => {
                if let Some(Ok(endpoint)) = &app.endpoint {
                    take(&app, endpoint, &shared);
                }
            }
            News::Shown(about) => on_shown.emit(about),
        }));
    }
    {
        let link = props.link.clone();
        let is_settled = matches!(app.connection, Connection::Connected(_) | Connection::None)
            && app.endpoint.is_some();
        let shared = is_settled.then(|| Shared::of(&app));
        let was_connected = use_mut_ref(|| false);
        use_effect_with(shared, move |shared| {
            // A screen that is only starting has nothing to say yet.
            if let Some(shared) = shared
                && (shared.token.is_some() || *was_connected.borrow())
            {
                was_connected.replace(shared.token.is_some());
                link.share(shared);
            }
        });
    }
    // A new key that is on its way becomes known here only once it has arrived.
    let at_stake = app.has_unsaved_key() || app.uploading;
    use_effect_with(at_stake, move |at_stake| {
        let guard = at_stake.then(Guard::new).flatten();
        move || drop(guard)
    });
    app
}

/// Counts how often a screen was shown, for what is read anew each time; and what does the counting.
#[hook]
pub fn use_shown() -> (u32, Callback<Option<About>>) {
    let shown = use_state(|| 0_u32);
    let on_shown = {
        let shown = shown.clone();
        Callback::from(move |_| shown.set(*shown + 1))
    };
    (*shown, on_shown)
}

/// The session, or the last one there was: work under way is not lost with the connection.
#[hook]
pub fn use_last_session(app: &App) -> Option<Rc<Session>> {
    let last = use_mut_ref(|| None::<Rc<Session>>);
    if let Some(session) = app.session() {
        last.replace(Some(Rc::clone(session)));
    }
    last.take().inspect(|session| {
        last.replace(Some(Rc::clone(session)));
    })
}

/// Makes the session of another screen this one's.
fn take(app: &App, endpoint: &Endpoint, shared: &Shared) {
    let own = Shared::of(app);
    if own == *shared {
        return;
    }
    app.dispatch(Action::Place {
        tenant_id: shared.tenant_id.clone(),
        project_id: shared.project_id.clone(),
    });
    match &shared.token {
        _ if own.token == shared.token => {}
        Some(token) => connect(app, endpoint.clone(), token.as_str()),
        None => app.dispatch(Action::Connection(Connection::None)),
    }
}

/// A screen's content, once it is known where the API is.
pub fn once_ready(app: &App, content: impl FnOnce() -> Html) -> Html {
    match &app.endpoint {
        None => html! { <p role="status">{ "Loading Keyside…" }</p> },
        Some(Err(why)) => html! { <Alert text={why.clone()} /> },
        Some(Ok(_)) => content(),
    }
}

/// Asks before the page is left; asks no more when dropped.
struct Guard(Closure<dyn Fn(BeforeUnloadEvent)>);

impl Guard {
    fn new() -> Option<Self> {
        let ask = Closure::<dyn Fn(BeforeUnloadEvent)>::new(|event: BeforeUnloadEvent| {
            event.prevent_default();
            // Browsers show words of their own; older ones want a text to show them at all.
            event.set_return_value("unsaved private key");
        });
        web_sys::window()?
            .add_event_listener_with_callback("beforeunload", ask.as_ref().unchecked_ref())
            .ok()?;
        Some(Self(ask))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            // Removing a listener cannot fail.
            let _ = window.remove_event_listener_with_callback(
                "beforeunload",
                self.0.as_ref().unchecked_ref(),
            );
        }
    }
}
