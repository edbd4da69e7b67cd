//! What the steps share, and how it changes.

use std::rc::Rc;

use keyside_engine::message::{Progress, PublicHalf};
use keyside_iam::{iam::Container, key_lifetime::KeyLifetime};
use yew::{Reducible, UseReducerHandle};
use zeroize::Zeroizing;

use crate::api::{Api, Endpoint, Problem, Who};

/// The state as the components hold it.
pub type App = UseReducerHandle<State>;

/// Whether there is an API, and who we are there.
#[derive(Clone, PartialEq, Default)]
pub enum Connection {
    /// No token yet.
    #[default]
    None,
    /// This token is being tried.
    Connecting(Rc<Zeroizing<String>>),
    /// The token works.
    Connected(Rc<Session>),
    /// It did not work, and why.
    Failed(Problem),
}

/// An accepted access token and what it opens.
pub struct Session {
    /// Calls with the token.
    pub api: Api,
    /// The token itself, for the other screens.
    pub token: Rc<Zeroizing<String>>,
    /// Whose token it is.
    pub who: Who,
    /// To choose from.
    pub tenants: Vec<Container>,
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// The service account that the key is for.
#[derive(Clone, PartialEq)]
pub struct ChosenAccount {
    /// `serviceaccount-…`
    pub id: String,
    /// When it is known.
    pub name: Option<String>,
    /// Its project, when it is known.
    pub project_id: Option<String>,
}

impl ChosenAccount {
    /// Its name, else its id.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name
            .as_deref()
            .filter(|name| !name.is_empty())
            .unwrap_or(&self.id)
    }
}

/// The pair in the worker.
#[derive(Clone, PartialEq, Default)]
pub enum Pair {
    /// None.
    #[default]
    None,
    /// One is being made.
    Making(Progress),
    /// One is there.
    Made(PublicHalf),
    /// None, because making one failed.
    Failed(String),
}

/// An authorized key that has this pair's public key.
#[derive(Clone, PartialEq)]
pub struct Uploaded {
    /// The authorized key's id, the `kid`.
    pub key_id: String,
    /// Whose it is.
    pub service_account_id: String,
    /// To be said beside it.
    pub note: Option<&'static str>,
}

/// See the module.
#[derive(Clone, PartialEq, Default)]
pub struct State {
    /// Where the API is, or what is wrong with config.json; nothing before it was read.
    pub endpoint: Option<Result<Endpoint, String>>,
    /// The API, and who we are there.
    pub connection: Connection,
    /// The tenant of that project.
    pub tenant_id: Option<String>,
    /// The project that new things go to.
    pub project_id: Option<String>,
    /// Whose key it will be.
    pub account: Option<ChosenAccount>,
    /// The pair in the worker.
    pub pair: Pair,
    /// Whether the private key was saved to a file.
    pub saved: bool,
    /// The pair's authorized key.
    pub uploaded: Option<Uploaded>,
    /// Whether the API accepted a proof by it.
    pub proven: bool,
    /// Whether an upload is under way: the account must not change under it.
    pub uploading: bool,
}

/// What can happen.
pub enum Action {
    /// config.json was read.
    Endpoint(Result<Endpoint, String>),
    /// The connection changed.
    Connection(Connection),
    /// A tenant was chosen.
    Tenant(Option<String>),
    /// A project was chosen, or none.
    Project(Option<String>),
    /// Both were chosen on another screen.
    Place {
        /// The tenant.
        tenant_id: Option<String>,
        /// Its project.
        project_id: Option<String>,
    },
    /// A service account was chosen, or none.
    Account(Option<ChosenAccount>),
    /// The pair changed.
    Pair(Pair),
    /// Progress of the pair being made.
    Progress(Progress),
    /// A file with the private key was handed to the browser.
    Saved,
    /// The public key is an authorized key now.
    Uploaded(Uploaded),
    /// The API accepted a proof by the pair's authorized key.
    Proven,
    /// An upload began or ended.
    Uploading(bool),
}

/// The id of the only one.
#[must_use]
pub fn only_id(list: &[Container]) -> Option<String> {
    match list {
        [one] => Some(one.metadata.id.clone()),
        _ => None,
    }
}

