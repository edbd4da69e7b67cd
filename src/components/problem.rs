//! A failure, told where it happened.

use yew::prelude::*;

use crate::{api::Problem, text};

/// Properties of [`Alert`].
#[derive(Properties, PartialEq)]
pub struct AlertProps {
    /// The whole message.
    pub text: AttrValue,
    /// Buttons and the like.
    #[prop_or_default]
    pub children: Html,
}

/// A message that a screen reader speaks at once.
#[component]
pub fn Alert(props: &AlertProps) -> Html {
    html! {
        <div class="problem" role="alert">
            <p>{ &props.text }</p>
            { props.children.clone() }
        </div>
    }
}

/// Properties of [`ProblemView`].
#[derive(Properties, PartialEq)]
pub struct ProblemProps {
    /// What failed.
    pub problem: Problem,
    /// Buttons and the like.
    #[prop_or_default]
    pub children: Html,
}

/// A failed call: the API's words, ours, and the ids for its support.
#[component]
pub fn ProblemView(props: &ProblemProps) -> Html {
    html! {
        <div class="problem" role="alert">
            <p>{ props.problem.to_string() }</p>
            if !props.problem.support().is_empty() {
                <p class="hint">
                    { text::api::SUPPORT }
                    { for props.problem.support().iter().map(|(name, id)| html! {
                        <>{ format!(" {name} ") }<code>{ id }</code>{ "." }</>
                    }) }
                </p>
            }
            { props.children.clone() }
        </div>
    }
}
