//! Reads the project's keys page by page, as far as they are needed.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    api::{Problem, Who},
    components::use_answer,
    model::key_list::ListedKey,
    session::Session,
    text::lower_case,
};

/// Where the next page is.
#[derive(Clone, PartialEq, Default)]
enum Next {
    #[default]
    First,
    At(String),
    End,
}

/// What was read so far.
#[derive(Clone, Default)]
pub struct Listing {
    keys: Rc<RefCell<Vec<ListedKey>>>,
    /// Counts the changes of `keys`.
    pub version: u32,
    next: Next,
    /// A page is on its way.
    pub loading: bool,
    /// Why the last one did not come.
    pub problem: Option<Problem>,
    /// The person wants no more of it.
    pub stopped: bool,
}

/// What can happen to it.
pub enum ListingAction {
    /// A page was asked for.
    Asked,
    /// A page came, and where the next one is.
    Came(Vec<ListedKey>, String),
    /// It did not.
    Failed(Problem),
    /// No more, for now.
    Stop,
    /// Continue.
    Continue,
    /// From the beginning.
    Restart,
    /// One key is as this now, or gone.
    Changed(String, Option<ListedKey>),
}

impl Reducible for Listing {
    type Action = ListingAction;

    fn reduce(self: Rc<Self>, action: ListingAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            ListingAction::Asked => {
                next.loading = true;
                next.problem = None;
            }
            ListingAction::Came(keys, token) => {
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
    /// The keys so far.
    #[must_use]
    pub fn keys(&self) -> std::cell::Ref<'_, Vec<ListedKey>> {
        self.keys.borrow()
    }

    /// Whether the whole list is here.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.next == Next::End
    }

    /// Whether nothing came yet.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.next == Next::First
    }
}

/// Reads on while fewer keys than `needed` are there.
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
        && !listing.is_whole()
        && listing.keys().len() < needed;
    // A page that comes after the list was begun anew is none of the new one.
    let current = use_mut_ref(|| Rc::clone(&listing.keys));
    current.replace(Rc::clone(&listing.keys));
    {
        let (listing, session) = (listing.clone(), Rc::clone(session));
        let project_id = project_id.to_owned();
        use_effect_with((listing.version, wants_more), move |(_, wants_more)| {
            if !wants_more {
                return;
            }
            listing.dispatch(ListingAction::Asked);
            let token = match &listing.next {
                Next::At(token) => token.clone(),
                _ => String::new(),
            };
            spawn_local(async move {
                let page = match &session.who {
                    // A service account may list its own keys alone.
                    Who::ServiceAccount(account) => {
                        let keys = session.api.keys_of(&account.metadata.id).await;
                        keys.map(|keys| (keys, String::new()))
                    }
                    Who::User { .. } => session.api.keys_page(&project_id, token).await,
                };
                if !Rc::ptr_eq(&current.borrow(), &listing.keys) {
                    return;
                }
                listing.dispatch(match page {
                    Ok((keys, next)) => {
                        let listed = keys
                            .into_iter()
                            .map(|key| ListedKey::new(key, lower_case))
                            .collect();
                        ListingAction::Came(listed, next)
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
    /// By id, as they are.
    pub shown: HashMap<String, String>,
    /// By id, in lower case.
    pub searched: HashMap<String, String>,
}

/// Reads them; empty until they are there, and when they cannot be had, as ids do without.
#[hook]
pub fn use_names(session: &Rc<Session>, project_id: &str) -> Rc<Names> {
    let session = Rc::clone(session);
    let names = use_answer(project_id.to_owned(), move |project_id| {
        let project_id = project_id.clone();
        Some(async move {
            let mut read = Names::default();
            let accounts = session.api.service_accounts(&project_id).await;
            for account in accounts.unwrap_or_default() {
                let (id, name) = (&account.metadata.id, &account.metadata.name);
                read.searched.insert(id.clone(), lower_case(name));
                read.shown.insert(id.clone(), name.clone());
            }
            Rc::new(read)
        })
    });
    (*names).clone().unwrap_or_default()
}
