//! The page's handle on the key workers: starts them, sends commands, detects losses, ends them.

use std::{cell::RefCell, collections::BTreeMap, future::Future, rc::Rc};

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use gloo_timers::{callback::Timeout, future::TimeoutFuture};
use keyside_keygen::KeySize;
use wasm_bindgen_futures::spawn_local;
use web_sys::MessageChannel;

use crate::{
    error::EngineError,
    message::{Code, Command, Event, Fault, PublicHalf},
    running::{Answer, Running, StartWorker},
    tally::{OnProgress, Tally},
    text,
};

/// The workers: a keeper, which holds the private key, and searchers, which search for primes in
/// parallel. Ending the workers reliably removes all keys from memory.
#[derive(Clone)]
pub struct KeyWorker(Rc<RefCell<Team>>);

impl PartialEq for KeyWorker {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Maximum number of searchers: one more would save less than 5% of the time (docs/performance.md).
const MAX_SEARCHERS: u32 = 6;

/// Consecutive checks without a message from any worker before they count as lost, since the system
/// may end a worker without an event. Counts checks, not seconds: a suspended page makes none.
const MAX_SILENT_CHECKS: u32 = 4;

/// Time until the last searchers of a search end, in milliseconds: a browser's main thread waits for the end of a
/// worker, and first it displays the result.
const SPENT_MS: u32 = 100;

/// Time between two checks, in milliseconds.
const CHECK_INTERVAL_MS: u32 = 5_000;

struct Team {
    start_worker: StartWorker,
    /// `None`: one per processor.
    searcher_count: Option<u32>,
    /// Whether workers warm up when they start.
    warms_up: bool,
    keeper: Option<Running>,
    /// By number, from 0.
    searchers: BTreeMap<u32, Running>,
}

impl Team {
    /// Starts the missing workers.
    fn start_missing(&mut self) {
        let count = self.searcher_count.unwrap_or_else(|| {
            web_sys::window().map_or(1, |window| window.navigator().hardware_concurrency() as u32)
        });
        let count = match self.searcher_count {
            Some(0) => 0,
            _ => count.clamp(1, MAX_SEARCHERS),
        };
        if self.keeper.as_ref().is_none_or(Running::is_lost) {
            self.keeper = Running::start(&self.start_worker);
            if let Some(keeper) = self.keeper.as_ref().filter(|_| self.warms_up) {
                keeper.warm_up(true);
            }
        }
        self.searchers.retain(|_, searcher| !searcher.is_lost());
        for number in 0..count {
            if !self.searchers.contains_key(&number)
                && let Some(searcher) = Running::start(&self.start_worker)
            {
                if self.warms_up {
                    searcher.warm_up(false);
                }
                self.searchers.insert(number, searcher);
            }
        }
    }

    fn end(&mut self) {
        self.keeper = None;
        self.searchers.clear();
    }

    /// Number of messages received from all workers.
    fn messages(&self) -> u32 {
        let all = self.searchers.values().chain(&self.keeper);
        all.fold(0, |sum, running| sum.wrapping_add(running.messages()))
    }
}

impl KeyWorker {
    /// Starts the workers, with `searchers` searchers or one per processor.
    #[must_use]
    pub fn start(start_worker: StartWorker, searchers: Option<u32>) -> Self {
        let worker = Self::idle(start_worker, searchers);
        worker.start_missing();
        worker
    }

    /// Starts no workers until they are needed; then `searchers` searchers, or one per processor.
    /// Zero is enough for everything but generating key pairs.
    #[must_use]
    pub fn idle(start_worker: StartWorker, searchers: Option<u32>) -> Self {
        Self(Rc::new(RefCell::new(Team {
            start_worker,
            searcher_count: searchers,
            warms_up: false,
            keeper: None,
            searchers: BTreeMap::new(),
        })))
    }

    /// Lets all workers, also future ones, prepare for a search, which takes half a second of a processor and
    /// makes the next one faster. Calling it again does nothing.
    pub fn warm_up(&self) {
        let mut team = self.0.borrow_mut();
        if team.warms_up {
            return;
        }
        team.warms_up = true;
        if let Some(keeper) = &team.keeper {
            keeper.warm_up(true);
        }
        for searcher in team.searchers.values() {
            searcher.warm_up(false);
        }
    }

    /// Starts the missing workers ahead of the next command.
    pub fn start_missing(&self) {
        self.0.borrow_mut().start_missing();
    }

    /// Ends the workers, with everything they hold.
    pub fn end(&self) {
        self.0.borrow_mut().end();
    }

    /// Ends the workers, with everything they hold, and starts new ones.
    pub fn restart(&self) {
        self.end();
        self.start_missing();
    }

    /// Generates a key pair; `on_progress` receives the progress. The searchers end soon after, with
    /// the other primes that they hold.
    ///
    /// # Errors
    /// When a worker is stopped or lost, or reports an error.
    pub async fn generate(
        &self,
        size: KeySize,
        on_progress: OnProgress,
    ) -> Result<PublicHalf, EngineError> {
        self.start_missing();
        let outcome = self.search(size, on_progress).ok_or(EngineError::Lost)?;
        match self.unless_lost(outcome).await {
            Ok(Event::Made(half)) => {
                self.end_searchers_soon();
                Ok(half)
            }
            // The caller that stopped it has ended the workers, and may have started new ones.
            Err(EngineError::Stopped) => Err(EngineError::Stopped),
            other => {
                self.abandon();
                Err(other.err().unwrap_or(EngineError::Lost))
            }
        }
    }

