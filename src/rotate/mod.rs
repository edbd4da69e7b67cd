//! The screen that puts a new key in the place of an old one, step by step. Where a rotation stands
//! is read from the API (see [`standing`]); nothing is stored here.

mod new_key;
mod retire;
pub mod standing;
mod target;
mod unfinished;

use keyside_engine::KeyWorker;
use yew::prelude::*;

use self::{new_key::NewKeyStep, retire::RetireStep, target::TargetStep};
use crate::{
    configure::{Configuration, ConfigureStep},
    connect::ConnectStep,
    download::{DownloadStep, save},
    keys::list::ListedKey,
    link::About,
    screen::{ScreenProps, once_ready, use_last_session, use_screen},
    state::{Action, ChosenAccount, Pair},
    text,
    ui::{Step, confirm},
};

/// The keys that a rotation is about.
#[derive(Clone, PartialEq)]
pub struct Target {
    /// The key that goes.
    pub old: ListedKey,
    /// The key that comes, when it was uploaded on another visit.
    pub new: Option<ListedKey>,
}

/// See the module.
#[component]
pub fn RotateScreen(props: &ScreenProps) -> Html {
    let target = use_state(|| None::<Target>);
    // What another screen asked for; taken up by the step that chooses.
    let about = use_state(|| None::<About>);
    // Each time the screen is shown, where things stand is read anew.
    let shown = use_state(|| 0_u32);
    let on_shown = {
        let (about, shown) = (about.clone(), shown.clone());
        Callback::from(move |now: Option<About>| {
            if now.is_some() {
                about.set(now);
            }
            shown.set(*shown + 1);
        })
    };
    let app = use_screen(props, on_shown);
    let worker = use_memo(props.start_worker.clone(), |start_worker| {
        KeyWorker::idle(start_worker.clone(), None)
    });
    let worker = (*worker).clone();
    let leave = {
        let (app, worker, target) = (app.clone(), worker.clone(), target.clone());
        Callback::from(move |()| {
            if app.has_unsaved_key() && !confirm(text::CONFIRM_FORGET) {
                return;
            }
            if app.public_half().is_some() {
                // The new private key was handed over, and goes with its worker.
                worker.restart();
                save::let_go();
            }
            app.dispatch(Action::Pair(Pair::None));
            app.dispatch(Action::Account(None));
            target.set(None);
        })
    };
    {
        // Another key is to be rotated now; where the one at hand stands, the API knows.
        let (target, leave, is_busy) = (target.clone(), leave.clone(), app.uploading);
        let asked = about.clone();
        use_effect_with((*about).clone(), move |about| {
            let wanted = about.as_ref().map(|about| &about.key_id);
            match (wanted, &*target) {
                (Some(wanted), Some(now)) if *wanted == Some(now.old.id.clone()) => asked.set(None),
                (Some(_), Some(_)) if !is_busy => leave.emit(()),
                _ => {}
            }
        });
    }
    let choose = {
        let (target, about) = (target.clone(), about.clone());
        Callback::from(move |chosen: Target| {
            about.set(None);
            target.set(Some(chosen));
        })
    };
    let session = use_last_session(&app);
    once_ready(&app, || {
        html! {
            <>
                <ConnectStep app={app.clone()} number={1} />
                <TargetStep app={app.clone()} target={(*target).clone()} about={(*about).clone()}
                    shown={*shown} on_choose={choose} on_leave={leave.clone()} />
                if let (Some(target), Some(session)) = (&*target, &session) {
                    if target.new.is_none() {
                        <NewKeyStep key={target.old.id.clone()} app={app.clone()}
                            session={session.clone()} old={target.old.clone()}
                            worker={worker.clone()} />
                        <DownloadStep app={app.clone()} worker={worker.clone()} number={4}
                            waits_for="Waits for the new key of step 3." />
                        <ConfigureStep app={app.clone()} link={props.link.clone()} number={5}
                            waits_for="Waits for the new key of step 3." />
                    }
                    if let Some(new) = &target.new {
                        <Step id="configure-step" number={3} title="Configure">
                            <Configuration about={About {
                                account: app.account.clone().unwrap_or_else(|| ChosenAccount {
                                    id: new.account_id.clone(),
                                    name: None,
                                    project_id: None,
                                }),
                                key_id: Some(new.id.clone()),
                            }} />
                        </Step>
                    }
                    <RetireStep app={app.clone()} session={session.clone()}
                        target={target.clone()} on_leave={leave} />
                }
            </>
        }
    })
}
