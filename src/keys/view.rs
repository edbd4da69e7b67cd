//! The list itself: search, filter, one part of it at a time, and what is done with a key.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{
    change::ChangeDialog,
    list::{Column, ListedKey, Order, Question, Shown},
    load::{Listing, ListingAction, Names, use_listing, use_names},
    table::{RowAction, Table, table},
};
use crate::{
    api::KeyChange,
    link::{About, Link},
    state::{ChosenAccount, Session},
    text::{self, count, number},
    time,
    ui::{Arrival, ProblemView, lower_case, use_chosen, value_of},
};

/// Rows that are drawn at once.
const ROWS: usize = 50;

/// See [`KeysView`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Who asks.
    pub session: Rc<Session>,
    /// Whose keys.
    pub project_id: String,
    /// Changes each time the screen is shown.
    pub shown: u32,
    /// The key that is looked for, if another screen says so.
    pub wanted: Option<String>,
    /// To the other screens.
    pub link: Link,
}

/// See the module.
#[component]
pub fn KeysView(props: &Props) -> Html {
    let search = use_state(String::new);
    let filter = use_state(Shown::default);
    let order = use_state(|| None::<Order>);
    // The table's heads sort, too.
    let order_list = use_chosen(order_name(*order));
    let part = use_state(|| 0_usize);
    let asked = use_state(|| None::<(ListedKey, KeyChange)>);
    let said = use_state(String::new);
    let question = Question {
        search: lower_case(search.trim()),
        shown: *filter,
        order: *order,
    };
    let needed = if question.needs_all() {
        usize::MAX
    } else {
        (*part + 1) * ROWS + 1
    };
    let listing = use_listing(&props.session, &props.project_id, needed);
    let names = use_names(&props.session, &props.project_id);
    {
        let listing = listing.clone();
        use_effect_with(props.shown, move |_| {
            if !listing.is_untouched() {
                listing.dispatch(ListingAction::Anew);
            }
        });
    }
    {
        let (search, part) = (search.clone(), part.clone());
        use_effect_with((props.shown, props.wanted.clone()), move |(_, wanted)| {
            if let Some(wanted) = wanted {
                search.set(wanted.clone());
                part.set(0);
            }
        });
    }
    let now_s = time::now_s();
    let found = {
        let (listing, names) = (listing.clone(), Rc::clone(&names));
        use_memo(
            (listing.version, question, names.searched.len()),
            move |(_, question, _)| question.answer(&listing.keys(), &names.searched, now_s),
        )
    };
    let parts = found.len().div_ceil(ROWS).max(1);
    // A filter may have left fewer parts than the one that was looked at.
    let at = (*part).min(parts - 1);
    let keys = listing.keys();
    let rows: Vec<&ListedKey> = found
        .iter()
        .skip(at * ROWS)
        .take(ROWS)
        .filter_map(|place| keys.get(*place))
        .collect();
    let refresh = {
        let (listing, said) = (listing.clone(), said.clone());
        Callback::from(move |_: MouseEvent| {
            said.set(String::new());
            listing.dispatch(ListingAction::Anew);
        })
    };
    let on_sort = {
        let (order, part) = (order.clone(), part.clone());
        Callback::from(move |column: Column| {
            let ascending = !matches!(*order, Some(now) if now.column == column && now.ascending);
            order.set(Some(Order { column, ascending }));
            part.set(0);
        })
    };
    let on_action = {
        let (asked, link, names) = (asked.clone(), props.link.clone(), Rc::clone(&names));
        let project_id = props.project_id.clone();
        Callback::from(move |(key, action): (ListedKey, RowAction)| match action {
            RowAction::Change(change) => asked.set(Some((key, change))),
            RowAction::Rotate => link.go(
                "rotate",
                &About {
                    account: ChosenAccount {
                        name: names.shown.get(&key.account_id).cloned(),
                        id: key.account_id,
                        project_id: Some(project_id.clone()),
                    },
                    key_id: Some(key.id),
                },
            ),
        })
    };
    let choose_filter = {
        let (filter, part) = (filter.clone(), part.clone());
        Callback::from(move |event: Event| {
            let value = value_of(&event);
            let chosen = Shown::ALL.iter().find(|(_, name, _)| *name == value);
            filter.set(chosen.map(|(shown, _, _)| *shown).unwrap_or_default());
            part.set(0);
        })
    };
    let choose_order = {
        let (order, part) = (order.clone(), part.clone());
        Callback::from(move |event: Event| {
            let value = value_of(&event);
            let chosen = Order::ALL.iter().find(|(_, name, _)| *name == value);
            order.set(chosen.and_then(|(order, _, _)| *order));
            part.set(0);
        })
    };
    let on_search = {
        let (search, part) = (search.clone(), part.clone());
        Callback::from(move |event: InputEvent| {
            search.set(value_of(&event));
            part.set(0);
        })
    };
    let turn = |to: usize| {
        let part = part.clone();
        Callback::from(move |_: MouseEvent| part.set(to))
    };
    let is_plain = *filter == Shown::All && search.trim().is_empty();
    html! {
        <section id="keys" class="step" aria-labelledby="keys-heading">
            <h2 id="keys-heading">{ "Authorized keys of this project" }</h2>
            <div class="fields">
                <div>
                    <label for="key-search">{ "Search" }</label>
                    <input id="key-search" type="search" autocomplete="off" spellcheck="false"
                        placeholder="Id, service account, description, fingerprint"
                        value={(*search).clone()} oninput={on_search} />
                </div>
                <div>
                    <label for="key-filter">{ "Show" }</label>
                    <select id="key-filter" onchange={choose_filter}>
                        { for Shown::ALL.iter().map(|(shown, name, label)| html! {
                            <option value={*name} selected={shown == &*filter}>{ *label }</option>
                        }) }
                    </select>
                </div>
                <div>
                    <label for="key-order">{ "Sort by" }</label>
                    <select id="key-order" ref={order_list} onchange={choose_order}>
                        { for Order::ALL.iter().map(|(each, name, label)| html! {
                            <option value={*name} selected={*each == *order}>{ *label }</option>
                        }) }
                    </select>
                </div>
            </div>
            { progress(&listing) }
            <p id="key-count" class="hint" role="status">
                { counted(&listing, found.len(), is_plain, at) }
            </p>
            if !said.is_empty() {
                // Takes the keyboard's place when the row that had it is gone.
                <Arrival key={(*said).clone()} id="key-said" class="success">
                    { (*said).clone() }
                </Arrival>
            }
            if !rows.is_empty() {
                { table(&Table { keys: &rows, names: &names, order: *order, now_s, on_sort,
                    on_action }) }
            }
            <div class="row wrapped">
                if parts > 1 || !listing.is_whole() && found.len() > ROWS {
                    <button type="button" id="previous-keys" class="quiet" disabled={at == 0}
                        onclick={turn(at.saturating_sub(1))}>{ "Previous" }</button>
                    <button type="button" id="next-keys" class="quiet" disabled={at + 1 >= parts}
                        onclick={turn(at + 1)}>{ "Next" }</button>
                }
                <button type="button" id="refresh-keys" class="quiet" onclick={refresh}>
                    { "Refresh" }
                </button>
            </div>
            if let Some((key, change)) = &*asked {
                { dialog(props, &listing, &names, key, *change, &asked, &said) }
            }
        </section>
    }
}

