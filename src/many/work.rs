//! Works through a batch, one key after the other. Each pair is put aside in the worker, so that the
//! next can be made and the files be written at the end.

use std::{cell::Cell, collections::HashMap, rc::Rc};

use keyside_engine::{EngineError, message::Command};
use keyside_iam::Timestamp;
use yew::UseReducerHandle;

use super::batch::{Batch, BatchAction, Entry, Progress};
use crate::{
    api::KeyOrder,
    issue::{Hands, Stage, Stopped},
    upload::{Attempt, AttemptSlot},
};

/// What is the same for all keys of a batch.
#[derive(Clone, PartialEq)]
pub struct Common {
    /// Where the accounts are.
    pub project_id: String,
    /// May be empty.
    pub description: String,
    /// `None`: never.
    pub expires_at: Option<Timestamp>,
}

/// What is known of the uploads of a batch, by account.
pub type Attempts = HashMap<String, AttemptSlot>;

/// Does what is not done of `entries`. `stop` ends it after the key at hand; `on_pair` hears of each
/// new pair.
pub async fn work(
    hands: &Hands,
    common: &Common,
    entries: &[Entry],
    attempts: &Attempts,
    stop: &Rc<Cell<bool>>,
    batch: &UseReducerHandle<Batch>,
    on_pair: impl Fn(&keyside_engine::message::PublicHalf),
) {
    for (at, entry) in entries.iter().enumerate() {
        if stop.get() {
            break;
        }
        if entry.progress == Progress::Done {
            continue;
        }
        let Some(attempt) = attempts.get(&entry.account.id) else {
            continue;
        };
        if entry.issued.half.is_none() {
            // What is known of the upload of a pair that was lost is not true of the next one.
            attempt.put_back(Attempt::default());
        }
        let name = &entry.account.id;
        if entry.issued.half.is_some()
            && let Err(error) = hands.worker.ask_keeper(Command::TakeUp(name.clone())).await
        {
            // The worker is lost, and the pair with it: the next try begins anew.
            let why = Some(error.to_string());
            batch.dispatch(BatchAction::Ended(at, crate::issue::Issued::default(), why));
            continue;
        }
        let tell = {
            let batch = batch.clone();
            let last = Cell::new(None);
            Rc::new(move |stage: Stage| {
                // Of each stage once: the numbers of a search are not shown here.
                let kind = std::mem::discriminant(&stage);
                if last.replace(Some(kind)) != Some(kind) {
                    batch.dispatch(BatchAction::At(at, stage));
                }
            })
        };
        let order = KeyOrder {
            project_id: common.project_id.clone(),
            service_account_id: entry.account.id.clone(),
            description: common.description.clone(),
            expires_at: common.expires_at.clone(),
            public_pem: String::new(),
        };
        let (issued, stopped) = hands
            .issue(order, attempt, entry.issued.clone(), tell)
            .await;
        if let Some(half) = &issued.half {
            on_pair(half);
            if let Err(error) = hands.worker.ask_keeper(Command::Shelve(name.clone())).await {
                batch.dispatch(ended(at, issued, Some(Stopped::NoPair(error))));
                continue;
            }
        }
        let is_keeping = hands.worker.is_keeping();
        // For the next one.
        hands.worker.warm();
        let is_lost = matches!(&stopped, Some(Stopped::NoPair(EngineError::Lost)));
        batch.dispatch(ended(at, issued, stopped));
        if !is_keeping {
            // The pairs of the others went with it.
            batch.dispatch(BatchAction::Lost);
        }
        if is_lost {
            // No worker: the others would fail alike.
            break;
        }
    }
    batch.dispatch(BatchAction::Rest);
}

fn ended(at: usize, issued: crate::issue::Issued, stopped: Option<Stopped>) -> BatchAction {
    BatchAction::Ended(at, issued, stopped.map(|why| why.line()))
}
