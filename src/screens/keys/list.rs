//! The list of keys: search, filter, paging, and changes of a key.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use super::{
    load::{Listing, ListingAction, Names, use_listing, use_names},
    table::{RowAction, Table, table},
    unfinished::unfinished,
};
use crate::{
    api::KeyChange,
    components::{
        Announcement, Card, ChangeDialog, Changed, changed_message, retry, set, use_chosen,
        value_of,
    },
    model::{
        key_list::{Column, Filter, ListedKey, Order, Selection, by_name, name_of},
        rotation,
    },
    routes::{self, Query, Route},
    session::Session,
    text::keys as words,
    time,
};

/// The number of rows per page.
const ROWS: usize = 50;

/// Delay before a search is written to the address, in milliseconds: browsers limit how often it may
/// change.
const SETTLED_MS: u32 = 400;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The session that reads and changes keys.
    pub session: Rc<Session>,
    pub project_id: String,
    /// The address's query: the search, the filter and the order.
    pub query: Query,
    /// Changes to reload the list.
    pub visits: u32,
    pub is_visible: bool,
}

impl Selection {
    fn from_query(query: &Query) -> Self {
        let filter = query.show.as_deref().unwrap_or_default();
        let order = query.sort.as_deref().unwrap_or_default();
        Self {
            search: query.q.clone().unwrap_or_default(),
            filter: by_name(&Filter::ALL, filter).unwrap_or_default(),
            order: by_name(&Order::ALL, order).flatten(),
        }
    }

    fn to_query(&self, query: &Query) -> Query {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Query {
            q: some(self.search.trim()),
            show: (self.filter != Filter::All)
                .then(|| name_of(&Filter::ALL, &self.filter).to_owned()),
            sort: some(name_of(&Order::ALL, &self.order)),
            ..query.clone()
        }
    }
}

/// The search, the filter and the order. A changed address sets them, and once they settle, they're written to
/// the address.
#[hook]
fn use_selection(props: &Props) -> UseStateHandle<Selection> {
    let selection = use_state(|| Selection::from_query(&props.query));
    let written = use_mut_ref(|| selection.to_query(&props.query));
    let navigator = use_navigator();
    {
        let (selection, written) = (selection.clone(), Rc::clone(&written));
        let query = props.query.clone();
        let named = (query.q.clone(), query.show.clone(), query.sort.clone());
        let key = (named, props.is_visible, props.visits);
        use_effect_with(key, move |(_, is_visible, _)| {
            let last = written.borrow().clone();
            let is_other =
                (&query.q, &query.show, &query.sort) != (&last.q, &last.show, &last.sort);
            if *is_visible && is_other {
                let next = Selection::from_query(&query);
                written.replace(next.to_query(&query));
                selection.set(next);
            }
        });
    }
    let query = props.query.clone();
    // Not while another screen or a key's page is visible.
    let is_here = use_route::<Route>() == Some(Route::Keys);
    use_effect_with(
        ((*selection).clone(), is_here),
        move |(selection, is_here)| {
            let next = selection.to_query(&query);
            let timer = (*is_here && next != query)
                .then_some(navigator)
                .flatten()
                .map(|navigator| {
                    Timeout::new(SETTLED_MS, move || {
                        if routes::replace(&navigator, &Route::Keys, &next) {
                            written.replace(next);
                        }
                    })
                });
            move || drop(timer)
        },
    );
    selection
}

