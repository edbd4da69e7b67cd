//! The page's hold on the key workers: starts them, asks them, watches them, ends them.

use std::{cell::RefCell, collections::BTreeMap, future::Future, rc::Rc};

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
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

/// The workers: a keeper, which will hold the private key, and searchers, one a processor, which
/// race for its primes. Ending them is the surest way to wipe what they hold.
#[derive(Clone)]
pub struct KeyWorker(Rc<RefCell<Team>>);

impl PartialEq for KeyWorker {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// So many searchers at the most: more would take memory, and the odds gain little.
const MOST_SEARCHERS: u32 = 8;

/// A worker that the system ended without a word is given up after so many looks with nothing
/// heard from any of them. Looks are counted, not seconds: a page that slept makes none.
const SILENT_LOOKS: u32 = 4;

/// Milliseconds from one look to the next.
const LOOK_EVERY_MS: u32 = 5_000;

struct Team {
    start_worker: StartWorker,
    /// `None`: one a processor.
    searchers_wanted: Option<u32>,
    keeper: Option<Running>,
    /// Numbered from 0.
    searchers: BTreeMap<u32, Running>,
}

impl Team {
    /// Starts whoever is missing.
    fn fill_up(&mut self) {
        if self.keeper.as_ref().is_none_or(Running::is_lost) {
            self.keeper = Running::start(&self.start_worker);
        }
        self.searchers.retain(|_, searcher| !searcher.is_lost());
        let wanted = self.searchers_wanted.unwrap_or_else(|| {
            web_sys::window().map_or(1, |window| window.navigator().hardware_concurrency() as u32)
        });
        let wanted = match self.searchers_wanted {
            Some(0) => 0,
            _ => wanted.clamp(1, MOST_SEARCHERS),
        };
        for number in 0..wanted {
            if !self.searchers.contains_key(&number)
                && let Some(searcher) = Running::start(&self.start_worker)
            {
                self.searchers.insert(number, searcher);
            }
        }
    }

    fn end(&mut self) {
        self.keeper = None;
        self.searchers.clear();
    }

    /// Messages from all of them.
    fn heard(&self) -> u32 {
        let all = self.searchers.values().chain(&self.keeper);
        all.fold(0, |sum, running| sum.wrapping_add(running.heard()))
    }
}

impl KeyWorker {
    /// Starts the workers: so many searchers, or one a processor.
    #[must_use]
    pub fn start(start_worker: StartWorker, searchers: Option<u32>) -> Self {
        let worker = Self::idle(start_worker, searchers);
        worker.warm();
        worker
    }

    /// No worker yet: they are started when they are asked for something; so many searchers (none:
    /// for what needs no new pair), or one a processor.
    #[must_use]
    pub fn idle(start_worker: StartWorker, searchers: Option<u32>) -> Self {
        Self(Rc::new(RefCell::new(Team {
            start_worker,
            searchers_wanted: searchers,
            keeper: None,
            searchers: BTreeMap::new(),
        })))
    }

    /// Starts whichever worker is missing, so that it is warm when it is needed.
    pub fn warm(&self) {
        self.0.borrow_mut().fill_up();
    }

    /// Ends the workers and everything they hold.
    pub fn end(&self) {
        self.0.borrow_mut().end();
    }

    /// Ends the workers and everything they hold, and starts new ones.
    pub fn restart(&self) {
        self.end();
        self.warm();
    }

    /// Makes a pair; `on_progress` is told how far it is. The searchers are ended then, with what
    /// they hold of other primes.
    ///
    /// # Errors
    /// When a worker is stopped or lost, or cannot do its work.
    pub async fn generate(
        &self,
        size: KeySize,
        on_progress: OnProgress,
    ) -> Result<PublicHalf, EngineError> {
        self.warm();
        let outcome = self.race(size, on_progress).ok_or(EngineError::Lost)?;
        match self.watched(outcome).await {
            Ok(Event::Made(half)) => Ok(half),
            // Whoever stopped it has ended the workers, and may have started new ones.
            Err(EngineError::Stopped) => Err(EngineError::Stopped),
            other => {
                self.abandon();
                Err(other.err().unwrap_or(EngineError::Lost))
            }
        }
    }

