//! Progress of a key pair's generation, with a button to cancel it.

use keyside_engine::message::Progress;
use yew::prelude::*;

use super::use_lost_focus;
use crate::{text, time};

/// A progress bar, the numbers behind it, and the cancel button.
pub fn progress(progress: Progress, on_cancel: Callback<MouseEvent>) -> Html {
    let Progress {
        primes_found,
        candidates_tested,
        likelihood,
        elapsed_ms,
    } = progress;
    // Both primes count the same; the current one counts by its likelihood so far.
    let percent = (likelihood * 100.0).round() as u32;
    let value = (u32::from(primes_found) * 100 + percent).min(200);
    html! {
        <div id="generate-progress">
            <label for="progress">{ text::GENERATING }</label>
            <progress id="progress" max="200" value={value.to_string()} />
            <p>
                { text::generation(primes_found, candidates_tested, percent) }{ " " }
                { time::seconds(elapsed_ms) }
            </p>
            <CancelButton onclick={on_cancel} />
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct CancelProps {
    onclick: Callback<MouseEvent>,
}

/// Takes over the focus of the button that started the work.
#[component]
fn CancelButton(props: &CancelProps) -> Html {
    let node = use_lost_focus();
    html! {
        <button type="button" id="cancel-generate" class="quiet" ref={node}
            onclick={props.onclick.clone()}>{ text::CANCEL }</button>
    }
}
