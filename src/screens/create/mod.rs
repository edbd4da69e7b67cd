//! Creates keys: one, one each for several service accounts, or a replacement of one.

mod archive;
mod by_hand;
mod files;
pub mod form;
mod pair;
mod result;
mod results;
mod retire;
mod rotation;
mod several;

use gloo_timers::callback::Timeout;
use keyside_engine::KeyWorker;
use yew::prelude::*;
use yew_router::prelude::*;

use self::{
    form::{Form, use_form},
    pair::PairCard,
    result::ResultView,
    rotation::{Resumed, Target, use_target},
    several::Several,
};
use super::ScreenProps;
use crate::{
    api::Principal,
    components::{Card, ConfirmDialog, files::save, use_leave_confirmation},
    model::{
        Chosen, ChosenAccount,
        batch::{Batch, BatchAction, Entry},
        batch_work,
        creation::{Creation, CreationAction, run},
        issue::{Goal, Issuer},
    },
    routes::{self, Query, Route},
    session::use_workspace,
    text::create as text,
};

/// Time until the workers warm up, in milliseconds.
const WARM_UP_MS: u32 = 2_000;

/// The form, then the result.
#[component]
pub fn CreateScreen(props: &ScreenProps) -> Html {
    let workspace = use_workspace();
    let worker = use_memo(props.start_worker.clone(), |start_worker| {
        KeyWorker::start(start_worker.clone(), None)
    });
    let warm_up = use_warm_up(&worker);
    let issuer = Issuer {
        worker: (*worker).clone(),
        workspace: workspace.clone(),
    };
    let creation = use_reducer(Creation::default);
    let batch = use_reducer(Batch::default);
    let is_idle = creation.half().is_none() && creation.stage.is_none() && batch.entries.is_empty();
    let is_at_stake = creation.is_at_stake() || creation.stage.is_some() || batch.is_at_stake();
    use_leave_confirmation(is_at_stake);
    let is_asking = use_state(|| false);

    // The key to replace: from the address, as soon as no other key is in progress.
    let replaces = use_state(|| None::<String>);
    let requested = props.query.replaces.clone();
    {
        let (replaces, worker) = (replaces.clone(), worker.clone());
        let (creation, batch) = (creation.clone(), batch.clone());
        let is_free = is_idle || requested.is_some() && !is_at_stake;
        use_effect_with((requested.clone(), is_free), move |(requested, is_free)| {
            if *requested != *replaces && *is_free {
                if !is_idle {
                    discard(&worker, &creation, &batch);
                }
                replaces.set(requested.clone());
            }
        });
    }
    let target = use_target(&workspace, &replaces, props.visits);
    let form = use_form(
        &workspace,
        target.as_ref().and_then(|found| found.as_ref().ok()),
    );
    use_account_sync(props, &form.chosen, is_idle && replaces.is_none());

    let submit = {
        let (form, creation, issuer) = (form.clone(), creation.clone(), issuer.clone());
        let batch = batch.clone();
        Callback::from(move |()| {
            let orders = form.chosen.values().map(|account| form.order(account));
            let Some(orders) = orders.collect::<Option<Vec<_>>>() else {
                return;
            };
            let is_signed_in = issuer.workspace.session().is_some();
            match orders.len() {
                2.. if is_signed_in => {
                    let entries = orders.into_iter().map(Entry::new).collect();
                    batch_work::run(&issuer, &batch, BatchAction::Begin(entries));
                }
                0 if is_signed_in => {}
                _ => {
                    // A request to review is sent by a second click.
                    let is_sent = is_signed_in && !(*form.review && creation.half().is_none());
                    let order = orders.into_iter().next().filter(|_| is_sent);
                    run(&issuer, &creation, Goal::Key, order);
                }
            }
        })
    };
    let verify = {
        let (creation, issuer) = (creation.clone(), issuer.clone());
        Callback::from(move |()| run(&issuer, &creation, Goal::Key, None))
    };
    let cancel = {
        let (worker, creation) = (worker.clone(), creation.clone());
        Callback::from(move |_: MouseEvent| {
            worker.restart();
            creation.dispatch(CreationAction::Discarded);
        })
    };
    let start_over = {
        let (worker, creation, batch) = (worker.clone(), creation.clone(), batch.clone());
        let (replaces, form, navigator) = (replaces.clone(), form.clone(), use_navigator());
        let (is_asking, query) = (is_asking.clone(), props.query.clone());
        Callback::from(move |()| {
            is_asking.set(false);
            if !batch.entries.is_empty() {
                // These accounts have their keys.
                form.chosen.set(Chosen::new());
            }
            discard(&worker, &creation, &batch);
            form.clear();
            // The address may ask for another rotation, which can start now.
            if query.replaces == *replaces
                && let Some(navigator) = &navigator
            {
                let query = Query {
                    replaces: None,
                    ..query.clone()
                };
                routes::replace(navigator, &Route::Create, &query);
            }
            replaces.set(None);
        })
    };
    let ask_or_start_over = {
        let (is_asking, start_over) = (is_asking.clone(), start_over.clone());
        let is_at_stake = creation.is_at_stake() || batch.is_at_stake();
        Callback::from(move |()| {
            if is_at_stake {
                is_asking.set(true);
            } else {
                start_over.emit(());
            }
        })
    };
    let content = match (&target, &creation.issued.uploaded) {
        _ if !batch.entries.is_empty() => html! {
            <Several {issuer} batch={batch.clone()} on_start_over={ask_or_start_over.clone()} />
        },
        (target, Some(_)) => html! {
            <ResultView creation={creation.clone()} issuer={issuer.clone()}
                account={account_of(&creation, &form.chosen)}
                target={target.clone().and_then(Result::ok)} on_verify={verify}
                on_start_over={ask_or_start_over.clone()} />
        },
        (Some(Ok(target @ Target { new: Some(new), .. })), None) if is_idle => html! {
            <Resumed target={target.clone()} new={new.clone()} on_leave={start_over.clone()} />
        },
        (target, None) => html! {
            <>
                <Form form={form.clone()} creation={creation.clone()} target={target.clone()}
                    is_rotation={replaces.is_some()} visits={props.visits} on_approach={warm_up}
                    on_submit={submit} on_cancel={cancel} />
                if creation.half().is_some() {
                    <PairCard creation={creation.clone()} worker={(*worker).clone()}
                        account={form.chosen.values().next().cloned()}
                        on_discard={ask_or_start_over.clone()} />
                }
            </>
        },
    };
    let (title, body, verb) = if batch.entries.is_empty() {
        (text::DISCARD_QUESTION, text::DISCARD_EFFECT, text::DISCARD)
    } else {
        (
            text::DISCARD_SEVERAL_QUESTION,
            text::DISCARD_SEVERAL_EFFECT,
            text::DISCARD_SEVERAL,
        )
    };
    html! {
        <>
            if requested.is_some() && requested != *replaces && !is_idle {
                <Card id="other-rotation" title={text::OTHER_KEY_FIRST}>
                    <p>{ text::OTHER_KEY_FIRST_HINT }</p>
                    <button type="button" id="discard-and-rotate" class="danger"
                        disabled={creation.stage.is_some() || batch.running}
                        onclick={ask_or_start_over.reform(|_: MouseEvent| ())}>
                        { text::DISCARD_AND_ROTATE }
                    </button>
                </Card>
            }
            { content }
            if *is_asking {
                <ConfirmDialog title={title} {body} {verb} on_confirm={start_over}
                    on_cancel={Callback::from(move |()| is_asking.set(false))} />
            }
        </>
    }
}

