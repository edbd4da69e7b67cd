//! A change sent to the API: whether it's in progress, why it failed, and its idempotency key.

use std::{cell::RefCell, rc::Rc};

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::api::{Problem, make_idempotency_key};

/// A component's change. `O` is the order: sending the same one again after a failure retries the same change.
#[derive(Clone)]
pub struct Action<O: 'static> {
    busy: UseStateHandle<bool>,
    problem: UseStateHandle<Option<Problem>>,
    /// The last order that was sent, with its idempotency key, until it succeeds.
    sent: Rc<RefCell<Option<(O, String)>>>,
}

/// Creates a component's [`Action`].
#[hook]
pub fn use_action<O: 'static>() -> Action<O> {
    Action {
        busy: use_state(|| false),
        problem: use_state(|| None),
        sent: use_mut_ref(|| None),
    }
}

impl<O: PartialEq + Clone> Action<O> {
    /// Whether the change is in progress.
    pub fn is_busy(&self) -> bool {
        *self.busy
    }

    /// Why the last attempt failed.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// Runs `work` for `order` with its idempotency key, unless a change is in progress; `on_done` gets the
    /// result.
    pub fn run<T, W: Future<Output = Result<T, Problem>>>(
        &self,
        order: O,
        work: impl FnOnce(O, String) -> W + 'static,
        on_done: impl FnOnce(T) + 'static,
    ) {
        if *self.busy {
            return;
        }
        let sent = self.sent.take().filter(|(sent, _)| *sent == order);
        let Some(key) = sent.map(|(_, key)| key).or_else(make_idempotency_key) else {
            let why = keyside_engine::text::NO_RANDOMNESS.to_owned();
            self.problem.set(Some(Problem::Other(why)));
            return;
        };
        self.sent.replace(Some((order.clone(), key.clone())));
        self.busy.set(true);
        self.problem.set(None);
        let action = self.clone();
        spawn_local(async move {
            let outcome = work(order, key).await;
            action.busy.set(false);
            match outcome {
                Ok(done) => {
                    action.sent.replace(None);
                    on_done(done);
                }
                Err(why) => action.problem.set(Some(why)),
            }
        });
    }
}
