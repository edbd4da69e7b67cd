//! Signs in with an access token, in place, without losing work in progress.

use std::rc::Rc;

use keyside_iam::{MessageField, common::ResourceMetadata, iam::Container};
use wasm_bindgen_futures::spawn_local;
use yew::Callback;

use super::{Attempt, Policy, Session, WorkspaceAction, WorkspaceHandle};
use crate::{
    api::{Api, Endpoint, Principal, Problem},
    routes::Credential,
};

/// Tries a token, exchanges a code for one, or relies on a proxy; the workspace gets the result.
pub fn sign_in(workspace: &WorkspaceHandle, credential: Credential) {
    let Some(endpoint) = workspace.usable_endpoint().cloned() else {
        return;
    };
    let workspace = workspace.clone();
    workspace.dispatch(WorkspaceAction::Try(Rc::clone(credential.secret())));
    spawn_local(async move {
        let id = Rc::new(());
        let on_ended = {
            let (dispatcher, id) = (workspace.dispatcher(), Rc::clone(&id));
            Callback::from(move |()| dispatcher.dispatch(WorkspaceAction::Ended(Rc::clone(&id))))
        };
        let session = match &credential {
            Credential::Proxy(_) => open(&endpoint, None, id, on_ended).await,
            Credential::Token(token) => open(&endpoint, Some(token), id, on_ended).await,
            Credential::Code(code) => match Api::exchange_code(&endpoint, code).await {
                Ok(token) => open(&endpoint, Some(&token), id, on_ended).await,
                Err(problem) => Err(problem),
            },
        };
        // In the meantime, another token may have been entered, or the user signed out.
        let is_last = matches!(&workspace.attempt, Attempt::Pending(now) if Rc::ptr_eq(now, credential.secret()));
        if !is_last {
            return;
        }
        workspace.dispatch(match session {
            Ok(session) => WorkspaceAction::SignedIn(Rc::new(session)),
            Err(problem) => WorkspaceAction::Refused(problem),
        });
    });
}

/// Looks up the owner of the token, or the person who is signed in at a proxy, and the tenants that it can access.
async fn open(
    endpoint: &Endpoint,
    token: Option<&str>,
    id: Rc<()>,
    on_ended: Callback<()>,
) -> Result<Session, Problem> {
    let api = Api::new(endpoint, token)?;
    let (principal, policy) = api.profile().await?;
    let tenants = match &principal {
        Principal::User { tenants, .. } => match api.tenants().await {
            // A user who may not list tenants still knows the IDs of their own.
            Err(Problem::Refused(_)) if !tenants.is_empty() => {
                let ids = tenants.iter().map(|tenant| &tenant.tenant_id);
                ids.map(|id| tenant_of_id(id)).collect()
            }
            list => list?,
        },
        Principal::ServiceAccount(_) => Vec::new(),
    };
    Ok(Session {
        id,
        api: api.on_unauthenticated(on_ended),
        principal,
        tenants,
        policy: Policy::read(policy.as_deref()),
    })
}

/// A tenant of which only the ID is known.
fn tenant_of_id(id: &str) -> Container {
    Container {
        metadata: MessageField::some(ResourceMetadata {
            id: id.to_owned(),
            name: id.to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    }
}