    /// Ends the searchers of a search that failed. The keeper forgets what it has of it, and keeps the
    /// pairs that were put aside.
    fn abandon(&self) {
        let mut team = self.0.borrow_mut();
        team.searchers.clear();
        team.keeper = team.keeper.take().filter(|keeper| !keeper.is_lost());
        if let Some(keeper) = &team.keeper {
            // Nothing depends on the answer.
            drop(keeper.ask(Command::Abandon, &js_sys::Array::new(), Rc::new(|_| {})));
        }
    }

    /// Whether the keeper is there, and with it the pairs that were put aside.
    #[must_use]
    pub fn is_keeping(&self) -> bool {
        let team = self.0.borrow();
        team.keeper.as_ref().is_some_and(|keeper| !keeper.is_lost())
    }

    /// Sets the searchers to work for the keeper; the first answer of all is the outcome.
    fn race(&self, size: KeySize, on_progress: OnProgress) -> Option<Answer> {
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
                    // Nobody waits any more when this fails.
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
            finish(searcher.ask(
                Command::Search { bits, to },
                &transfer,
                Rc::new(move |event| tally.searcher_said(number, &event)),
            ));
        }
        let on_event = {
            let (tally, team) = (tally, Rc::downgrade(&self.0));
            Rc::new(move |event| match event {
                Event::PrimesFound(count) => tally.primes_found(count),
                Event::Needs(ports) => {
                    // The processors are free for the others and for the checks of the pair.
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
                .ask(Command::Collect { bits, from }, &ports, on_event),
        );
        Some(outcome)
    }

    /// A file with the private key in it, as `command` asks for.
    ///
    /// # Errors
    /// As for [`KeyWorker::generate`].
    pub async fn file(&self, command: Command) -> Result<web_sys::Blob, EngineError> {
        match self.ask(command).await? {
            Event::File(blob) => Ok(blob),
            _ => Err(EngineError::Lost),
        }
    }

    /// Any other command of the keeper's, which is started for it if need be.
    ///
    /// # Errors
    /// As for [`KeyWorker::generate`].
    pub async fn ask_keeper(&self, command: Command) -> Result<Event, EngineError> {
        self.0.borrow_mut().fill_up();
        self.ask(command).await
    }

    /// A JWT for the token exchange, with the pair or with the key of the file that was examined.
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
            Some(keeper) => keeper.ask(command, &js_sys::Array::new(), Rc::new(|_| {})),
            None => {
                return Err(EngineError::Failed(Fault::new(
                    Code::NoKey,
                    text::NO_KEY_IN_WORKER,
                )));
            }
        };
        self.watched(answer).await
    }

    /// The answer, or the loss of workers from which nothing is heard any more.
    fn watched(&self, answer: Answer) -> impl Future<Output = Result<Event, EngineError>> + use<> {
        let team = Rc::downgrade(&self.0);
        let silent_team = team.clone();
        let silence = async move {
            let (mut silent, mut heard) = (0, None);
            while silent < SILENT_LOOKS {
                TimeoutFuture::new(LOOK_EVERY_MS).await;
                let now = team.upgrade().map(|team| team.borrow().heard());
                silent = if now == heard { silent + 1 } else { 0 };
                heard = now;
            }
        };
        async move {
            match select(answer, Box::pin(silence)).await {
                Either::Left((answer, _)) => answer.unwrap_or(Err(EngineError::Stopped)),
                Either::Right(_) => {
                    // Whoever it is that is gone: none of them is waited for again.
                    if let Some(team) = silent_team.upgrade() {
                        team.borrow_mut().end();
                    }
                    Err(EngineError::Lost)
                }
            }
        }
    }
}
