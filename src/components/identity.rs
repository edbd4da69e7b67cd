//! The session in the header: who is signed in, and the tenant and project.

use yew::prelude::*;

use super::place::ScopeSwitcher;
use crate::{
    api::Principal,
    session::{WorkspaceAction, use_workspace},
    text::session as text,
};

/// The user, the tenant and project, and the sign-out button.
#[component]
pub fn Identity() -> Html {
    let workspace = use_workspace();
    let Some(session) = workspace.session().cloned() else {
        return html! {};
    };
    let sign_out = {
        let workspace = workspace.clone();
        Callback::from(move |_: MouseEvent| workspace.dispatch(WorkspaceAction::SignOut))
    };
    // Only the proxy could end that session.
    let at_proxy = workspace
        .usable_endpoint()
        .is_some_and(|endpoint| endpoint.signs_in_at_proxy);
    html! {
        <div id="identity">
            if !workspace.has_ended {
                <p id="who" title={session.api.base().to_owned()}>
                    { text::SIGNED_IN_AS }{ " " }<strong><bdi>{ name(&session.principal) }</bdi></strong>{ " " }
                    if !at_proxy {
                        <button type="button" class="quiet small" id="disconnect" onclick={sign_out}>
                            { text::SIGN_OUT }
                        </button>
                    }
                </p>
            }
            <ScopeSwitcher {session} />
        </div>
    }
}

fn name(principal: &Principal) -> String {
    match principal {
        Principal::User { name, .. } => name.clone(),
        Principal::ServiceAccount(account) => {
            text::service_account(&account.metadata.name, &account.metadata.id)
        }
    }
}
