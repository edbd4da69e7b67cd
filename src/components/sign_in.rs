//! The sign-in card, on any screen that needs it. If a proxy signs people in, it asks for no token.

use yew::prelude::*;

use super::{Card, ProblemView, token_form::TokenForm};
use crate::{
    routes::Credential,
    session::{Attempt, sign_in, use_workspace},
    text::session as text,
};

/// Asks for a token while there is no session.
#[component]
pub fn SignIn() -> Html {
    let workspace = use_workspace();
    let on_credential = {
        let workspace = workspace.clone();
        Callback::from(move |credential| sign_in(&workspace, credential))
    };
    if !workspace.needs_token() {
        return html! {};
    }
    let title = if workspace.has_ended {
        text::SIGN_IN_AGAIN
    } else {
        text::SIGN_IN
    };
    let at_proxy = workspace
        .usable_endpoint()
        .is_some_and(|endpoint| endpoint.signs_in_at_proxy);
    let form = match at_proxy {
        true => at_proxy_form(on_credential),
        false => html! { <TokenForm {on_credential} /> },
    };
    html! {
        <Card id="connect" {title}>
            if workspace.has_ended {
                <p id="session-ended" role="alert">
                    { if at_proxy { text::ENDED_AT_PROXY } else { text::ENDED } }
                </p>
            }
            { match &workspace.attempt {
                Attempt::Pending(_) => html! { <p role="status">{ text::SIGNING_IN }</p> },
                Attempt::None => form,
                Attempt::Failed(problem) => html! {
                    <><ProblemView problem={problem.clone()} />{ form }</>
                },
            } }
        </Card>
    }
}

/// Leads to the proxy in another tab, so that work on this page isn't lost.
fn at_proxy_form(on_credential: Callback<Credential>) -> Html {
    let proceed = on_credential.reform(|_: MouseEvent| Credential::of_proxy());
    html! {
        <>
            <p>{ text::AT_PROXY }</p>
            <div class="row wrapped">
                <a class="button quiet" id="open-proxy" href="." target="_blank" rel="noopener">
                    { text::OPEN_PROXY }
                </a>
                <button type="button" id="connect-button" onclick={proceed}>{ text::CONTINUE }</button>
            </div>
        </>
    }
}
