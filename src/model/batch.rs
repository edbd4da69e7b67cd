//! Keys for several service accounts: their progress and results.

use std::rc::Rc;

use yew::Reducible;

use super::{
    issue::{Issued, Order, Stage},
    upload::AttemptSlot,
};
use crate::text;

/// Progress of one account's key.
#[derive(Clone, PartialEq)]
pub enum Progress {
    Waiting,
    Working(Stage),
    Done,
    /// Failed, and why; partial results stay.
    Failed(String),
}

/// One account of a batch.
#[derive(Clone, PartialEq)]
pub struct Entry {
    /// What to upload, and for which account.
    pub order: Order,
    pub attempt: AttemptSlot,
    pub progress: Progress,
    /// What exists of its key.
    pub issued: Issued,
}

impl Entry {
    /// A key that isn't started.
    pub fn new(order: Order) -> Self {
        Self {
            order,
            attempt: AttemptSlot::default(),
            progress: Progress::Waiting,
            issued: Issued::default(),
        }
    }
}

/// A batch of new keys.
#[derive(Clone, PartialEq, Default)]
pub struct Batch {
    /// One entry per account, in processing order.
    pub entries: Vec<Entry>,
    pub running: bool,
    /// Whether it stops after the current key.
    pub stopping: bool,
    /// Whether a ZIP with every private key was saved.
    pub is_saved: bool,
}

/// Events of a batch.
pub enum BatchAction {
    Begin(Vec<Entry>),
    /// The batch resumes with the entries that aren't done.
    Continue,
    /// An entry reached a stage.
    At(usize, Stage),
    /// An entry finished: its result, and why it failed, if it did.
    Ended(usize, Issued, Option<String>),
    /// The worker was lost, and the private keys with it.
    Lost,
    /// Stop after the current key.
    Stop,
    Finished,
    /// A ZIP with every private key was saved.
    Saved,
    /// The keys were discarded.
    Clear,
}

impl Batch {
    /// The numbers of done and failed entries.
    pub fn counts(&self) -> (usize, usize) {
        let count = |is: fn(&Entry) -> bool| self.entries.iter().filter(|e| is(e)).count();
        (
            count(|entry| entry.progress == Progress::Done),
            count(|entry| matches!(entry.progress, Progress::Failed(_))),
        )
    }

    /// Whether a ZIP made now would omit a key that Nebius has: its private key is only in the worker.
    pub fn has_unverified(&self) -> bool {
        let is_unverified =
            |entry: &Entry| entry.issued.uploaded.is_some() && entry.progress != Progress::Done;
        self.entries.iter().any(is_unverified)
    }

    /// Whether leaving the page would lose private keys.
    pub fn is_at_stake(&self) -> bool {
        self.running || !self.is_saved && self.entries.iter().any(|e| e.issued.half.is_some())
    }
}

impl Reducible for Batch {
    type Action = BatchAction;

    fn reduce(self: Rc<Self>, action: BatchAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            BatchAction::Begin(entries) => {
                next = Self {
                    entries,
                    running: true,
                    ..Self::default()
                }
            }
            BatchAction::Continue => {
                next.running = true;
                next.stopping = false;
                for entry in &mut next.entries {
                    if matches!(entry.progress, Progress::Failed(_)) {
                        entry.progress = Progress::Waiting;
                    }
                }
            }
            BatchAction::At(at, stage) => {
                if let Some(entry) = next.entries.get_mut(at) {
                    entry.progress = Progress::Working(stage);
                }
            }
            BatchAction::Ended(at, issued, why) => {
                if let Some(entry) = next.entries.get_mut(at) {
                    next.is_saved &= entry.issued.half == issued.half;
                    entry.issued = issued;
                    entry.progress = why.map_or(Progress::Done, Progress::Failed);
                }
            }
            BatchAction::Lost => {
                for entry in &mut next.entries {
                    let issued = std::mem::take(&mut entry.issued);
                    if let Some(uploaded) = issued.uploaded {
                        entry.progress = Progress::Failed(text::pair_lost(&uploaded.key_id));
                    }
                }
            }
            BatchAction::Stop => next.stopping = true,
            BatchAction::Finished => {
                next.running = false;
                next.stopping = false;
            }
            BatchAction::Saved => next.is_saved = true,
            BatchAction::Clear => next = Self::default(),
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::model::{ChosenAccount, Uploaded};

    fn batch() -> Rc<Batch> {
        let entries = ["a", "b", "c"].map(|id| {
            Entry::new(Order {
                account: ChosenAccount::of_id(id),
                description: String::new(),
                expires_s: None,
            })
        });
        let begin = BatchAction::Begin(entries.to_vec());
        Rc::new(Batch::default()).reduce(begin)
    }

    fn uploaded() -> Issued {
        Issued {
            uploaded: Some(Uploaded::new("publickey-e00a", "a")),
            ..Issued::default()
        }
    }

    #[test]
    fn lost_private_keys_reset_their_entries() {
        let lost = batch()
            .reduce(BatchAction::Ended(0, uploaded(), None))
            .reduce(BatchAction::Lost);
        assert_eq!(lost.counts(), (0, 1));
        assert!(lost.entries[0].issued == Issued::default());
        let Progress::Failed(why) = &lost.entries[0].progress else {
            panic!("it is lost");
        };
        assert!(why.contains("publickey-e00a"), "{why}");
    }

    #[test]
    fn failed_entries_are_retried_and_done_entries_stay() {
        let batch = batch()
            .reduce(BatchAction::Ended(0, Issued::default(), None))
            .reduce(BatchAction::Ended(
                1,
                Issued::default(),
                Some("no".to_owned()),
            ))
            .reduce(BatchAction::Finished);
        assert_eq!(batch.counts(), (1, 1));
        assert!(!batch.running);
        let again = batch.reduce(BatchAction::Continue);
        assert!(again.running);
        let waiting = |entry: &Entry| entry.progress == Progress::Waiting;
        let waits: Vec<_> = again.entries.iter().map(waiting).collect();
        assert_eq!(waits, [false, true, true]);
    }

    #[test]
    fn unverified_keys_are_left_out_of_the_zip() {
        let failed = batch().reduce(BatchAction::Ended(0, uploaded(), Some("no".to_owned())));
        assert!(failed.has_unverified());
        let proven = failed.reduce(BatchAction::Ended(0, uploaded(), None));
        assert!(!proven.has_unverified());
        let never_sent = BatchAction::Ended(1, Issued::default(), Some("no".to_owned()));
        assert!(!proven.reduce(never_sent).has_unverified());
    }
}
