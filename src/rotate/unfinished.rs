//! The project's rotations that were begun and are not at their end.

use std::rc::Rc;

use yew::prelude::*;

use super::{Target, standing};
use crate::{
    keys::load::{ListingAction, use_listing, use_names},
    state::{Action, App, ChosenAccount, Session},
    ui::ProblemView,
};

/// See [`Unfinished`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// Who asks.
    pub session: Rc<Session>,
    /// Whose keys.
    pub project_id: String,
    /// One is to be gone on with.
    pub on_choose: Callback<Target>,
}

/// Reads the whole list: a rotation may be anywhere in it.
#[component]
pub fn Unfinished(props: &Props) -> Html {
    let listing = use_listing(&props.session, &props.project_id, usize::MAX);
    let names = use_names(&props.session, &props.project_id);
    let found = {
        let listing = listing.clone();
        use_memo(listing.version, move |_| {
            standing::unfinished(&listing.keys())
        })
    };
    if let Some(problem) = &listing.problem {
        let again = {
            let listing = listing.clone();
            Callback::from(move |_: MouseEvent| listing.dispatch(ListingAction::GoOn))
        };
        return html! {
            <ProblemView problem={problem.clone()}>
                <button type="button" onclick={again}>{ "Try again" }</button>
            </ProblemView>
        };
    }
    if found.is_empty() {
        // That nothing is unfinished is not worth a word.
        return html! {
            <p id="looking-for-rotations" class="hint" role="status">
                if !listing.is_whole() { { "Looking for rotations that were begun…" } }
            </p>
        };
    }
    let choice = |rotation: &standing::Rotation| {
        let name = names.shown.get(&rotation.old.account_id).cloned();
        let onclick = {
            let (app, on_choose) = (props.app.clone(), props.on_choose.clone());
            let account = ChosenAccount {
                id: rotation.old.account_id.clone(),
                name: name.clone(),
                project_id: Some(props.project_id.clone()),
            };
            let target = Target {
                old: rotation.old.clone(),
                new: Some(rotation.new.clone()),
            };
            Callback::from(move |_: MouseEvent| {
                app.dispatch(Action::Account(Some(account.clone())));
                on_choose.emit(target.clone());
            })
        };
        html! {
            <li key={rotation.old.id.clone()}>
                <button type="button" class="choice" {onclick}>
                    <strong>
                        { "Go on: " }{ name.unwrap_or_else(|| rotation.old.account_id.clone()) }
                    </strong>
                    <span>
                        <code>{ &rotation.old.id }</code>{ " → " }<code>{ &rotation.new.id }</code>
                    </span>
                    <span class="hint">{ rotation.left() }</span>
                </button>
            </li>
        }
    };
    html! {
        <section id="unfinished" class="step" aria-labelledby="unfinished-heading">
            <h2 id="unfinished-heading">{ "Rotations that are not at their end" }</h2>
            <ul class="choices">{ for found.iter().map(choice) }</ul>
        </section>
    }
}
