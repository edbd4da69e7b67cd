//! Uploads a public key, idempotently across retries, and waits for the operation.

use std::{cell::RefCell, rc::Rc};

use gloo_timers::future::TimeoutFuture;
use keyside_iam::common::Operation;

use super::Uploaded;
use crate::{
    api::{Api, KeyOrder, Problem, make_idempotency_key},
    text,
};

/// Polling interval of an operation, in milliseconds: initial and maximum.
const FIRST_PAUSE_MS: u32 = 200;
const LONGEST_PAUSE_MS: u32 = 2_000;
/// Maximum wait for an operation per attempt, in milliseconds.
const PATIENCE_MS: u32 = 120_000;
/// Consecutive polls that may fail before giving up.
const FAILED_POLLS: u32 = 3;

/// State of earlier attempts at one upload. It lives as long as the pair, across sessions.
#[derive(Default)]
pub struct Attempt {
    /// The last order sent, with its idempotency key.
    sent: Option<(KeyOrder, String)>,
    /// An attempt ended without an answer, so it may have succeeded.
    may_exist: bool,
    /// The operation that the API started.
    operation: Option<Operation>,
}

impl Attempt {
    /// Uploads, or completes what an earlier attempt started.
    ///
    /// # Errors
    /// If the API refuses or doesn't answer; the call can be retried.
    pub async fn send(&mut self, api: &Api, order: KeyOrder) -> Result<Uploaded, Problem> {
        let is_for_another =
            |(sent, _): &(KeyOrder, String)| sent.service_account_id != order.service_account_id;
        if self.sent.as_ref().is_some_and(is_for_another) {
            *self = Self::default();
        }
        let outcome = self.try_send(api, order).await;
        if let Err(problem) = &outcome {
            self.may_exist |= problem.is_ambiguous();
            if matches!(problem, Problem::OperationFailed(_)) {
                // The operation failed: the next attempt starts a new one.
                *self = Self::default();
            }
        }
        outcome
    }

    async fn try_send(&mut self, api: &Api, order: KeyOrder) -> Result<Uploaded, Problem> {
        let service_account_id = order.service_account_id.clone();
        let uploaded = |key_id, expires_s, note| Uploaded {
            key_id,
            service_account_id,
            expires_s,
            note,
        };
        if let (Some(operation), Some((sent, _))) = (&self.operation, &self.sent) {
            let note = (*sent != order).then_some(text::FIRST_ORDER);
            let key_id = wait_for(api, operation.clone()).await?;
            return Ok(uploaded(key_id, sent.expires_s, note));
        }
        if self.may_exist {
            // Not every API remembers idempotency keys, so check for the key first.
            let ours = order.public_pem.trim();
            let keys = api.keys_of(&order.service_account_id).await?;
            if let Some(key) = keys.iter().find(|key| key.spec.data.trim() == ours) {
                let expires_s = key.spec.expires_at.as_option().map(|at| at.seconds);
                let id = key.metadata.id.clone();
                return Ok(uploaded(id, expires_s, Some(text::FIRST_ORDER)));
            }
        }
        let key = match &self.sent {
            Some((sent, key)) if *sent == order => key.clone(),
            _ => make_idempotency_key()
                .ok_or_else(|| Problem::Other(keyside_engine::text::NO_RANDOMNESS.to_owned()))?,
        };
        self.sent = Some((order.clone(), key.clone()));
        let operation = api.create_key(&order, &key).await?;
        self.operation = Some(operation.clone());
        let key_id = wait_for(api, operation).await?;
        Ok(uploaded(key_id, order.expires_s, None))
    }
}

/// The upload attempt of one pair; taken while in progress, so that a second click does nothing.
#[derive(Clone)]
pub struct AttemptSlot(Rc<RefCell<Option<Attempt>>>);

impl Default for AttemptSlot {
    /// No attempt yet.
    fn default() -> Self {
        Self(Rc::new(RefCell::new(Some(Attempt::default()))))
    }
}

impl AttemptSlot {
    /// The attempt, unless it's in progress.
    pub fn take(&self) -> Option<Attempt> {
        self.0.borrow_mut().take()
    }

    /// Returns the attempt when it's no longer in progress.
    pub fn put_back(&self, attempt: Attempt) {
        self.0.replace(Some(attempt));
    }
}

impl PartialEq for AttemptSlot {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Polls the operation until it's done; returns the ID of the created resource.
///
/// # Errors
/// If it failed, timed out, or couldn't be polled.
pub async fn wait_for(api: &Api, mut operation: Operation) -> Result<String, Problem> {
    let (mut pause, mut waited, mut failed) = (FIRST_PAUSE_MS, 0, 0);
    loop {
        if let Some(status) = operation.status.as_option() {
            return match status.code {
                0 => Ok(operation.resource_id),
                _ => Err(Problem::of_operation(status)),
            };
        }
        if waited >= PATIENCE_MS {
            return Err(Problem::OperationSlow);
        }
        TimeoutFuture::new(pause).await;
        waited += pause;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE_MS);
        match api.operation(&operation.id).await {
            Ok(now) => {
                operation = now;
                failed = 0;
            }
            Err(problem) if problem.is_ambiguous() && failed < FAILED_POLLS => failed += 1,
            Err(problem) => return Err(problem),
        }
    }
}
