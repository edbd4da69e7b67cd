//! Creates a key for each of several service accounts, and one ZIP with all credentials files.

use std::{cell::Cell, cell::RefCell, rc::Rc};

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{archive::Archive, results::results};
use crate::{
    components::{Card, files::save},
    model::{
        batch::{Batch, BatchAction, Entry},
        batch_work::work,
        issue::Issuer,
    },
    text::several as text,
};

/// The batch and its resources.
#[derive(Clone)]
pub struct SeveralHandle {
    pub batch: UseReducerHandle<Batch>,
    issuer: Issuer,
    stop: Rc<RefCell<Rc<Cell<bool>>>>,
}

impl PartialEq for SeveralHandle {
    fn eq(&self, other: &Self) -> bool {
        self.batch == other.batch && self.issuer == other.issuer
    }
}

/// Creates the screen's batch.
#[hook]
pub fn use_several(issuer: &Issuer) -> SeveralHandle {
    SeveralHandle {
        batch: use_reducer(Batch::default),
        issuer: issuer.clone(),
        stop: use_mut_ref(|| Rc::new(Cell::new(false))),
    }
}

impl SeveralHandle {
    /// Starts a batch.
    pub fn begin(&self, entries: Vec<Entry>) {
        if self.batch.running {
            return;
        }
        self.batch.dispatch(BatchAction::Begin(entries.clone()));
        self.run(entries);
    }

    fn resume(&self) {
        self.batch.dispatch(BatchAction::Continue);
        self.run(self.batch.entries.clone());
    }

    fn stop(&self) {
        self.stop.borrow().set(true);
        self.batch.dispatch(BatchAction::Stop);
    }

    /// Discards the keys that were created.
    pub fn clear(&self) {
        if !self.batch.entries.is_empty() {
            self.issuer.worker.restart();
            save::revoke_all();
            self.batch.dispatch(BatchAction::Clear);
        }
    }

    fn run(&self, entries: Vec<Entry>) {
        let mine = Rc::new(Cell::new(false));
        self.stop.replace(Rc::clone(&mine));
        let (issuer, batch) = (self.issuer.clone(), self.batch.clone());
        spawn_local(async move { work(&issuer, &entries, &mine, &batch).await });
    }
}

#[derive(Properties, PartialEq)]
pub struct Props {
    pub several: SeveralHandle,
    /// Called to discard the keys and create others.
    pub on_start_over: Callback<()>,
}

/// The batch's progress, and its ZIP.
#[component]
pub fn Several(props: &Props) -> Html {
    let several = &props.several;
    let batch = &several.batch;
    let (done, _) = batch.counts();
    let on_stop = {
        let several = several.clone();
        Callback::from(move |_: MouseEvent| several.stop())
    };
    let on_continue = {
        let several = several.clone();
        Callback::from(move |_: MouseEvent| several.resume())
    };
    let on_saved = {
        let (batch, is_complete) = (batch.clone(), !batch.has_unverified());
        Callback::from(move |()| {
            if is_complete {
                batch.dispatch(BatchAction::Saved);
            }
        })
    };
    html! {
        <>
            <Card id="many-results" title={text::TITLE}>
                if !batch.is_saved { <p>{ text::NOT_SAVED }</p> }
                { results(batch, on_stop, on_continue) }
            </Card>
            if !batch.running {
                if done > 0 {
                    <Card id="many-zip" title={text::FILES}>
                        <Archive batch={batch.clone()} worker={several.issuer.worker.clone()}
                            {on_saved} />
                    </Card>
                }
                <p>
                    <button type="button" id="clear-many" class="quiet"
                        onclick={props.on_start_over.reform(|_: MouseEvent| ())}>
                        { text::START_OVER }
                    </button>
                </p>
            }
        </>
    }
}
