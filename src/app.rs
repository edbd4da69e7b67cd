//! The page's root: the header, the sign-in and the current screen.

use std::{cell::RefCell, rc::Rc};

use keyside_engine::StartWorker;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Element, HtmlDialogElement, HtmlElement};
use yew::prelude::*;
use yew_router::prelude::*;

use crate::{
    api::Endpoint,
    components::{Alert, Identity, SignIn, use_kept_focus},
    events::listen,
    routes::{self, AddressBar, Credential, Query, Route, Screen, href, use_query},
    screens::{ScreenProps, create::CreateScreen, inspect::InspectScreen, keys::KeysScreen},
    session::{Workspace, WorkspaceAction, WorkspaceHandle, sign_in},
    text,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// Provides the access tokens found in addresses.
    pub address_bar: AddressBar,
    /// Starts a key worker.
    pub start_worker: StartWorker,
}

/// The whole page.
#[component]
pub fn App(props: &Props) -> Html {
    html! {
        <HashRouter>
            <Page address_bar={props.address_bar.clone()} start_worker={props.start_worker.clone()} />
        </HashRouter>
    }
}

#[component]
fn Page(props: &Props) -> Html {
    let workspace = use_reducer(Workspace::default);
    let route = use_route::<Route>().unwrap_or(Route::NotFound);
    let query = use_query();
    let main = use_node_ref();
    use_config(&workspace, &props.address_bar);
    use_address_sync(&workspace, &route, &query);
    use_drop_guard();
    use_kept_focus(main.clone());
    let screens = use_screens(&main, &route, &query);
    let screens = screens.iter().map(|visited| {
        let screen = ScreenProps {
            route: visited.route.clone(),
            query: visited.query.clone(),
            visits: visited.visits,
            start_worker: props.start_worker.clone(),
        };
        let content = match visited.route.screen() {
            Screen::Create => html! { <CreateScreen ..screen /> },
            Screen::Keys => html! { <KeysScreen ..screen /> },
            Screen::Inspect => html! { <InspectScreen ..screen /> },
        };
        let name = visited.route.screen().name();
        // Keyed, so that a screen's first visit doesn't replace another screen.
        html! { <key={name}>{ create_portal(content, visited.place.clone()) }</> }
    });
    // In its own fragment, because keyed items need a list to themselves.
    let screens = html! { <>{ for screens }</> };
    let content = match &workspace.endpoint {
        None => html! { <p role="status">{ text::LOADING }</p> },
        Some(Err(why)) => html! { <Alert text={why.clone()} /> },
        Some(Ok(_)) => html! {
            <>
                <SignIn />
                if route == Route::NotFound {
                    <p id="not-found" role="status">{ text::NO_SUCH_ADDRESS }</p>
                }
                <div id="screen"></div>
                { screens }
            </>
        },
    };
    html! {
        <ContextProvider<WorkspaceHandle> context={workspace.clone()}>
            <header>
                <div class="bar">
                    <h1>{ text::NAME }</h1>
                    { navigation(&workspace, route.screen(), &query) }
                    <Identity />
                </div>
            </header>
            <main id="page" ref={main} tabindex="-1">{ content }</main>
        </ContextProvider<WorkspaceHandle>>
    }
}

/// Links to the screens that keep the tenant and project.
fn navigation(workspace: &Workspace, current: Screen, query: &Query) -> Html {
    let place = in_workspace(workspace, &query.scope());
    let link = |route: Route| {
        let name = route.screen().name();
        let is_current = (route.screen() == current).then_some("page");
        html! { <a href={href(&route, &place)} aria-current={is_current}>{ name }</a> }
    };
    html! {
        <nav aria-label={text::SCREENS}>
            { link(Route::Create) }
            { link(Route::Keys) }
            { link(Route::Inspect) }
        </nav>
    }
}

/// The query with the workspace's tenant and project, once they're known.
fn in_workspace(workspace: &Workspace, query: &Query) -> Query {
    let mut query = query.clone();
    if let (Some(session), Some(_)) = (workspace.session(), &workspace.project_id) {
        query.tenant = workspace
            .tenant_id
            .clone()
            .filter(|_| session.tenants.len() > 1);
        query.project = workspace.project_id.clone();
    }
    query
}

/// Loads config.json, then signs in: without a token behind a proxy that does it, or else with tokens found in
/// addresses.
#[hook]
fn use_config(workspace: &WorkspaceHandle, address_bar: &AddressBar) {
    {
        let workspace = workspace.clone();
        use_effect_with((), move |()| {
            wasm_bindgen_futures::spawn_local(async move {
                workspace.dispatch(WorkspaceAction::Endpoint(Endpoint::read().await));
            });
        });
    }
    let is_ready = workspace.usable_endpoint().is_some();
    let (workspace, address_bar) = (workspace.clone(), address_bar.clone());
    use_effect_with(is_ready, move |is_ready| {
        if workspace
            .usable_endpoint()
            .is_some_and(|endpoint| endpoint.signs_in_at_proxy)
        {
            sign_in(&workspace, Credential::of_proxy());
        } else if *is_ready {
            address_bar.listen(Callback::from(move |credential| {
                sign_in(&workspace, credential);
            }));
        }
    });
}

