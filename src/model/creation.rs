//! State of one new key. Late results of another pair are ignored.

use std::rc::Rc;

use keyside_engine::{EngineError, message::PublicHalf};
use wasm_bindgen_futures::spawn_local;
use yew::{Reducible, UseReducerHandle};

use super::{
    Uploaded,
    issue::{Goal, Issued, Issuer, Order, Stage, Stopped},
    upload::AttemptSlot,
};

/// State of the new key.
#[derive(Clone, PartialEq, Default)]
pub struct Creation {
    /// What exists of it.
    pub issued: Issued,
    /// The current stage; `None` when idle.
    pub stage: Option<Stage>,
    /// Why the last attempt stopped early.
    pub stopped: Option<Stopped>,
    /// Whether the private key is saved, or was never here.
    pub is_saved: bool,
    /// State of this pair's upload.
    pub attempt: AttemptSlot,
}

/// Events of a creation.
pub enum CreationAction {
    At(Stage),
    /// The attempt ended with this result.
    Ended(Issued, Option<Stopped>),
    /// The pair was discarded, or its generation canceled.
    Discarded,
    /// A public key was imported from a file.
    Imported(PublicHalf),
    /// An event of the pair with this fingerprint.
    Pair(String, PairEvent),
}

/// Events of a key pair.
pub enum PairEvent {
    /// A file with the private key was saved.
    Saved,
    /// The public key was uploaded.
    Uploaded(Uploaded),
}

impl Creation {
    /// The pair's public part.
    pub fn half(&self) -> Option<&PublicHalf> {
        self.issued.half.as_ref()
    }

    /// Whether leaving the page would lose the private key.
    pub fn is_at_stake(&self) -> bool {
        self.half().is_some() && !self.is_saved
    }

    fn has_fingerprint(&self, fingerprint: &str) -> bool {
        self.half()
            .is_some_and(|half| half.fingerprint == fingerprint)
    }
}

impl Reducible for Creation {
    type Action = CreationAction;

    fn reduce(self: Rc<Self>, action: CreationAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            CreationAction::At(stage) => {
                // A late report of a canceled generation must not restore it.
                let is_start = matches!(stage, Stage::Generating(now) if now.elapsed_ms == 0.0);
                if next.stage.is_some() || is_start || next.half().is_some() {
                    next.stage = Some(stage);
                    next.stopped = None;
                }
            }
            CreationAction::Ended(issued, stopped) => {
                let is_current = match (next.half(), &issued.half) {
                    (Some(mine), Some(half)) => mine.fingerprint == half.fingerprint,
                    (Some(_), None) => false,
                    (None, _) => next.stage.is_some(),
                };
                if is_current {
                    next.issued = issued;
                    next.stopped = stopped;
                    next.stage = None;
                }
            }
            CreationAction::Discarded => next = Self::default(),
            CreationAction::Imported(half) => {
                next = Self {
                    issued: Issued {
                        half: Some(half),
                        ..Issued::default()
                    },
                    is_saved: true,
                    ..Self::default()
                }
            }
            CreationAction::Pair(fingerprint, event) if next.has_fingerprint(&fingerprint) => {
                match event {
                    PairEvent::Saved => next.is_saved = true,
                    PairEvent::Uploaded(uploaded) => next.issued.uploaded = Some(uploaded),
                }
            }
            CreationAction::Pair(..) => return self,
        }
        Rc::new(next)
    }
}

/// Runs the missing stages of the new key.
pub fn run(
    issuer: &Issuer,
    creation: &UseReducerHandle<Creation>,
    goal: Goal,
    order: Option<Order>,
) {
    if creation.stage.is_some() {
        return;
    }
    let (issuer, creation) = (issuer.clone(), creation.clone());
    let (before, attempt) = (creation.issued.clone(), creation.attempt.clone());
    spawn_local(async move {
        let on_stage = {
            let dispatcher = creation.dispatcher();
            Rc::new(move |stage| dispatcher.dispatch(CreationAction::At(stage)))
        };
        let (issued, stopped) = issuer
            .issue(goal, order.as_ref(), &attempt, before, on_stage)
            .await;
        // Canceled: the next step is already displayed.
        if stopped != Some(Stopped::NoPair(EngineError::Stopped)) {
            creation.dispatch(CreationAction::Ended(issued, stopped));
        }
    });
}

#[cfg(test)]
mod tests {
    use keyside_engine::message::Progress;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn half(fingerprint: &str) -> PublicHalf {
        PublicHalf {
            public_pem: String::new(),
            fingerprint: fingerprint.to_owned(),
            bits: 4096,
            elapsed_ms: 1.0,
            cross_checked: true,
            fast: true,
        }
    }

    fn issued(fingerprint: &str) -> Issued {
        Issued {
            half: Some(half(fingerprint)),
            ..Issued::default()
        }
    }

    fn generated() -> Rc<Creation> {
        Rc::new(Creation::default())
            .reduce(CreationAction::At(Stage::Generating(Progress::default())))
            .reduce(CreationAction::Ended(issued("a"), None))
    }

    fn pair_event(fingerprint: &str, event: PairEvent) -> CreationAction {
        CreationAction::Pair(fingerprint.to_owned(), event)
    }

    #[test]
    fn a_key_is_at_stake_from_generation_until_it_is_saved() {
        assert!(!Creation::default().is_at_stake());
        assert!(generated().is_at_stake());
        assert!(
            !generated()
                .reduce(pair_event("a", PairEvent::Saved))
                .is_at_stake()
        );
        let imported = CreationAction::Imported(half("b"));
        assert!(!generated().reduce(imported).is_at_stake());
    }

    #[test]
    fn events_of_another_pair_are_ignored() {
        let uploaded = || Uploaded::new("publickey-e00a", "serviceaccount-e00a");
        let late = generated()
            .reduce(pair_event("b", PairEvent::Saved))
            .reduce(pair_event("b", PairEvent::Uploaded(uploaded())))
            .reduce(CreationAction::Ended(issued("b"), None));
        assert!(late.issued == issued("a") && late.stopped.is_none() && late.is_at_stake());
        let mine = generated().reduce(pair_event("a", PairEvent::Uploaded(uploaded())));
        assert!(mine.issued.uploaded.is_some());
    }

    #[test]
    fn a_canceled_generation_stays_canceled() {
        let late = Progress {
            primes_found: 1,
            candidates_tested: 1,
            likelihood: 0.1,
            elapsed_ms: 5.0,
        };
        let canceled = Rc::new(Creation::default())
            .reduce(CreationAction::At(Stage::Generating(late)))
            .reduce(CreationAction::Ended(issued("a"), None));
        assert!(canceled.issued == Issued::default() && canceled.stage.is_none());
    }
}