    fn end_searchers_soon(&self) {
        let spent = std::mem::take(&mut self.0.borrow_mut().searchers);
        Timeout::new(SPENT_MS, move || drop(spent)).forget();
    }

    /// Ends the searchers of a failed search. The keeper discards the primes, but not the stashed
    /// key pairs.
    fn abandon(&self) {
        let mut team = self.0.borrow_mut();
        team.searchers.clear();
        team.keeper = team.keeper.take().filter(|keeper| !keeper.is_lost());
        if let Some(keeper) = &team.keeper {
            // Nothing depends on the answer.
            drop(keeper.send(Command::Abandon, &js_sys::Array::new(), Rc::new(|_| {})));
        }
    }

    /// Whether the keeper is running and holds the stashed key pairs.
    #[must_use]
    pub fn is_keeping(&self) -> bool {
        let team = self.0.borrow();
        team.keeper.as_ref().is_some_and(|keeper| !keeper.is_lost())
    }

    /// Starts a search; the first answer of any worker is the outcome.
    fn search(&self, size: KeySize, on_progress: OnProgress) -> Option<Answer> {
        let team = self.0.borrow();
        let bits = size.bits();
        let tally = Tally::new(size, on_progress);
        let (first, outcome) = oneshot::channel();
        let first = Rc::new(RefCell::new(Some(first)));
        let finish = |answer: Answer| {
            let first = Rc::clone(&first);
            spawn_local(async move {
                if let Ok(answer) = answer.await
                    && let Some(first) = first.borrow_mut().take()
                {
                    // Fails if the caller no longer waits.
                    let _ = first.send(answer);
                }
            });
        };
        let ports = js_sys::Array::new();
        let mut numbers = Vec::new();
        for (&number, searcher) in &team.searchers {
            let channel = MessageChannel::new().ok()?;
            ports.push(&channel.port2());
            numbers.push(number);
            let to = channel.port1();
            let transfer = js_sys::Array::of1(&to);
            let tally = tally.clone();
            finish(searcher.send(
                Command::Search { bits, to },
                &transfer,
                Rc::new(move |event| tally.record(number, &event)),
            ));
        }
        let on_event = {
            let (tally, team) = (tally, Rc::downgrade(&self.0));
            Rc::new(move |event| match event {
                Event::PrimesFound(count) => tally.primes_found(count),
                Event::SearchersNeeded(ports) => {
                    // Frees processors for the other searchers and for the checks of the key pair.
                    if let Some(team) = team.upgrade() {
                        let needed: Vec<_> = ports
                            .iter()
                            .filter_map(|port| numbers.get(*port as usize))
                            .collect();
                        team.borrow_mut()
                            .searchers
                            .retain(|number, _| needed.contains(&number));
                    }
                }
                _ => {}
            })
        };
        let from = ports.clone();
        finish(
            team.keeper
                .as_ref()?
                .send(Command::Collect { bits, from }, &ports, on_event),
        );
        Some(outcome)
    }

    /// Requests a file with the private key.
    ///
    /// # Errors
    /// As for [`KeyWorker::generate`].
    pub async fn file(&self, command: Command) -> Result<web_sys::Blob, EngineError> {
        match self.ask(command).await? {
            Event::File(blob) => Ok(blob),
            _ => Err(EngineError::Lost),
        }
    }

    /// Sends any other command to the keeper, which is started first if necessary.
    ///
    /// # Errors
    /// As for [`KeyWorker::generate`].
    pub async fn ask_keeper(&self, command: Command) -> Result<Event, EngineError> {
        self.start_missing();
        self.ask(command).await
    }

    /// Signs a JWT for the token exchange, with the key pair or with the key of the examined file.
    ///
    /// # Errors
    /// As for [`KeyWorker::generate`].
    pub async fn sign(
        &self,
        key_id: String,
        service_account_id: String,
        now_unix_s: u64,
        examined: bool,
    ) -> Result<String, EngineError> {
        let command = Command::Sign {
            key_id,
            service_account_id,
            now_unix_s,
            examined,
        };
        match self.ask(command).await? {
            Event::Signed(jwt) => Ok(jwt),
            _ => Err(EngineError::Lost),
        }
    }

    async fn ask(&self, command: Command) -> Result<Event, EngineError> {
        let answer = match &self.0.borrow().keeper {
            Some(keeper) => keeper.send(command, &js_sys::Array::new(), Rc::new(|_| {})),
            None => {
                return Err(EngineError::Failed(Fault::new(
                    Code::NoKey,
                    text::NO_KEY_IN_WORKER,
                )));
            }
        };
        self.unless_lost(answer).await
    }

    /// Waits for the answer, or for the loss of workers that no longer send messages.
    fn unless_lost(
        &self,
        answer: Answer,
    ) -> impl Future<Output = Result<Event, EngineError>> + use<> {
        let team = Rc::downgrade(&self.0);
        let silent_team = team.clone();
        let silence = async move {
            let (mut silent_checks, mut last) = (0, None);
            while silent_checks < MAX_SILENT_CHECKS {
                TimeoutFuture::new(CHECK_INTERVAL_MS).await;
                let messages = team.upgrade().map(|team| team.borrow().messages());
                silent_checks = if messages == last {
                    silent_checks + 1
                } else {
                    0
                };
                last = messages;
            }
        };
        async move {
            match select(answer, Box::pin(silence)).await {
                Either::Left((answer, _)) => answer.unwrap_or(Err(EngineError::Stopped)),
                Either::Right(_) => {
                    // Any of the workers may be lost, so all of them are ended.
                    if let Some(team) = silent_team.upgrade() {
                        team.borrow_mut().end();
                    }
                    Err(EngineError::Lost)
                }
            }
        }
    }
}