/// The list, below the unfinished rotations.
#[component]
pub fn KeyList(props: &Props) -> Html {
    let selection = use_selection(props);
    // The table's headers sort, too.
    let order_list = use_chosen(name_of(&Order::ALL, &selection.order));
    let filter_list = use_chosen(name_of(&Filter::ALL, &selection.filter));
    let part = use_state(|| 0_usize);
    let wants_all = use_state(|| false);
    let pending = use_state(|| None::<(ListedKey, KeyChange)>);
    let message = use_state(String::new);
    let navigator = use_navigator();
    let needed = if selection.needs_all() || *wants_all {
        usize::MAX
    } else {
        (*part + 1) * ROWS + 1
    };
    let listing = use_listing(&props.session, &props.project_id, needed);
    let names = use_names(&props.session, &props.project_id);
    {
        let listing = listing.clone();
        let reasons = (props.visits, props.is_visible, Rc::clone(&props.session));
        use_effect_with(reasons, move |(_, is_visible, _)| {
            if *is_visible && (!listing.is_initial() || listing.problem.is_some()) {
                listing.dispatch(ListingAction::Restart);
            }
        });
    }
    let rotations = {
        let listing = listing.clone();
        use_memo(listing.version, move |_| {
            rotation::unfinished(&listing.keys())
        })
    };
    let now_s = time::now_s();
    let found = {
        let (listing, names) = (listing.clone(), Rc::clone(&names));
        use_memo(
            (listing.version, (*selection).clone(), names.searched.len()),
            move |(_, selection, _)| selection.apply(&listing.keys(), &names.searched, now_s),
        )
    };
    let parts = found.len().div_ceil(ROWS).max(1);
    // A filter may leave fewer pages than the current page's number.
    let at = (*part).min(parts - 1);
    let keys = listing.keys();
    let rows: Vec<&ListedKey> = found
        .iter()
        .skip(at * ROWS)
        .take(ROWS)
        .filter_map(|place| keys.get(*place))
        .collect();
    let refresh = {
        let (listing, message) = (listing.clone(), message.clone());
        Callback::from(move |_: MouseEvent| {
            message.set(String::new());
            listing.dispatch(ListingAction::Restart);
        })
    };
    let on_sort = changing(&selection, &part, |next, column: Column| {
        let ascending = !matches!(next.order, Some(now) if now.column == column && now.ascending);
        next.order = Some(Order { column, ascending });
    });
    let on_action = {
        let (pending, query) = (pending.clone(), props.query.scope());
        Callback::from(move |(key, action): (ListedKey, RowAction)| match action {
            RowAction::Change(change) => pending.set(Some((key, change))),
            RowAction::Rotate => {
                let query = Query {
                    replaces: Some(key.id),
                    ..query.clone()
                };
                if let Some(navigator) = &navigator {
                    routes::go(navigator, &Route::Create, &query);
                }
            }
        })
    };
    let choose_filter = changing(&selection, &part, |next, event: Event| {
        next.filter = by_name(&Filter::ALL, &value_of(&event)).unwrap_or_default();
    });
    let choose_order = changing(&selection, &part, |next, event: Event| {
        next.order = by_name(&Order::ALL, &value_of(&event)).flatten();
    });
    let on_search = changing(&selection, &part, |next, event: InputEvent| {
        next.search = value_of(&event);
    });
    let find_rotations = set::<MouseEvent, _>(&wants_all, true);
    let turn = |to: usize| set::<MouseEvent, _>(&part, to);
    html! {
        <>
        { unfinished(&rotations, &names, &props.query) }
        <Card id="keys" title={words::TITLE}>
            <div class="fields">
                <div>
                    <label for="key-search">{ words::SEARCH }</label>
                    <input id="key-search" type="search" autocomplete="off" spellcheck="false"
                        placeholder={words::SEARCH_HINT}
                        value={selection.search.clone()} oninput={on_search} />
                </div>
                <div>
                    <label for="key-filter">{ words::SHOW }</label>
                    <select id="key-filter" ref={filter_list} onchange={choose_filter}>
                        { for Filter::ALL.iter().map(|(filter, name, label)| html! {
                            <option value={*name} selected={*filter == selection.filter}>{ *label }</option>
                        }) }
                    </select>
                </div>
                <div>
                    <label for="key-order">{ words::SORT }</label>
                    <select id="key-order" ref={order_list} onchange={choose_order}>
                        { for Order::ALL.iter().map(|(each, name, label)| html! {
                            <option value={*name} selected={*each == selection.order}>{ *label }</option>
                        }) }
                    </select>
                </div>
            </div>
            { progress(&listing) }
            <p id="key-count" class="hint" role="status">
                { counted(&listing, found.len(), !selection.is_filtered(), at) }
            </p>
            if !message.is_empty() {
                // Takes the focus if the row that had it is gone.
                <Announcement key={(*message).clone()} id="key-said" class="success">
                    { (*message).clone() }
                </Announcement>
            }
            if !rows.is_empty() {
                { table(&Table { keys: &rows, names: &names, order: selection.order, now_s,
                    query: &props.query, policy: &props.session.policy,
                    project_id: &props.project_id, on_sort, on_action }) }
            }
            <div class="row wrapped">
                if parts > 1 || !listing.is_complete() && found.len() > ROWS {
                    <button type="button" id="previous-keys" class="quiet" disabled={at == 0}
                        onclick={turn(at.saturating_sub(1))}>{ words::PREVIOUS }</button>
                    <button type="button" id="next-keys" class="quiet" disabled={at + 1 >= parts}
                        onclick={turn(at + 1)}>{ words::NEXT }</button>
                }
                // A problem offers to try again.
                if listing.problem.is_none() {
                    <button type="button" id="refresh-keys" class="quiet" onclick={refresh}>
                        { words::REFRESH }
                    </button>
                }
                if !listing.is_complete() && !*wants_all && !listing.is_initial() {
                    <button type="button" id="find-rotations" class="quiet" onclick={find_rotations}>
                        { words::FIND_ROTATIONS }
                    </button>
                }
            </div>
            if let Some((key, change)) = &*pending {
                { dialog(props, &listing, &names, key, *change, &pending, &message) }
            }
        </Card>
        </>
    }
}

