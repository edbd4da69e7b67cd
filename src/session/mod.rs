//! The session, tenant and project: one state shared by all screens.

mod policy;
mod sign_in;

use std::rc::Rc;

use keyside_iam::{iam::Container, key_lifetime::KeyLifetime};
use yew::prelude::*;
use zeroize::Zeroizing;

pub use self::{policy::Policy, sign_in::sign_in};
use crate::api::{Api, Endpoint, Principal, Problem};

/// The shared state; `*workspace` is current even after an await.
pub type WorkspaceHandle = UseReducerHandle<Workspace>;

/// An accepted access token and what it can access.
pub struct Session {
    /// Distinguishes sessions: a late rejection of an earlier token doesn't end this one.
    pub id: Rc<()>,
    pub api: Api,
    pub principal: Principal,
    /// The tenants that the token can access.
    pub tenants: Vec<Container>,
    /// What the gateway's policy allows.
    pub policy: Policy,
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// State of the last token.
#[derive(Clone, PartialEq, Default)]
pub enum Attempt {
    /// No token, or it was accepted.
    #[default]
    None,
    /// The token is being checked.
    Pending(Rc<Zeroizing<String>>),
    Failed(Problem),
}

/// The state that all screens share.
#[derive(Clone, PartialEq, Default)]
pub struct Workspace {
    /// The API's settings, or why config.json is invalid; `None` until it's loaded.
    pub endpoint: Option<Result<Endpoint, String>>,
    /// The state of the last token.
    pub attempt: Attempt,
    /// The last accepted token; `None` before sign-in and after sign-out.
    session: Option<Rc<Session>>,
    /// Whether the API now rejects the session's token.
    pub has_ended: bool,
    pub tenant_id: Option<String>,
    pub project_id: Option<String>,
}

/// Events of the workspace.
pub enum WorkspaceAction {
    /// config.json was loaded.
    Endpoint(Result<Endpoint, String>),
    /// A token is being checked.
    Try(Rc<Zeroizing<String>>),
    SignedIn(Rc<Session>),
    Refused(Problem),
    /// The API rejects the token of the session with this [`Session::id`].
    Ended(Rc<()>),
    SignOut,
    /// A tenant was chosen, but no project yet.
    Tenant(Option<String>),
    /// A project was chosen, or the choice was cleared.
    Project(Option<String>),
    /// An address chose both.
    Scope {
        tenant_id: Option<String>,
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
                if let Principal::ServiceAccount(account) = &session.principal {
                    // A service account can access only its own project.
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
            WorkspaceAction::Scope {
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
    /// The session. An expired one stays until the next sign-in, so that work on the page isn't lost.
    pub fn session(&self) -> Option<&Rc<Session>> {
        self.session.as_ref()
    }

    /// Whether the page asks for a token.
    pub fn needs_token(&self) -> bool {
        self.session.is_none() || self.has_ended
    }

    /// The API's settings, if config.json is valid.
    pub fn usable_endpoint(&self) -> Option<&Endpoint> {
        self.endpoint.as_ref()?.as_ref().ok()
    }

    /// The allowed lifetimes of new keys.
    pub fn key_lifetime(&self) -> KeyLifetime {
        let lifetime = self.usable_endpoint().map(|endpoint| endpoint.key_lifetime);
        let session = self.session.as_ref();
        let permissions = session.and_then(|session| session.policy.permissions());
        let max = permissions.and_then(|permissions| permissions.keys.max_lifetime);
        lifetime.unwrap_or_default().within(max)
    }
}

/// The only item's ID; `None` if there are more, or none.
pub fn only_id(list: &[Container]) -> Option<String> {
    match list {
        [one] => Some(one.metadata.id.clone()),
        _ => None,
    }
}

/// The shared workspace.
///
/// # Panics
/// Outside of the page's root.
#[hook]
#[allow(clippy::expect_used)]
pub fn use_workspace() -> WorkspaceHandle {
    use_context::<WorkspaceHandle>().expect("app.rs provides it")
}
