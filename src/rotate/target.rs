//! Step 2: the key that is to be replaced, or a rotation to go on with.

use std::rc::Rc;

use yew::prelude::*;

use super::{Target, standing, unfinished::Unfinished};
use crate::{
    account::AccountStep,
    api::Problem,
    keys::{
        list::ListedKey,
        tell::{ending_badge, moment_s, state_name},
    },
    link::About,
    state::{Action, App, ChosenAccount, Session},
    time,
    ui::{Arrival, ProblemView, Step, lower_case, use_question},
};

/// See [`TargetStep`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// What was chosen.
    pub target: Option<Target>,
    /// What another screen asks for.
    pub about: Option<About>,
    /// Changes each time the screen is shown.
    pub shown: u32,
    /// A key was chosen.
    pub on_choose: Callback<Target>,
    /// Another one is wanted.
    pub on_leave: Callback<()>,
}

/// See the module.
#[component]
pub fn TargetStep(props: &Props) -> Html {
    let app = &props.app;
    {
        // The account that another screen names is this one's, unless work is under way.
        let (app, about) = (app.clone(), props.about.clone());
        let is_free = props.target.is_none();
        use_effect_with((about, is_free), move |(about, is_free)| {
            if let (Some(about), true) = (about, is_free) {
                app.dispatch(Action::Account(Some(about.account.clone())));
            }
        });
    }
    if let Some(target) = &props.target {
        let leave = {
            let on_leave = props.on_leave.clone();
            Callback::from(move |_: MouseEvent| on_leave.emit(()))
        };
        let account = app.account.as_ref().map_or("", ChosenAccount::label);
        return html! {
            <Step id="target-step" number={2} title="Key to replace" done=true>
                <Arrival id="target">
                    { "The old key is " }<code id="old-key">{ &target.old.id }</code>
                    if !target.old.description.is_empty() {
                        { " (" }{ &target.old.description }{ ")" }
                    }
                    { " of " }<strong>{ account.to_owned() }</strong>{ ". " }
                    if !app.uploading {
                        <button type="button" class="quiet" id="leave-rotation" onclick={leave}>
                            { "Another key" }
                        </button>
                    }
                </Arrival>
            </Step>
        };
    }
    let Some(session) = app.session() else {
        return html! {
            <Step id="target-step" number={2} title="Key to replace"
                waits_for="Waits for the connection of step 1.">{ "" }</Step>
        };
    };
    html! {
        <>
            if app.account.is_none() {
                if let Some(project_id) = &app.project_id {
                    <Unfinished key={format!("{project_id} {}", props.shown)} app={app.clone()}
                        session={session.clone()} project_id={project_id.clone()}
                        on_choose={props.on_choose.clone()} />
                }
            }
            <AccountStep app={app.clone()} />
            if let Some(account) = &app.account {
                <AccountKeys key={format!("{} {}", account.id, props.shown)}
                    session={session.clone()} account_id={account.id.clone()}
                    wanted={props.about.as_ref().and_then(|about| about.key_id.clone())}
                    on_choose={props.on_choose.clone()} />
            }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct AccountKeysProps {
    session: Rc<Session>,
    account_id: String,
    /// Chosen by itself when it is there.
    wanted: Option<String>,
    on_choose: Callback<Target>,
}

/// The account's keys, each to be replaced.
#[component]
fn AccountKeys(props: &AccountKeysProps) -> Html {
    let keys = use_state(|| None::<Result<Vec<ListedKey>, Problem>>);
    let attempt = use_state(|| 0_u32);
    {
        let (keys, session) = (keys.clone(), Rc::clone(&props.session));
        let (wanted, on_choose) = (props.wanted.clone(), props.on_choose.clone());
        let ask = move |(account_id, _): &(String, u32)| {
            let account_id = account_id.clone();
            Some(async move { session.api.keys_of(&account_id).await })
        };
        use_question((props.account_id.clone(), *attempt), ask, move |list| {
            let list = list.map(|list| {
                let listed = |key| ListedKey::new(key, lower_case);
                list.into_iter().map(listed).collect::<Vec<_>>()
            });
            if let (Ok(list), Some(wanted)) = (&list, wanted)
                && let Some(old) = list.iter().find(|key| key.id == wanted)
            {
                on_choose.emit(target(old, list));
            }
            keys.set(Some(list));
        });
    }
    let again = Callback::from(move |_: MouseEvent| attempt.set(*attempt + 1));
    let now_s = time::now_s();
    let choice = |key: &ListedKey, all: &[ListedKey]| {
        let chosen = target(key, all);
        let on_choose = props.on_choose.clone();
        let onclick = Callback::from(move |_: MouseEvent| on_choose.emit(chosen.clone()));
        html! {
            <li key={key.id.clone()}>
                <button type="button" class="choice" {onclick}>
                    <code>{ &key.id }</code>
                    <span>
                        { state_name(key.state) }{ " " }{ ending_badge(key.ending(now_s)) }
                        if !key.description.is_empty() { { " " }{ &key.description } }
                    </span>
                    <span class="hint">{ "Made " }{ moment_s(key.created_s) }</span>
                </button>
            </li>
        }
    };
    html! {
        <section class="step" aria-labelledby="old-keys-heading">
            <h2 id="old-keys-heading">{ "Which of its keys is to be replaced?" }</h2>
            { match &*keys {
                None => html! { <p role="status">{ "Loading keys…" }</p> },
                Some(Err(problem)) => html! {
                    <ProblemView problem={problem.clone()}>
                        <button type="button" onclick={again}>{ "Try again" }</button>
                    </ProblemView>
                },
                Some(Ok(list)) if list.is_empty() => html! {
                    <p id="no-old-keys">
                        { "It has no key yet. " }<a href="#make">{ "Make its first one." }</a>
                    </p>
                },
                Some(Ok(list)) => html! {
                    <ul id="old-keys" class="choices">
                        { for list.iter().map(|key| choice(key, list)) }
                    </ul>
                },
            } }
        </section>
    }
}

/// With the key that replaces it already, if there is one.
fn target(old: &ListedKey, all: &[ListedKey]) -> Target {
    let found = standing::unfinished(all);
    Target {
        old: old.clone(),
        new: found
            .into_iter()
            .find(|rotation| rotation.old.id == old.id)
            .map(|rotation| rotation.new),
    }
}
