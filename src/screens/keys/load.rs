//! Loads the project's keys page by page, as needed.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    api::{Principal, Problem},
    components::use_response,
    model::key_list::ListedKey,
    session::Session,
    text::lower_case,
};

/// The position of the next page.
#[derive(Clone, PartialEq, Default)]
enum Next {
    #[default]
    First,
    At(String),
    End,
}

/// The keys loaded so far.
#[derive(Clone, Default)]
pub struct Listing {
    keys: Rc<RefCell<Vec<ListedKey>>>,
    /// Incremented on each change of `keys`.
    pub version: u32,
    next: Next,
    /// Whether a page is being loaded.
    pub loading: bool,
    /// Why the last page failed to load.
    pub problem: Option<Problem>,
    /// Whether the user stopped loading.
    pub stopped: bool,
}

/// Events of the list.
pub enum ListingAction {
    Requested,
    /// A page was loaded, with the next page's token.
    Loaded(Vec<ListedKey>, String),
    Failed(Problem),
    Stop,
    Continue,
    Restart,
    /// A key was changed, or removed.
    Changed(String, Option<ListedKey>),
}

impl Reducible for Listing {
    type Action = ListingAction;

    fn reduce(self: Rc<Self>, action: ListingAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            ListingAction::Requested => {
                next.loading = true;
                next.problem = None;
            }
            ListingAction::Loaded(keys, token) => {
                next.keys.borrow_mut().extend(keys);
                next.version += 1;
                next.loading = false;
                next.next = if token.is_empty() {
                    Next::End
                } else {
                    Next::At(token)
                };
            }
            ListingAction::Failed(problem) => {
                next.loading = false;
                next.problem = Some(problem);
            }
            ListingAction::Stop => next.stopped = true,
            ListingAction::Continue => {
                next.stopped = false;
                next.problem = None;
            }
            ListingAction::Restart => {
                next = Self {
                    version: self.version + 1,
                    ..Self::default()
                }
            }
            ListingAction::Changed(id, now) => {
                let mut keys = next.keys.borrow_mut();
                let at = keys.iter().position(|key| key.id == id);
                match (at, now) {
                    (Some(at), Some(now)) => keys[at] = now,
                    (Some(at), None) => {
                        keys.remove(at);
                    }
                    (None, _) => {}
                }
                drop(keys);
                next.version += 1;
            }
        }
        Rc::new(next)
    }
}

impl Listing {
    /// The keys loaded so far.
    pub fn keys(&self) -> std::cell::Ref<'_, Vec<ListedKey>> {
        self.keys.borrow()
    }

    /// Whether the whole list is loaded.
    pub fn is_complete(&self) -> bool {
        self.next == Next::End
    }

    /// Whether no page is loaded yet.
    pub fn is_initial(&self) -> bool {
        self.next == Next::First
    }
}

/// Loads pages until `needed` keys are loaded.
#[hook]
pub fn use_listing(
    session: &Rc<Session>,
    project_id: &str,
    needed: usize,
) -> UseReducerHandle<Listing> {
    let listing = use_reducer(Listing::default);
    let wants_more = !listing.stopped
        && !listing.loading
        && listing.problem.is_none()
        && !listing.is_complete()
        && listing.keys().len() < needed;
    {
        let (listing, session) = (listing.clone(), Rc::clone(session));
        let project_id = project_id.to_owned();
        use_effect_with((listing.version, wants_more), move |(_, wants_more)| {
            if !wants_more {
                return;
            }
            listing.dispatch(ListingAction::Requested);
            let token = match &listing.next {
                Next::At(token) => token.clone(),
                _ => String::new(),
            };
            let keys = Rc::clone(&listing.keys);
            spawn_local(async move {
                let page = match &session.principal {
                    // A service account may only list its own keys.
                    Principal::ServiceAccount(account) => {
                        let keys = session.api.keys_of(&account.metadata.id).await;
                        keys.map(|keys| (keys, String::new()))
                    }
                    Principal::User { .. } => session.api.keys_page(&project_id, token).await,
                };
                // The list was restarted in the meantime.
                if !Rc::ptr_eq(&keys, &listing.keys) {
                    return;
                }
                listing.dispatch(match page {
                    Ok((keys, next)) => {
                        let listed = keys.into_iter().map(ListedKey::from).collect();
                        ListingAction::Loaded(listed, next)
                    }
                    Err(problem) => ListingAction::Failed(problem),
                });
            });
        });
    }
    listing
}

/// The names of the project's service accounts.
#[derive(PartialEq, Default)]
pub struct Names {
    /// Names by ID, as displayed.
    pub displayed: HashMap<String, String>,
    /// Names by ID, in lower case.
    pub searched: HashMap<String, String>,
}

/// Loads the names; empty until then or if that fails, in which case IDs are displayed.
#[hook]
pub fn use_names(session: &Rc<Session>, project_id: &str) -> Rc<Names> {
    let session = Rc::clone(session);
    let names = use_response(project_id.to_owned(), move |project_id| {
        let project_id = project_id.clone();
        Some(async move {
            let mut read = Names::default();
            let accounts = session.api.service_accounts(&project_id).await;
            for account in accounts.unwrap_or_default() {
                let (id, name) = (&account.metadata.id, &account.metadata.name);
                read.searched.insert(id.clone(), lower_case(name));
                read.displayed.insert(id.clone(), name.clone());
            }
            Rc::new(read)
        })
    });
    (*names).clone().unwrap_or_default()
}
