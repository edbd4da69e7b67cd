//! Which authorized key the file belongs to: searched in the project, then in others if wanted.

use std::{cell::Cell, rc::Rc};

use keyside_engine::message::PublicPart;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::matched::{Matched, search};
use crate::{
    api::Problem,
    keys::{
        list::ListedKey,
        tell::{ending_badge, moment_s, state_name},
    },
    link::{About, Link},
    state::{Action, App, ChosenAccount, Session},
    text::{self, count},
    time,
    ui::ProblemView,
};

/// See [`Lookup`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The shared state.
    pub app: App,
    /// What is looked for.
    pub public: PublicPart,
    /// Whose keys come first, when the file says so.
    pub account_id: Option<String>,
    /// The key is to be uploaded.
    pub on_bring: Callback<MouseEvent>,
    /// To the other screens.
    pub link: Link,
    /// Changes each time the screen is shown.
    pub shown: u32,
}

#[derive(Clone, PartialEq)]
enum Phase {
    Searching,
    /// By the person.
    Stopped,
    Ended,
    Failed(Problem),
}

/// See the module.
#[component]
pub fn Lookup(props: &Props) -> Html {
    let app = &props.app;
    let found = use_state(Matched::default);
    let phase = use_state(|| Phase::Searching);
    let attempt = use_state(|| 0_u32);
    // Set: every project of the tenant is looked through.
    let everywhere = use_state(|| false);
    let stop = use_mut_ref(|| Rc::new(Cell::new(false)));
    {
        let (found, phase, stop) = (found.clone(), phase.clone(), Rc::clone(&stop));
        let (pem, account_id) = (props.public.pem.clone(), props.account_id.clone());
        let watched = (
            app.session().cloned(),
            app.project_id.clone(),
            app.uploaded.clone(),
            *attempt,
            *everywhere,
            props.shown,
        );
        let tenant_id = app.tenant_id.clone();
        use_effect_with(
            watched,
            move |(session, project_id, _, _, everywhere, _)| {
                let mine = Rc::new(Cell::new(false));
                stop.replace(Rc::clone(&mine));
                if let (Some(session), Some(project_id)) = (session.clone(), project_id.clone()) {
                    found.set(Matched::default());
                    phase.set(Phase::Searching);
                    let wanted = Wanted {
                        session,
                        pem,
                        account_id,
                        project_id,
                        tenant_id: tenant_id.filter(|_| *everywhere),
                    };
                    let mine = Rc::clone(&mine);
                    spawn_local(async move {
                        let outcome = wanted.look(&found, &mine).await;
                        if !mine.get() {
                            phase.set(outcome.map_or_else(Phase::Failed, |()| Phase::Ended));
                        }
                    });
                }
                // Another search takes its place, or none.
                move || mine.set(true)
            },
        );
    }
    let missing = match (app.session(), &app.project_id) {
        (None, _) => Some("Connect above to look for it among the uploaded keys."),
        (_, None) => Some("Choose a project above to look for it among its keys."),
        _ => None,
    };
    if let Some(missing) = missing {
        return html! {
            <section id="lookup" class="step" aria-labelledby="lookup-heading">
                <h2 id="lookup-heading">{ "Which authorized key is it?" }</h2>
                <p class="hint">{ missing }</p>
            </section>
        };
    }
    let cancel = {
        let (stop, phase) = (Rc::clone(&stop), phase.clone());
        Callback::from(move |_: MouseEvent| {
            stop.borrow().set(true);
            phase.set(Phase::Stopped);
        })
    };
    let again = {
        let attempt = attempt.clone();
        Callback::from(move |_: MouseEvent| attempt.set(*attempt + 1))
    };
    let look_everywhere = {
        let everywhere = everywhere.clone();
        Callback::from(move |_: MouseEvent| everywhere.set(true))
    };
    let looked_at = count(found.looked_at, "key");
    let is_known = !found.keys.is_empty();
    let place = if *everywhere {
        "the tenant's projects"
    } else {
        "this project"
    };
    html! {
        <section id="lookup" class="step" aria-labelledby="lookup-heading">
            <h2 id="lookup-heading">{ "Which authorized key is it?" }</h2>
            <div id="lookup-result" role="status">
                { match &*phase {
                    Phase::Searching if !is_known => html! {
                        <p>{ format!("Looking through {place}: {looked_at} so far…") }</p>
                    },
                    Phase::Stopped if !is_known => html! {
                        <p>
                            <strong>{ "Stopped: " }</strong>
                            { format!("{looked_at} of {place} were looked at, and none of them has \
                                       this public key. The others were not looked at.") }
                        </p>
                    },
                    Phase::Ended if !is_known => html! {
                        <p>
                            <strong>{ "None: " }</strong>
                            { format!("none of the {looked_at} of {place} has this public key.") }
                        </p>
                    },
                    _ => html! { { for found.keys.iter().map(|(key, project)| shown(props, key, project)) } },
                } }
            </div>
            if *phase == Phase::Searching {
                <button type="button" id="stop-lookup" class="quiet" onclick={cancel}>
                    { "Stop looking" }
                </button>
            }
            if let Phase::Failed(problem) = &*phase {
                <ProblemView problem={problem.clone()}>
                    <button type="button" onclick={again.clone()}>{ "Try again" }</button>
                </ProblemView>
            }
            if matches!(*phase, Phase::Stopped | Phase::Ended) && !is_known {
                <div class="row wrapped">
                    if *phase == Phase::Stopped {
                        <button type="button" id="look-again" onclick={again}>{ "Look again" }</button>
                    }
                    if app.public_half().is_none() {
                        <button type="button" id="bring" onclick={props.on_bring.clone()}>
                            { "Upload its public key" }
                        </button>
                    }
                    if !*everywhere && app.tenant_id.is_some() {
                        <button type="button" id="look-everywhere" class="quiet"
                            onclick={look_everywhere}>{ "Look in the tenant's other projects" }</button>
                    }
                </div>
            }
        </section>
    }
}