/// Syncs the tenant and project with the address: a new address changes them, and a choice on the page
/// changes the address.
#[hook]
fn use_address_sync(workspace: &WorkspaceHandle, route: &Route, query: &Query) {
    // The place last written to the address; reading it back is no change, even if the choice has moved on.
    let written = use_mut_ref(|| None::<Query>);
    {
        let (workspace, written) = (workspace.clone(), Rc::clone(&written));
        use_effect_with(query.scope(), move |place| {
            let is_own = written.borrow().as_ref() == Some(place);
            if !is_own && place.project.is_some() && place.project != workspace.project_id {
                written.replace(None);
                workspace.dispatch(WorkspaceAction::Scope {
                    tenant_id: place.tenant.clone(),
                    project_id: place.project.clone(),
                });
            }
        });
    }
    let navigator = use_navigator();
    let (route, now) = (route.clone(), query.clone());
    let wanted = in_workspace(workspace, query);
    let place = (wanted.scope(), route == Route::Home);
    use_effect_with(place, move |(_, is_home)| {
        let route = match route {
            Route::Home => Route::Create,
            route => route,
        };
        if let Some(navigator) = navigator
            && (wanted != now || *is_home)
            && route != Route::NotFound
            && routes::replace(&navigator, &route, &wanted)
        {
            written.replace(Some(wanted.scope()));
        }
    });
}

/// A visited screen. It keeps running while another screen is displayed, detached from the document.
#[derive(Clone)]
struct Visited {
    route: Route,
    query: Query,
    /// How many times it was opened.
    visits: u32,
    place: Element,
}

/// The visited screens. The current one is attached to `#screen`, and focus moves to its start.
#[hook]
fn use_screens(main: &NodeRef, route: &Route, query: &Query) -> Vec<Visited> {
    let visited: Rc<RefCell<Vec<Visited>>> = use_mut_ref(Vec::new);
    let last = use_mut_ref(|| None::<Screen>);
    let screen = route.screen();
    let is_new = last.replace(Some(screen)) != Some(screen);
    let mut all = visited.borrow_mut();
    match all.iter_mut().find(|each| each.route.screen() == screen) {
        Some(again) => {
            again.route = route.clone();
            again.query = query.clone();
            again.visits += u32::from(is_new);
        }
        None => {
            let document = web_sys::window().and_then(|window| window.document());
            if let Some(place) = document.and_then(|document| document.create_element("div").ok()) {
                all.push(Visited {
                    route: route.clone(),
                    query: query.clone(),
                    visits: 1,
                    place,
                });
            }
        }
    }
    let place = all
        .iter()
        .find(|each| each.route.screen() == screen)
        .map(|each| each.place.clone());
    let main = main.clone();
    let is_first = use_mut_ref(|| true);
    // After every render: `#screen` appears only once config.json is loaded.
    use_effect(move || {
        if let (Some(main), Some(place)) = (main.cast::<HtmlElement>(), place)
            && !place.is_connected()
        {
            show(&main, &place, screen, is_first.replace(false));
        }
    });
    all.clone()
}

fn show(main: &HtmlElement, place: &Element, screen: Screen, is_first: bool) -> Option<()> {
    let document = web_sys::window()?.document()?;
    document.set_title(&text::title(screen.name()));
    document
        .get_element_by_id("screen")?
        .replace_children_with_node_1(place);
    // A dialog that was detached from the document is no longer modal.
    let dialogs = place.query_selector_all("dialog[open]").ok()?;
    for at in 0..dialogs.length() {
        if let Some(Ok(dialog)) = dialogs.item(at).map(JsCast::dyn_into::<HtmlDialogElement>) {
            // Neither fails for an open dialog.
            dialog.remove_attribute("open").ok()?;
            dialog.show_modal().ok()?;
        }
    }
    if !is_first {
        // The new screen's content starts here, so this focus is final.
        main.remove_attribute(crate::components::KEEPS_PLACE).ok()?;
        main.focus().ok()?;
    }
    Some(())
}

/// Stops the browser from opening a file that is dropped outside a drop zone.
#[hook]
fn use_drop_guard() {
    use_effect_with((), |()| {
        let Some(window) = web_sys::window() else {
            return;
        };
        let ignore = |event: DragEvent| {
            let Some(data) = event.data_transfer().filter(|_| !event.default_prevented()) else {
                return;
            };
            if data.types().includes(&"Files".into(), 0) {
                event.prevent_default();
                data.set_drop_effect("none");
            }
        };
        listen(&window, "dragover", ignore);
        listen(&window, "drop", ignore);
    });
}