/// A callback that changes the selection and displays its first page.
fn changing<T: 'static>(
    selection: &UseStateHandle<Selection>,
    part: &UseStateHandle<usize>,
    change: fn(&mut Selection, T),
) -> Callback<T> {
    let (selection, part) = (selection.clone(), part.clone());
    Callback::from(move |value: T| {
        let mut next = (*selection).clone();
        change(&mut next, value);
        selection.set(next);
        part.set(0);
    })
}

fn progress(listing: &UseReducerHandle<Listing>) -> Html {
    let act = |action: fn() -> ListingAction| {
        let listing = listing.clone();
        Callback::from(move |_: MouseEvent| listing.dispatch(action()))
    };
    if let Some(problem) = &listing.problem {
        return retry(problem, "more-keys", act(|| ListingAction::Continue));
    }
    if listing.stopped && !listing.is_complete() {
        return html! {
            <button type="button" id="more-keys" class="quiet" onclick={act(|| ListingAction::Continue)}>
                { words::READ_REST }
            </button>
        };
    }
    if listing.loading && !listing.is_initial() {
        return html! {
            <button type="button" id="stop-keys" class="quiet" onclick={act(|| ListingAction::Stop)}>
                { words::STOP_READING }
            </button>
        };
    }
    html! {}
}

/// The number of keys, as far as it's known.
fn counted(listing: &Listing, found: usize, is_plain: bool, at: usize) -> String {
    if listing.is_initial() {
        return if listing.problem.is_some() {
            String::new()
        } else {
            words::LOADING.to_owned()
        };
    }
    let read = listing.keys().len();
    let rows = (found > ROWS).then(|| (at * ROWS + 1, ((at + 1) * ROWS).min(found)));
    words::counted(read, found, listing.is_complete(), is_plain, rows)
}

fn dialog(
    props: &Props,
    listing: &UseReducerHandle<Listing>,
    names: &Names,
    key: &ListedKey,
    change: KeyChange,
    pending: &UseStateHandle<Option<(ListedKey, KeyChange)>>,
    message: &UseStateHandle<String>,
) -> Html {
    let account = names.displayed.get(&key.account_id).cloned();
    let on_close = set(pending, None);
    let on_changed = {
        let (pending, message, listing) = (pending.clone(), message.clone(), listing.clone());
        let (session, id) = (Rc::clone(&props.session), key.id.clone());
        Callback::from(move |changed: Changed| {
            pending.set(None);
            let (listing, session, id) = (listing.clone(), Rc::clone(&session), id.clone());
            let message = message.clone();
            spawn_local(async move {
                let now = match changed {
                    Changed::Gone => None,
                    Changed::Done { .. } => Some(session.api.key(&id).await),
                };
                listing.dispatch(match now {
                    Some(Ok(key)) => ListingAction::Changed(id.clone(), Some(key.into())),
                    // The change succeeded; only the row is out of date.
                    Some(Err(problem)) if !problem.is_not_found() => ListingAction::Restart,
                    // The API no longer returns deleted keys.
                    _ => ListingAction::Changed(id.clone(), None),
                });
                message.set(changed_message(changed, &id));
            });
        })
    };
    html! {
        <ChangeDialog session={Rc::clone(&props.session)} subject={key.clone()}
            account={account.unwrap_or_default()} {change} {on_changed} {on_close} />
    }
}