fn shown(props: &Props, key: &ListedKey, project: &str) -> Html {
    let go = |screen: &'static str| {
        let (link, app, project_id) = (props.link.clone(), props.app.clone(), project.to_owned());
        let about = About {
            account: ChosenAccount {
                id: key.account_id.clone(),
                name: None,
                project_id: Some(project.to_owned()),
            },
            key_id: Some(key.id.clone()),
        };
        Callback::from(move |_: MouseEvent| {
            // The other screens show the keys of the chosen project.
            if app.project_id.as_ref() != Some(&project_id) {
                app.dispatch(Action::Project(Some(project_id.clone())));
            }
            link.go(screen, &about);
        })
    };
    let now_s = time::now_s();
    html! {
        <div key={key.id.clone()}>
        <dl class="match">
            <dt>{ "Authorized key" }</dt>
            <dd><code id="match-key">{ &key.id }</code>{ " " }{ &key.description }</dd>
            <dt>{ "State" }</dt>
            <dd id="match-state">
                { state_name(key.state) }{ " " }{ ending_badge(key.ending(now_s)) }
                if !key.is_alive() { { " " }{ text::OPENS_NOTHING } }
            </dd>
            <dt>{ "Service account" }</dt>
            <dd><code id="match-account">{ &key.account_id }</code></dd>
            <dt>{ "Project" }</dt>
            <dd><code>{ project.to_owned() }</code></dd>
            <dt>{ "Created" }</dt>
            <dd>{ moment_s(key.created_s) }</dd>
            if let Some(at) = key.expires_s {
                <dt>{ "Expires" }</dt>
                <dd>{ moment_s(at) }</dd>
            }
        </dl>
        <div class="row wrapped">
            <button type="button" id="rotate-match" class="quiet" onclick={go("rotate")}>
                { "Rotate it" }
            </button>
            <button type="button" id="revoke-match" class="quiet" onclick={go("keys")}>
                { if key.is_alive() { "Deactivate or delete it" } else { "Delete it" } }
            </button>
        </div>
        </div>
    }
}

struct Wanted {
    session: Rc<Session>,
    pem: String,
    account_id: Option<String>,
    project_id: String,
    /// Whose other projects are looked through as well.
    tenant_id: Option<String>,
}

impl Wanted {
    async fn look(
        &self,
        found: &UseStateHandle<Matched>,
        stop: &Rc<Cell<bool>>,
    ) -> Result<(), Problem> {
        let api = &self.session.api;
        let mut projects = vec![self.project_id.clone()];
        if let Some(tenant_id) = &self.tenant_id {
            let others = api.projects(tenant_id).await?;
            let ids = others
                .into_iter()
                .map(|project| project.metadata.id.clone());
            projects.extend(ids.filter(|id| *id != self.project_id));
        }
        let so_far = Rc::new(std::cell::RefCell::new(Matched::default()));
        for project_id in &projects {
            let tell = |now: Matched| {
                if !stop.get() {
                    so_far.replace(now.clone());
                    found.set(now);
                }
            };
            let before = so_far.borrow().clone();
            let account_id = self.account_id.as_deref().filter(|_| before.looked_at == 0);
            let stop = Rc::clone(stop);
            search(api, &self.pem, project_id, account_id, stop, before, tell).await?;
            if !so_far.borrow().keys.is_empty() {
                break;
            }
        }
        Ok(())
    }
}
