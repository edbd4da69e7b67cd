//! Processes a batch one key at a time. The worker stashes each pair, so that the next can be generated
//! and all files can be written at the end.

use std::{cell::Cell, rc::Rc};

use keyside_engine::{EngineError, message::Command};
use wasm_bindgen_futures::spawn_local;
use yew::UseReducerHandle;

use super::{
    batch::{Batch, BatchAction, Progress},
    issue::{Goal, Issued, Issuer, Stage, Stopped},
    upload::Attempt,
};

/// Starts a batch, or continues it.
pub fn run(issuer: &Issuer, batch: &UseReducerHandle<Batch>, start: BatchAction) {
    if batch.running {
        return;
    }
    batch.dispatch(start);
    let (issuer, batch) = (issuer.clone(), batch.clone());
    spawn_local(async move { work(&issuer, &batch).await });
}

/// Processes the entries that aren't done, until the batch is asked to stop.
async fn work(issuer: &Issuer, batch: &UseReducerHandle<Batch>) {
    // As they are now: a pair that is lost later isn't generated again without a click.
    let entries = batch.entries.clone();
    for (at, entry) in entries.iter().enumerate() {
        if is_stopping(batch) {
            break;
        }
        if entry.progress == Progress::Done {
            continue;
        }
        if entry.issued.half.is_none() {
            // The state of a lost pair's upload doesn't apply to the next pair.
            entry.attempt.put_back(Attempt::default());
        }
        let name = &entry.order.account.id;
        if entry.issued.half.is_some()
            && let Err(error) = issuer
                .worker
                .ask_keeper(Command::Restore(name.clone()))
                .await
        {
            // The worker and the pair are lost: the next attempt starts over.
            let why = Some(error.to_string());
            batch.dispatch(BatchAction::Ended(at, Issued::default(), why));
            continue;
        }
        let on_stage = {
            let (batch, worker) = (batch.clone(), issuer.worker.clone());
            let last = Cell::new(None);
            Rc::new(move |stage: Stage| {
                // Report each stage once: this screen doesn't display progress within a stage.
                let kind = std::mem::discriminant(&stage);
                if last.replace(Some(kind)) != Some(kind) {
                    if matches!(stage, Stage::Uploading) {
                        // Prepare the next pair's searchers meanwhile.
                        worker.start_missing();
                    }
                    batch.dispatch(BatchAction::At(at, stage));
                }
            })
        };
        let (issued, stopped) = issuer
            .issue(
                Goal::Key,
                Some(&entry.order),
                &entry.attempt,
                entry.issued.clone(),
                on_stage,
            )
            .await;
        if issued.half.is_some()
            && let Err(error) = issuer.worker.ask_keeper(Command::Stash(name.clone())).await
        {
            batch.dispatch(ended(at, issued, Some(Stopped::NoPair(error))));
            continue;
        }
        let is_keeping = issuer.worker.is_keeping();
        let is_over = stopped.as_ref().is_some_and(|why| {
            // The remaining entries would fail in the same way.
            why.ends_session() || matches!(why, Stopped::NoPair(EngineError::Lost))
        });
        batch.dispatch(ended(at, issued, stopped));
        if !is_keeping {
            // The other entries' pairs were lost with it.
            batch.dispatch(BatchAction::Lost);
        }
        if is_over {
            break;
        }
    }
    batch.dispatch(BatchAction::Finished);
}

/// Whether it should stop after the current key. A clone, since a handle keeps each state that it has read.
fn is_stopping(batch: &UseReducerHandle<Batch>) -> bool {
    batch.clone().stopping
}

fn ended(at: usize, issued: Issued, stopped: Option<Stopped>) -> BatchAction {
    BatchAction::Ended(at, issued, stopped.map(|why| why.line()))
}
