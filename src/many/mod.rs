//! The screen for keys of several service accounts in one go.

mod archive;
mod batch;
mod choose;
mod results;
mod work;

use std::{cell::Cell, rc::Rc};

use keyside_engine::KeyWorker;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use self::{
    archive::Archive,
    batch::{Batch, BatchAction},
    choose::{Choose, Chosen},
    results::results,
    work::{Attempts, Common, work},
};
use crate::{
    connect::ConnectStep,
    download::save,
    issue::Hands,
    screen::{ScreenProps, once_ready, use_last_session, use_screen, use_shown},
    state::{Action, App, Pair, Session},
    text, time,
    ui::{Arrival, Expiration, ExpirationField, Step, confirm, keep},
    upload::AttemptSlot,
};

/// See the module.
#[component]
pub fn ManyScreen(props: &ScreenProps) -> Html {
    // Each time the screen is shown, the service accounts are read anew.
    let (shown, on_shown) = use_shown();
    let app = use_screen(props, on_shown);
    let worker = use_memo(props.start_worker.clone(), |start_worker| {
        KeyWorker::idle(start_worker.clone(), None)
    });
    let session = use_last_session(&app);
    once_ready(&app, || {
        html! {
            <>
                <ConnectStep app={app.clone()} number={1} />
                if let (Some(session), Some(project_id)) = (session, &app.project_id) {
                    // Not by project: what was made stays when another one is looked at.
                    <ManyKeys app={app.clone()} {session}
                        project_id={project_id.clone()} worker={(*worker).clone()}
                        shown={shown} />
                } else {
                    <Step id="many-step" number={2} title="Service accounts"
                        waits_for="Waits for the connection and the project of step 1.">{ "" }</Step>
                }
            </>
        }
    })
}

#[derive(Properties, PartialEq)]
struct Props {
    app: App,
    session: Rc<Session>,
    project_id: String,
    worker: KeyWorker,
    shown: u32,
}

