//! New keys for several service accounts: what is done, under way, and failed.

use std::rc::Rc;

use yew::Reducible;

use super::{
    ChosenAccount,
    issue::{Issued, Stage},
};
use crate::text;

/// How far one account's key is.
#[derive(Clone, PartialEq)]
pub enum Progress {
    /// Its turn has not come.
    Waiting,
    /// It is being worked on.
    Working(Stage),
    /// It is there and verified.
    Done,
    /// It isn't, and why; what was reached stays.
    Failed(String),
}

/// One account of the batch.
#[derive(Clone, PartialEq)]
pub struct Entry {
    /// Whose key.
    pub account: ChosenAccount,
    /// How far it is.
    pub progress: Progress,
    /// What there is of it.
    pub issued: Issued,
}

/// All of them.
#[derive(Clone, PartialEq, Default)]
pub struct Batch {
    /// In the order of the work.
    pub entries: Vec<Entry>,
    /// Whether the work is under way.
    pub running: bool,
    /// Whether it ends after the current key.
    pub stopping: bool,
    /// Whether a ZIP with every private key was saved.
    pub is_saved: bool,
}

/// What can happen.
pub enum BatchAction {
    /// A new batch begins.
    Begin(Vec<ChosenAccount>),
    /// It continues with what isn't done.
    Continue,
    /// An entry is at a stage.
    At(usize, Stage),
    /// The work on an entry ended: why it failed, if it did.
    Ended(usize, Issued, Option<String>),
    /// The worker is gone, and the private keys with it.
    Lost,
    /// Nothing more after the current key.
    Stop,
    /// The work has ended.
    Rest,
    /// A ZIP with every private key was saved.
    Saved,
    /// The keys are discarded.
    Clear,
}

impl Batch {
    /// How many are done, and how many failed.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let count = |is: fn(&Entry) -> bool| self.entries.iter().filter(|e| is(e)).count();
        (
            count(|entry| entry.progress == Progress::Done),
            count(|entry| matches!(entry.progress, Progress::Failed(_))),
        )
    }

    /// Whether a ZIP made now leaves out a key that the API has: its private key is only in the worker.
    #[must_use]
    pub fn has_unverified(&self) -> bool {
        let is_unverified =
            |entry: &Entry| entry.issued.uploaded.is_some() && entry.progress != Progress::Done;
        self.entries.iter().any(is_unverified)
    }

    /// Whether private keys would be lost with the page.
    #[must_use]
    pub fn is_at_stake(&self) -> bool {
        self.running || !self.is_saved && self.entries.iter().any(|e| e.issued.half.is_some())
    }
}

impl Reducible for Batch {
    type Action = BatchAction;

    fn reduce(self: Rc<Self>, action: BatchAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            BatchAction::Begin(accounts) => {
                next = Self {
                    entries: accounts
                        .into_iter()
                        .map(|account| Entry {
                            account,
                            progress: Progress::Waiting,
                            issued: Issued::default(),
                        })
                        .collect(),
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
            BatchAction::Rest => {
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
    use crate::model::Uploaded;

    fn batch() -> Rc<Batch> {
        let accounts = ["a", "b", "c"].map(ChosenAccount::of_id);
        let begin = BatchAction::Begin(accounts.to_vec());
        Rc::new(Batch::default()).reduce(begin)
    }

    #[test]
    fn what_was_made_is_not_done_any_more_when_its_private_key_is_lost() {
        let issued = Issued {
            uploaded: Some(Uploaded {
                key_id: "publickey-e00a".to_owned(),
                service_account_id: "a".to_owned(),
                note: None,
            }),
            ..Issued::default()
        };
        let lost = batch()
            .reduce(BatchAction::Ended(0, issued, None))
            .reduce(BatchAction::Lost);
        assert_eq!(lost.counts(), (0, 1));
        assert!(lost.entries[0].issued == Issued::default());
        let Progress::Failed(why) = &lost.entries[0].progress else {
            panic!("it is lost");
        };
        assert!(why.contains("publickey-e00a"), "{why}");
    }

    #[test]
    fn a_failure_waits_for_its_next_turn_and_what_is_done_stays_done() {
        let batch = batch()
            .reduce(BatchAction::Ended(0, Issued::default(), None))
            .reduce(BatchAction::Ended(
                1,
                Issued::default(),
                Some("no".to_owned()),
            ))
            .reduce(BatchAction::Rest);
        assert_eq!(batch.counts(), (1, 1));
        assert!(!batch.running);
        let again = batch.reduce(BatchAction::Continue);
        assert!(again.running);
        let waiting = |entry: &Entry| entry.progress == Progress::Waiting;
        let waits: Vec<_> = again.entries.iter().map(waiting).collect();
        assert_eq!(waits, [false, true, true]);
    }

    #[test]
    fn a_key_that_is_uploaded_and_not_verified_is_in_no_zip() {
        let issued = || Issued {
            uploaded: Some(crate::model::Uploaded {
                key_id: "publickey-e00a".to_owned(),
                service_account_id: "a".to_owned(),
                note: None,
            }),
            ..Issued::default()
        };
        let failed = batch().reduce(BatchAction::Ended(0, issued(), Some("no".to_owned())));
        assert!(failed.has_unverified());
        let proven = failed.reduce(BatchAction::Ended(0, issued(), None));
        assert!(!proven.has_unverified());
        let never_sent = BatchAction::Ended(1, Issued::default(), Some("no".to_owned()));
        assert!(!proven.reduce(never_sent).has_unverified());
    }
}
