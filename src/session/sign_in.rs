//! Signs in with an access token, in place: whatever is under way stays.

use std::rc::Rc;

use keyside_iam::{MessageField, common::ResourceMetadata, iam::Container};
use wasm_bindgen_futures::spawn_local;
use yew::Callback;
use zeroize::Zeroizing;

use super::{Attempt, Session, WorkspaceAction, WorkspaceHandle};
use crate::api::{Api, Endpoint, Problem, Who};

/// Tries a token; the workspace says what became of it.
pub fn sign_in(workspace: &WorkspaceHandle, token: Rc<Zeroizing<String>>) {
    let Some(endpoint) = workspace.usable_endpoint().cloned() else {
        return;
    };
    let workspace = workspace.clone();
    workspace.dispatch(WorkspaceAction::Try(Rc::clone(&token)));
    spawn_local(async move {
        let id = Rc::new(());
        let on_ended = {
            let (dispatcher, id) = (workspace.dispatcher(), Rc::clone(&id));
            Callback::from(move |()| dispatcher.dispatch(WorkspaceAction::Ended(Rc::clone(&id))))
        };
        let session = open(&endpoint, &token, id, on_ended).await;
        // Another token may have been given, or the person signed out.
        let is_last =
            matches!(&workspace.attempt, Attempt::Pending(now) if Rc::ptr_eq(now, &token));
        if !is_last {
            return;
        }
        workspace.dispatch(match session {
            Ok(session) => WorkspaceAction::SignedIn(Rc::new(session)),
            Err(problem) => WorkspaceAction::Refused(problem),
        });
    });
}

/// Asks who the token belongs to, and what it can see.
async fn open(
    endpoint: &Endpoint,
    token: &str,
    id: Rc<()>,
    on_ended: Callback<()>,
) -> Result<Session, Problem> {
    let api = Api::new(endpoint, Some(token))?;
    let who = api.who().await?;
    let tenants = match &who {
        Who::User { tenants, .. } => match api.tenants().await {
            // A user who isn't allowed to list tenants still knows their own by ID.
            Err(Problem::Refused { .. }) if !tenants.is_empty() => {
                let ids = tenants.iter().map(|tenant| &tenant.tenant_id);
                ids.map(|id| tenant_of_id(id)).collect()
            }
            list => list?,
        },
        Who::ServiceAccount(_) => Vec::new(),
    };
    Ok(Session {
        id,
        api: api.on_unauthenticated(on_ended),
        who,
        tenants,
    })
}

/// A tenant of which no more than the ID is known.
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