fn order_name(order: Option<Order>) -> &'static str {
    let found = Order::ALL.iter().find(|(each, _, _)| *each == order);
    found.map_or("", |(_, name, _)| name)
}

fn progress(listing: &UseReducerHandle<Listing>) -> Html {
    let tell = |action: fn() -> ListingAction| {
        let listing = listing.clone();
        Callback::from(move |_: MouseEvent| listing.dispatch(action()))
    };
    if let Some(problem) = &listing.problem {
        return html! {
            <ProblemView problem={problem.clone()}>
                <button type="button" id="more-keys" onclick={tell(|| ListingAction::GoOn)}>
                    { "Try again" }
                </button>
            </ProblemView>
        };
    }
    if listing.stopped && !listing.is_whole() {
        return html! {
            <button type="button" id="more-keys" class="quiet" onclick={tell(|| ListingAction::GoOn)}>
                { "Read the rest" }
            </button>
        };
    }
    if listing.loading && !listing.is_untouched() {
        return html! {
            <button type="button" id="stop-keys" class="quiet" onclick={tell(|| ListingAction::Stop)}>
                { "Stop reading" }
            </button>
        };
    }
    html! {}
}

/// How many there are, as far as it is known.
fn counted(listing: &Listing, found: usize, is_plain: bool, at: usize) -> String {
    let read = listing.keys().len();
    let keys = |n: usize| count(n, "key");
    if listing.is_untouched() {
        return if listing.problem.is_some() {
            String::new()
        } else {
            "Loading keys…".to_owned()
        };
    }
    let (from, to) = (at * ROWS + 1, ((at + 1) * ROWS).min(found));
    let place = if found > ROWS {
        let [from, to] = [from, to].map(number);
        format!(" {from} to {to} are shown.")
    } else {
        String::new()
    };
    let found = number(found);
    match (listing.is_whole(), is_plain) {
        (true, true) if read == 0 => "This project has no key yet.".to_owned(),
        (true, true) => format!("{}.{place}", keys(read)),
        (true, false) => format!("{found} of {}.{place}", keys(read)),
        (false, true) => format!("{} read so far; there are more.{place}", keys(read)),
        (false, false) => format!("{found} of the {} read so far.{place}", keys(read)),
    }
}

fn dialog(
    props: &Props,
    listing: &UseReducerHandle<Listing>,
    names: &Names,
    key: &ListedKey,
    change: KeyChange,
    asked: &UseStateHandle<Option<(ListedKey, KeyChange)>>,
    said: &UseStateHandle<String>,
) -> Html {
    let account = names.shown.get(&key.account_id).cloned();
    let on_close = {
        let asked = asked.clone();
        Callback::from(move |()| asked.set(None))
    };
    let on_done = {
        let (asked, said, listing) = (asked.clone(), said.clone(), listing.clone());
        let (session, id) = (Rc::clone(&props.session), key.id.clone());
        Callback::from(move |change: KeyChange| {
            asked.set(None);
            let (listing, session, id) = (listing.clone(), Rc::clone(&session), id.clone());
            let said = said.clone();
            spawn_local(async move {
                listing.dispatch(match session.api.key(&id).await {
                    Ok(key) => {
                        let now = ListedKey::new(key, lower_case);
                        ListingAction::Changed(id.clone(), Some(now))
                    }
                    // Deleted keys are found no more.
                    Err(problem) if problem.is_not_found() => {
                        ListingAction::Changed(id.clone(), None)
                    }
                    // The change is done; only the row is old. A reading anew mends it.
                    Err(_) => ListingAction::Anew,
                });
                said.set(change.done(&id));
            });
        })
    };
    let on_gone = {
        let (asked, said, listing) = (asked.clone(), said.clone(), listing.clone());
        let id = key.id.clone();
        Callback::from(move |()| {
            asked.set(None);
            listing.dispatch(ListingAction::Changed(id.clone(), None));
            said.set(text::key_gone(&id));
        })
    };
    html! {
        <ChangeDialog session={Rc::clone(&props.session)} key_at_hand={key.clone()}
            account={account.unwrap_or_default()} {change} {on_done} {on_close} {on_gone} />
    }
}