/// Warms the workers up a moment after the screen's first visit: before, the processor is needed to display it.
/// The callback does so at once.
#[hook]
fn use_warm_up(worker: &KeyWorker) -> Callback<()> {
    let warm_up = {
        let worker = worker.clone();
        Callback::from(move |()| worker.warm_up())
    };
    let later = warm_up.clone();
    use_effect_with((), move |()| {
        Timeout::new(WARM_UP_MS, move || later.emit(())).forget();
    });
    warm_up
}

/// The uploaded key's account; the choice may have changed since.
fn account_of(creation: &Creation, chosen: &Chosen) -> ChosenAccount {
    let id = creation
        .issued
        .uploaded
        .as_ref()
        .map_or("", |uploaded| &uploaded.service_account_id);
    let known = chosen.get(id).cloned();
    known.unwrap_or_else(|| ChosenAccount::of_id(id))
}

/// Ends the worker, and with it the private keys.
fn discard(
    worker: &KeyWorker,
    creation: &UseReducerHandle<Creation>,
    batch: &UseReducerHandle<Batch>,
) {
    if creation.half().is_some() || !batch.entries.is_empty() {
        worker.restart();
        save::revoke_all();
    }
    creation.dispatch(CreationAction::Discarded);
    batch.dispatch(BatchAction::Clear);
}

/// Chooses the account in the address, or the signed-in service account, and writes the choice of a single
/// account to the address.
#[hook]
fn use_account_sync(props: &ScreenProps, chosen: &UseStateHandle<Chosen>, is_free: bool) {
    let workspace = use_workspace();
    let choose = {
        let chosen = chosen.clone();
        move |account: ChosenAccount| chosen.set([(account.id.clone(), account)].into())
    };
    {
        // An account belongs to its project.
        let (chosen, last) = (chosen.clone(), use_mut_ref(|| None::<String>));
        use_effect_with(workspace.project_id.clone(), move |now| {
            let before = last.replace(now.clone());
            if before.is_some() && before != *now && is_free {
                chosen.set(Chosen::new());
            }
        });
    }
    {
        let (choose, chosen) = (choose.clone(), chosen.clone());
        let named = (props.query.account.clone(), props.visits);
        use_effect_with(named, move |(named, _)| {
            if let Some(id) = named
                && is_free
                && !chosen.contains_key(id)
                && keyside_keygen::check_id(id).is_ok()
            {
                choose(ChosenAccount::of_id(id));
            }
        });
    }
    use_effect_with(workspace.session().cloned(), move |session| {
        if let Some(session) = session
            && let Principal::ServiceAccount(account) = &session.principal
            && is_free
        {
            choose(account.as_ref().into());
        }
    });
    let navigator = use_navigator();
    let is_here = use_route::<Route>() == Some(Route::Create);
    let only = match chosen.keys().collect::<Vec<_>>().as_slice() {
        [only] if chosen.len() == 1 => Some((*only).clone()),
        _ => None,
    };
    let query = props.query.clone();
    use_effect_with((only, is_here), move |(only, is_here)| {
        if let Some(navigator) = navigator
            && *is_here
            && query.account != *only
        {
            let query = Query {
                account: only.clone(),
                ..query
            };
            routes::replace(&navigator, &Route::Create, &query);
        }
    });
}
