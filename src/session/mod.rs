//! Who is signed in at which API, and in which tenant and project the work is: one state for the whole
//! page.

mod sign_in;

use std::rc::Rc;

use keyside_iam::{iam::Container, key_lifetime::KeyLifetime};
use yew::prelude::*;
use zeroize::Zeroizing;

pub use self::sign_in::sign_in;
use crate::api::{Api, Endpoint, Problem, Who};

/// The state as the components hold it: `*workspace` is the current one, also after a wait.
pub type WorkspaceHandle = UseReducerHandle<Workspace>;

/// An accepted access token and what it gives access to.
pub struct Session {
    /// Tells it from others: a late refusal of an earlier token doesn't end it.
    pub id: Rc<()>,
    /// Calls with the token.
    pub api: Api,
    /// Whose token it is.
    pub who: Who,
    /// Those that the token can see.
    pub tenants: Vec<Container>,
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// What became of the last token.
#[derive(Clone, PartialEq, Default)]
pub enum Attempt {
    /// There is none, or it was accepted.
    #[default]
    None,
    /// It is being tried.
    Pending(Rc<Zeroizing<String>>),
    /// It was refused.
    Failed(Problem),
}

/// The page's state that all screens share.
#[derive(Clone, PartialEq, Default)]
pub struct Workspace {
    /// Where the API is, or what is wrong with config.json; nothing before it was read.
    pub endpoint: Option<Result<Endpoint, String>>,
    /// The last token.
    pub attempt: Attempt,
    /// The last token that was accepted; nothing before, and after signing out.
    session: Option<Rc<Session>>,
    /// Whether the API refuses its token by now.
    pub has_ended: bool,
    /// The chosen tenant.
    pub tenant_id: Option<String>,
    /// The chosen project.
    pub project_id: Option<String>,
}

/// What can happen to it.
pub enum WorkspaceAction {
    /// config.json was read.
    Endpoint(Result<Endpoint, String>),
    /// A token is being tried.
    Try(Rc<Zeroizing<String>>),
    /// It was accepted.
    SignedIn(Rc<Session>),
    /// It was refused.
    Refused(Problem),
    /// The API refuses the token of the session with this [`Session::id`].
    Ended(Rc<()>),
    /// The person signed out.
    SignOut,
    /// A tenant was chosen; its project is not known yet.
    Tenant(Option<String>),
    /// A project was chosen, or none.
    Project(Option<String>),
    /// Both, by an address.
    Place {
        /// The tenant's ID.
        tenant_id: Option<String>,
        /// The project's ID.
        project_id: Option<String>,
    },
}

impl Reducible for Workspace {
    type Action = WorkspaceAction;

    fn reduce(self: Rc<Self>, action: WorkspaceAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            WorkspaceAction::Endpoint(endpoint) => next.endpoint = Some(endpoint),
            WorkspaceAction::Try(token) => next.attempt = Attempt::Pending(token),
            WorkspaceAction::SignedIn(session) => {
                let is_known = |id: &String| session.tenants.iter().any(|t| t.metadata.id == *id);
                let kept = next.tenant_id.take().filter(is_known);
                next.tenant_id = kept.or_else(|| only_id(&session.tenants));
                if let Who::ServiceAccount(account) = &session.who {
                    // A service account's own project is all that it can see.
                    next.project_id = Some(account.metadata.parent_id.clone());
                }
                next.session = Some(session);
                next.attempt = Attempt::None;
                next.has_ended = false;
            }
            WorkspaceAction::Refused(problem) => next.attempt = Attempt::Failed(problem),
            WorkspaceAction::Ended(id) => {
                let session = next.session.as_ref();
                next.has_ended |= session.is_some_and(|session| Rc::ptr_eq(&session.id, &id));
            }
            WorkspaceAction::SignOut => {
                next.session = None;
                next.attempt = Attempt::None;
                next.has_ended = false;
            }
            WorkspaceAction::Tenant(tenant_id) => next.tenant_id = tenant_id,
            WorkspaceAction::Project(project_id) => next.project_id = project_id,
            WorkspaceAction::Place {
                tenant_id,
                project_id,
            } => {
                if tenant_id.is_some() {
                    next.tenant_id = tenant_id;
                }
                next.project_id = project_id;
            }
        }
        Rc::new(next)
    }
}

impl Workspace {
    /// The session. One whose token is refused by now stays until another one takes its place, so that
    /// what is on the page stays, too.
    #[must_use]
    pub fn session(&self) -> Option<&Rc<Session>> {
        self.session.as_ref()
    }

    /// Whether the page asks for a token.
    #[must_use]
    pub fn asks_for_token(&self) -> bool {
        self.session.is_none() || self.has_ended
    }

    /// The API's address and protocol, where config.json is in order.
    #[must_use]
    pub fn usable_endpoint(&self) -> Option<&Endpoint> {
        self.endpoint.as_ref()?.as_ref().ok()
    }

    /// How long new keys live.
    #[must_use]
    pub fn key_lifetime(&self) -> KeyLifetime {
        self.usable_endpoint()
            .map(|endpoint| endpoint.key_lifetime)
            .unwrap_or_default()
    }
}

/// The ID of the only one.
#[must_use]
pub fn only_id(list: &[Container]) -> Option<String> {
    match list {
        [one] => Some(one.metadata.id.clone()),
        _ => None,
    }
}

/// The page's workspace.
///
/// # Panics
/// Outside of the page's root.
#[hook]
#[allow(clippy::expect_used)]
pub fn use_workspace() -> WorkspaceHandle {
    use_context::<WorkspaceHandle>().expect("app.rs provides it")
}