impl State {
    /// The session, when there is one.
    #[must_use]
    pub fn session(&self) -> Option<&Rc<Session>> {
        match &self.connection {
            Connection::Connected(session) => Some(session),
            _ => None,
        }
    }

    /// How long new keys live.
    #[must_use]
    pub fn key_lifetime(&self) -> KeyLifetime {
        match &self.endpoint {
            Some(Ok(endpoint)) => endpoint.key_lifetime,
            _ => KeyLifetime::default(),
        }
    }

    /// The finished pair's public half.
    #[must_use]
    pub fn public_half(&self) -> Option<&PublicHalf> {
        match &self.pair {
            Pair::Made(half) => Some(half),
            _ => None,
        }
    }

    fn move_to(&mut self, project_id: Option<String>) {
        if self.project_id != project_id {
            self.account = None;
        }
        self.project_id = project_id;
    }

    /// Whether leaving the page would lose a private key.
    #[must_use]
    pub fn has_unsaved_key(&self) -> bool {
        self.public_half().is_some() && !self.saved
    }
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            Action::Endpoint(endpoint) => next.endpoint = Some(endpoint),
            Action::Connection(connection) => {
                // Only a wrong token that is replaced comes this way twice: the pair, the
                // project and the account stay.
                next.connection = connection;
                if let Some(session) = next.session() {
                    let is_known = |id: &&String| {
                        let mut all = session.tenants.iter();
                        all.any(|tenant| tenant.metadata.id == **id)
                    };
                    let kept = next.tenant_id.as_ref().filter(is_known).cloned();
                    next.tenant_id = kept.or_else(|| only_id(&session.tenants));
                }
            }
            Action::Tenant(tenant_id) => next.tenant_id = tenant_id,
            Action::Project(project_id) => next.move_to(project_id),
            Action::Place {
                tenant_id,
                project_id,
            } => {
                next.tenant_id = tenant_id;
                next.move_to(project_id);
            }
            Action::Account(account) => next.account = account,
            Action::Pair(pair) => {
                next.pair = pair;
                next.saved = false;
                next.uploaded = None;
                next.proven = false;
            }
            Action::Progress(progress) => {
                // A last word of a worker that was stopped must not bring its pair back.
                if matches!(next.pair, Pair::Making(_)) {
                    next.pair = Pair::Making(progress);
                }
            }
            Action::Saved => next.saved = true,
            Action::Uploaded(uploaded) => next.uploaded = Some(uploaded),
            Action::Proven => next.proven = true,
            Action::Uploading(uploading) => next.uploading = uploading,
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn reduce(state: State, action: Action) -> State {
        (*Rc::new(state).reduce(action)).clone()
    }

    fn made() -> State {
        let half = PublicHalf {
            public_pem: String::new(),
            fingerprint: String::new(),
            bits: 4096,
            elapsed_ms: 1.0,
            cross_checked: true,
            fast: true,
        };
        reduce(State::default(), Action::Pair(Pair::Made(half)))
    }

    #[test]
    fn a_key_is_unsaved_from_its_making_to_its_download() {
        assert!(!State::default().has_unsaved_key());
        assert!(made().has_unsaved_key());
        assert!(!reduce(made(), Action::Saved).has_unsaved_key());
        let again = reduce(reduce(made(), Action::Saved), Action::Pair(Pair::None));
        assert!(!again.has_unsaved_key() && !again.saved);
    }

    #[test]
    fn a_failed_connection_keeps_the_pair() {
        let failed = Action::Connection(Connection::Failed(Problem::Unreachable));
        assert!(reduce(made(), failed).public_half().is_some());
    }

    #[test]
    fn a_late_progress_does_not_bring_a_stopped_pair_back() {
        let progress = Progress {
            primes_found: 0,
            candidates_tested: 1,
            likelihood: 0.1,
            elapsed_ms: 5.0,
        };
        assert!(reduce(State::default(), Action::Progress(progress)).pair == Pair::None);
    }

    #[test]
    fn another_project_takes_the_account_back() {
        let account = ChosenAccount {
            id: "serviceaccount-e00a".to_owned(),
            name: None,
            project_id: None,
        };
        let chosen = reduce(State::default(), Action::Account(Some(account)));
        assert!(chosen.account.is_some());
        let moved = reduce(chosen, Action::Project(Some("project-e00b".to_owned())));
        assert!(moved.account.is_none());
    }
}