#[component]
fn ManyKeys(props: &Props) -> Html {
    let Props {
        app,
        session,
        project_id,
        worker,
        shown,
    } = props;
    let chosen = use_state(Chosen::default);
    let description = use_state(String::new);
    let lifetime = app.key_lifetime();
    let expiration = use_state(|| Expiration::usual(&lifetime, time::now_s()));
    let batch = use_reducer(Batch::default);
    let attempts = use_mut_ref(Attempts::default);
    let common = use_mut_ref(|| None::<Common>);
    let stop = use_mut_ref(|| Rc::new(Cell::new(false)));
    {
        let chosen = chosen.clone();
        use_effect_with(project_id.clone(), move |_| chosen.set(Chosen::default()));
    }
    let expires_at = expiration.date(&lifetime, time::now_s());
    let run = {
        let (app, session, worker) = (app.clone(), Rc::clone(session), worker.clone());
        let (batch, attempts, common) = (batch.clone(), Rc::clone(&attempts), Rc::clone(&common));
        let stop = Rc::clone(&stop);
        Rc::new(move |entries: Vec<batch::Entry>| {
            let (Some(Ok(endpoint)), Some(common)) =
                (app.endpoint.clone(), common.borrow().clone())
            else {
                return;
            };
            let hands = Hands {
                worker: worker.clone(),
                api: session.api.clone(),
                endpoint,
            };
            let mine = Rc::new(Cell::new(false));
            stop.replace(Rc::clone(&mine));
            app.dispatch(Action::Uploading(true));
            let (app, batch, attempts) = (app.clone(), batch.clone(), attempts.borrow().clone());
            spawn_local(async move {
                let on_pair = |half: &keyside_engine::message::PublicHalf| {
                    app.dispatch(Action::Pair(Pair::Made(half.clone())));
                };
                work(&hands, &common, &entries, &attempts, &mine, &batch, on_pair).await;
                app.dispatch(Action::Uploading(false));
            });
        })
    };
    let begin = {
        let (chosen, batch, run) = (chosen.clone(), batch.clone(), Rc::clone(&run));
        let (description, project_id) = (description.clone(), project_id.clone());
        let (attempts, common) = (Rc::clone(&attempts), Rc::clone(&common));
        let expires_at = expires_at.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Ok(expires_at) = &expires_at else { return };
            if chosen.is_empty() || batch.running {
                return;
            }
            common.replace(Some(Common {
                project_id: project_id.clone(),
                description: description.trim().to_owned(),
                expires_at: expires_at.clone(),
            }));
            let accounts: Vec<_> = chosen.values().cloned().collect();
            let new_slot = |account: &crate::state::ChosenAccount| {
                (account.id.clone(), AttemptSlot::default())
            };
            attempts.replace(accounts.iter().map(new_slot).collect());
            let begun = Rc::new(Batch::default()).reduce(BatchAction::Begin(accounts.clone()));
            batch.dispatch(BatchAction::Begin(accounts));
            run(begun.entries.clone());
        })
    };
    let go_on = {
        let (batch, run) = (batch.clone(), Rc::clone(&run));
        Callback::from(move |_: MouseEvent| {
            batch.dispatch(BatchAction::GoOn);
            run(batch.entries.clone());
        })
    };
    let halt = {
        let (batch, stop) = (batch.clone(), Rc::clone(&stop));
        Callback::from(move |_: MouseEvent| {
            stop.borrow().set(true);
            batch.dispatch(BatchAction::Stop);
        })
    };
    let clear = {
        let (app, worker, batch, chosen) =
            (app.clone(), worker.clone(), batch.clone(), chosen.clone());
        Callback::from(move |_: MouseEvent| {
            if app.has_unsaved_key() && !confirm(text::CONFIRM_FORGET_MANY) {
                return;
            }
            worker.restart();
            save::let_go();
            app.dispatch(Action::Pair(Pair::None));
            batch.dispatch(BatchAction::Clear);
            chosen.set(Chosen::default());
        })
    };
    let on_saved = {
        let (app, is_whole) = (app.clone(), !batch.has_unproven());
        Callback::from(move |()| {
            if is_whole {
                app.dispatch(Action::Saved);
            }
        })
    };
    let (done, _) = batch.counts();
    let is_begun = !batch.entries.is_empty();
    html! {
        <>
            <Step id="many-step" number={2} title="Service accounts" done={is_begun}>
                if is_begun {
                    <Arrival id="many-begun">{ text::MANY_BEGUN }</Arrival>
                } else {
                    <form onsubmit={begin}>
                        <p>{ text::MANY }</p>
                        <Choose key={format!("{project_id} {shown}")} session={Rc::clone(session)}
                            project_id={project_id.clone()} chosen={chosen.clone()} />
                        <div class="fields">
                            <div>
                                <label for="many-description">
                                    { "Description of each key (optional)" }
                                </label>
                                <input id="many-description" autocomplete="off"
                                    value={(*description).clone()}
                                    oninput={keep::<InputEvent>(&description)} />
                            </div>
                            <ExpirationField value={expiration} {lifetime} disabled={false} />
                        </div>
                        <button id="make-many" type="submit"
                            disabled={chosen.is_empty() || expires_at.is_err()}>
                            { match chosen.len() {
                                0 => "Make the keys".to_owned(),
                                1 => "Make 1 key".to_owned(),
                                n => format!("Make {n} keys"),
                            } }
                        </button>
                    </form>
                }
            </Step>
            if is_begun {
                <Step id="many-results" number={3} title="Keys" done={done == batch.entries.len()}>
                    { results(&batch, halt, go_on) }
                </Step>
                <Step id="many-zip" number={4} title="Credentials files" done={app.saved}
                    waits_for={match (batch.running, done) {
                        (true, _) => Some("Waits for the keys of step 3."),
                        (false, 0) => Some("No key was made."),
                        _ => None,
                    }}>
                    <Archive batch={batch.clone()} worker={worker.clone()} {on_saved} />
                </Step>
                if !batch.running {
                    <p>
                        <button type="button" id="clear-many" class="quiet" onclick={clear}>
                            { "Forget these keys and begin anew" }
                        </button>
                    </p>
                }
            }
        </>
    }
}
