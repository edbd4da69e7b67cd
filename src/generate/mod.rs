//! Step 3: makes the pair, in the key worker.

use std::rc::Rc;

use keyside_engine::{
    EngineError, KeyWorker,
    message::{Progress, PublicHalf},
};
use keyside_keygen::KeySize;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    download::save,
    state::{Action, App, Pair},
    text, time,
    ui::{Alert, Arrival, Step, confirm, use_lost_focus},
};

/// See [`GenerateStep`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// Makes and holds the pair.
    pub worker: KeyWorker,
}

/// See the module.
#[component]
pub fn GenerateStep(props: &Props) -> Html {
    let Props { app, worker } = props;
    let generate = {
        let (app, worker) = (app.clone(), worker.clone());
        Callback::from(move |_: MouseEvent| generate(app.clone(), worker.clone()))
    };
    let cancel = {
        let (app, worker) = (app.clone(), worker.clone());
        Callback::from(move |_: MouseEvent| {
            worker.restart();
            app.dispatch(Action::Pair(Pair::None));
        })
    };
    let forget = {
        let (app, worker) = (app.clone(), worker.clone());
        Callback::from(move |_: MouseEvent| {
            if app.has_unsaved_key() && !confirm(text::CONFIRM_FORGET) {
                return;
            }
            worker.restart();
            save::let_go();
            app.dispatch(Action::Pair(Pair::None));
        })
    };
    let start = |label: &'static str| {
        html! {
            <button type="button" id="generate" onclick={generate.clone()}>{ label }</button>
        }
    };
    let done = app.public_half().is_some();
    html! {
        <Step id="generate-step" number={3} title="Key pair" {done}>
            { match &app.pair {
                Pair::None => html! {
                    <>
                        <p>
                            { "Makes an RSA pair of 4096 bits in this browser. It takes about a \
                               second, in some browsers half a minute; luck decides." }
                        </p>
                        { start("Generate the pair") }
                    </>
                },
                Pair::Making(now) => progress(*now, html! { <CancelButton onclick={cancel} /> }),
                Pair::Made(half) => made(half, app.saved, app.uploading, forget, generate.clone()),
                Pair::Failed(why) => html! {
                    <Alert text={why.clone()}>{ start("Try again") }</Alert>
                },
            } }
        </Step>
    }
}

/// How far a pair is, and a button to stop it.
pub fn progress(progress: Progress, cancel: Html) -> Html {
    let Progress {
        primes_found,
        candidates_tested,
        likelihood,
        elapsed_ms,
    } = progress;
    // Two primes of equal weight; the current one's share is how likely it was by now.
    // In whole thousandths: writing fractions takes a good deal of program.
    let value = (u32::from(primes_found) * 500 + (likelihood * 500.0) as u32).min(1000);
    let percent = (likelihood * 100.0).round() as u32;
    let next = match primes_found {
        0 => format!("The first is {percent} % likely by now."),
        1 => format!("The second is {percent} % likely by now."),
        _ => "Checking the pair.".to_owned(),
    };
    html! {
        <div id="generate-progress">
            <label for="progress">{ "Generating: looking for two large primes" }</label>
            <progress id="progress" max="1000" value={value.to_string()} />
            <p>
                { format!("{primes_found} of 2 primes found. Candidates tested: \
                    {candidates_tested}. {next} ") }
                { time::seconds(elapsed_ms) }
            </p>
            { cancel }
        </div>
    }
}

/// See [`CancelButton`].
#[derive(Properties, PartialEq)]
pub struct CancelProps {
    /// Called to stop the work.
    pub onclick: Callback<MouseEvent>,
}

/// Has the focus that the button had which began the work.
#[component]
pub fn CancelButton(props: &CancelProps) -> Html {
    let node = use_lost_focus();
    html! {
        <button type="button" id="cancel-generate" ref={node} onclick={props.onclick.clone()}>
            { "Cancel" }
        </button>
    }
}

fn made(
    half: &PublicHalf,
    saved: bool,
    uploading: bool,
    forget: Callback<MouseEvent>,
    again: Callback<MouseEvent>,
) -> Html {
    html! {
        <div id="pair">
            <Arrival id="made">
                { format!("RSA-{} pair made in ", half.bits) }
                <span id="elapsed">{ time::seconds(half.elapsed_ms) }</span>
                <span id="engine">
                    { if half.fast { " (fast engine)" } else { " (portable engine)" } }
                </span>
                { if saved {
                    ". The private key was handed to you as a file and is still in this tab."
                } else {
                    ". The private key is in this tab's memory only: download it below."
                } }
            </Arrival>
            <dl>
                <dt>{ "SHA-256 fingerprint of the public key (SPKI)" }</dt>
                <dd><code id="fingerprint">{ &half.fingerprint }</code></dd>
            </dl>
            <div class="row wrapped">
                <button type="button" id="forget" class="quiet" disabled={uploading}
                    onclick={forget}>{ "Forget the key" }</button>
                <button type="button" id="generate-again" class="quiet" disabled={uploading}
                    onclick={again}>{ "Make a new pair" }</button>
            </div>
        </div>
    }
}

fn generate(app: App, worker: KeyWorker) {
    if app.has_unsaved_key() && !confirm(text::CONFIRM_NEW_PAIR) {
        return;
    }
    if app.public_half().is_some() {
        // The old private key goes with its worker.
        worker.restart();
    }
    app.dispatch(Action::Pair(Pair::Making(Progress::default())));
    spawn_local(async move {
        let on_progress = {
            let app = app.clone();
            Rc::new(move |progress| app.dispatch(Action::Progress(progress)))
        };
        let outcome = worker.generate(KeySize::Rsa4096, on_progress).await;
        // For the next pair, or the next try.
        worker.warm();
        match outcome {
            Ok(half) => app.dispatch(Action::Pair(Pair::Made(half))),
            // Whoever stopped it has said what comes next.
            Err(EngineError::Stopped) => {}
            Err(error) => app.dispatch(Action::Pair(Pair::Failed(error.to_string()))),
        }
    });
}
