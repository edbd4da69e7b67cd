//! Error messages, displayed where the error occurred.

use yew::prelude::*;

use crate::{
    api::Problem,
    routes::{self, Query, Route, use_query},
    text,
};

#[derive(Properties, PartialEq)]
pub struct AlertProps {
    pub text: AttrValue,
    /// Buttons and other content.
    #[prop_or_default]
    pub children: Html,
}

/// A message that screen readers announce at once.
#[component]
pub fn Alert(props: &AlertProps) -> Html {
    html! {
        <div class="problem" role="alert">
            <p>{ &props.text }</p>
            { props.children.clone() }
        </div>
    }
}

#[derive(Properties, PartialEq)]
pub struct ProblemProps {
    pub problem: Problem,
    /// Buttons and other content.
    #[prop_or_default]
    pub children: Html,
}

/// A failed call: what happened, what to do, and the API's message under "Details".
#[component]
pub fn ProblemView(props: &ProblemProps) -> Html {
    let query = use_query();
    let problem = &props.problem;
    let details = problem.details();
    html! {
        <div class="problem" role="alert">
            <p>{ problem.to_string() }</p>
            if !details.is_empty() {
                <details open={problem.needs_details()}>
                    <summary>{ text::api::DETAILS }</summary>
                    { for details.iter().map(|detail| html! { <p><bdi>{ detail }</bdi></p> }) }
                    { for problem.resources().iter().map(|id| html! {
                        <p>{ text::api::RESOURCE }{ " " }{ resource(id, &query) }</p>
                    }) }
                    if !problem.support().is_empty() {
                        <p class="hint">
                            { text::api::SUPPORT }
                            { for problem.support().iter().map(|(name, id)| html! {
                                <>{ format!(" {name} ") }<code>{ id }</code>{ "." }</>
                            }) }
                        </p>
                    }
                </details>
            }
            { props.children.clone() }
        </div>
    }
}

/// A failed call, with a button to repeat it.
pub fn retry(problem: &Problem, id: &'static str, onclick: Callback<MouseEvent>) -> Html {
    html! {
        <ProblemView problem={problem.clone()}>
            <button type="button" {id} {onclick}>{ text::TRY_AGAIN }</button>
        </ProblemView>
    }
}

/// The ID of a resource; a link if the page can show it.
fn resource(id: &str, query: &Query) -> Html {
    if !id.starts_with("publickey-") {
        return html! { <code><bdi>{ id }</bdi></code> };
    }
    let route = Route::Key { id: id.to_owned() };
    html! { <a href={routes::href(&route, &query.scope())}><code><bdi>{ id }</bdi></code></a> }
}
