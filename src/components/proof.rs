//! Displays the outcome of verifying a key.

use yew::prelude::*;

use super::{Alert, ProblemView};
use crate::{model::proof::Outcome, text, time};

/// The outcome, with what to do next.
pub fn proof(outcome: &Outcome) -> Html {
    match outcome {
        Outcome::Works { key_id, lifetime_s } => html! {
            <p class="success">
                { text::VERIFIED }{ " " }<code>{ key_id }</code>{ " " }
                { text::token_lifetime(&time::duration(u64::try_from(*lifetime_s).unwrap_or(0))) }
            </p>
        },
        Outcome::Refused(problem) => html! {
            <ProblemView problem={problem.clone()}>
                <p>{ text::VERIFY_HINT }</p>
            </ProblemView>
        },
        Outcome::NotSigned(why) => html! { <Alert text={why.clone()} /> },
    }
}
