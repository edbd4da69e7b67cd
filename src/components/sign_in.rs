//! The sign-in card, on any screen that needs it.

use yew::prelude::*;

use super::{Card, ProblemView, token_form::TokenForm};
use crate::{
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
    html! {
        <Card id="connect" {title}>
            if workspace.has_ended {
                <p id="session-ended" role="alert">{ text::ENDED }</p>
            }
            { match &workspace.attempt {
                Attempt::Pending(_) => html! { <p role="status">{ text::SIGNING_IN }</p> },
                Attempt::None => html! { <TokenForm {on_credential} /> },
                Attempt::Failed(problem) => html! {
                    <>
                        <ProblemView problem={problem.clone()} />
                        <TokenForm {on_credential} />
                    </>
                },
            } }
        </Card>
    }
}
