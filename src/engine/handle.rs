//! The page's hold on the key workers: starts them, asks them, ends them.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use futures_channel::oneshot;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{MessageChannel, MessageEvent, Worker, WorkerOptions, WorkerType};
use yew::Callback;

use super::message::{Command, Envelope, Event, Numbered, Progress, PublicHalf};
use crate::text;

const LOADER: &str = "key-worker-loader.js";

/// Why the worker gave no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EngineError {
    /// The page ended the worker on request.
    #[error("stopped")]
    Stopped,
    /// The worker did not start, or ended unasked.
    #[error("{}", text::WORKER_LOST)]
    Lost,
    /// The worker's own words.
    #[error("{0}")]
    Failed(String),
}

/// The workers: a keeper, which will hold the private key, and searchers, one a processor, which
/// race for its primes. Ending them is the surest way to wipe what they hold; new ones are started
/// at once, so that they are warm when they are needed.
#[derive(Clone)]
pub struct KeyWorker(Rc<RefCell<Team>>);

impl PartialEq for KeyWorker {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// So many searchers at the most: more would take memory, and the odds gain little.
const MOST_SEARCHERS: usize = 4;

struct Team {
    keeper: Option<Running>,
    searchers: Vec<Running>,
}

impl Team {
    fn start() -> Self {
        Self {
            keeper: Running::start(),
            searchers: Self::start_searchers(),
        }
    }

    fn start_searchers() -> Vec<Running> {
        let processors =
            web_sys::window().map_or(1.0, |window| window.navigator().hardware_concurrency());
        let count = (processors as usize).clamp(1, MOST_SEARCHERS);
        (0..count).filter_map(|_| Running::start()).collect()
    }

    fn is_lost(&self) -> bool {
        let lost = |running: &Running| running.calls.borrow().lost;
        self.keeper.as_ref().is_none_or(lost)
            || self.searchers.is_empty()
            || self.searchers.iter().any(lost)
    }
}

struct Running {
    worker: Worker,
    calls: Rc<RefCell<Calls>>,
    // Dropped with the worker, which drops the listeners.
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(JsValue)>,
}

#[derive(Default)]
struct Calls {
    last_id: u32,
    ready: bool,
    /// Commands from before the worker was ready.
    early: Vec<(JsValue, js_sys::Array)>,
    waiting: HashMap<u32, Waiting>,
    lost: bool,
}

type Answer = oneshot::Receiver<Result<Event, EngineError>>;

struct Waiting {
    answer: oneshot::Sender<Result<Event, EngineError>>,
    /// Told of what comes before the last event.
    on_event: Callback<Event>,
}

impl KeyWorker {
    /// Starts the workers.
    #[must_use]
    pub fn start() -> Self {
        Self(Rc::new(RefCell::new(Team::start())))
    }

    /// Ends the workers and everything they hold, and starts new ones.
    pub fn restart(&self) {
        let mut team = self.0.borrow_mut();
        // The old ones first: never are more at work than there are processors.
        team.keeper = None;
        team.searchers.clear();
        *team = Team::start();
    }

    /// Makes a pair; `on_progress` is told how far it is.
    ///
    /// # Errors
    /// When a worker is stopped or lost, or cannot do its work.
    pub async fn generate(
        &self,
        on_progress: Callback<Progress>,
    ) -> Result<PublicHalf, EngineError> {
        if self.0.borrow().is_lost() {
            self.restart();
        }
        let outcome = self.race(on_progress).ok_or(EngineError::Lost)?;
        let event = outcome.await.unwrap_or(Err(EngineError::Stopped));
        if let Ok(Event::Made(half)) = event {
            // Warm for the next pair; the old ones, and what they held, are gone.
            self.0.borrow_mut().searchers = Team::start_searchers();
            return Ok(half);
        }
        // Nothing of a search that failed stays at work.
        if !matches!(event, Err(EngineError::Stopped)) {
            self.restart();
        }
        Err(event.err().unwrap_or(EngineError::Lost))
    }

    /// Sets the searchers to work for the keeper; the first answer of all is the outcome.
    fn race(&self, on_progress: Callback<Progress>) -> Option<Answer> {
        let team = self.0.borrow();
        let tally = Tally::new(team.searchers.len(), on_progress);
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
        for (at, searcher) in team.searchers.iter().enumerate() {
            let channel = MessageChannel::new().ok()?;
            ports.push(&channel.port2());
            let on_event = tally.searcher(at);
            finish(searcher.ask(
                Command::Search(channel.port1()),
                &js_sys::Array::of1(&channel.port1()),
                on_event,
            ));
        }
        let on_event = {
            let (tally, team) = (tally.clone(), Rc::downgrade(&self.0));
            Callback::from(move |event| {
                if matches!(event, Event::PrimeFound)
                    && tally.prime_found()
                    && let Some(team) = team.upgrade()
                {
                    // The processors are free for the checks of the pair.
                    team.borrow_mut().searchers.clear();
                }
            })
        };
        finish(
            team.keeper
                .as_ref()?
                .ask(Command::Collect(ports.clone()), &ports, on_event),
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

    /// A JWT for the token exchange.
    ///
    /// # Errors
    /// As for [`KeyWorker::generate`].
    pub async fn sign(
        &self,
        key_id: String,
        service_account_id: String,
        now_unix_s: u64,
    ) -> Result<String, EngineError> {
        let command = Command::Sign {
            key_id,
            service_account_id,
            now_unix_s,
        };
        match self.ask(command).await? {
            Event::Signed(jwt) => Ok(jwt),
            _ => Err(EngineError::Lost),
        }
    }

    async fn ask(&self, command: Command) -> Result<Event, EngineError> {
        let answer = match &self.0.borrow().keeper {
            Some(keeper) => keeper.ask(command, &js_sys::Array::new(), Callback::noop()),
            None => return Err(EngineError::Lost),
        };
        answer.await.unwrap_or(Err(EngineError::Stopped))
    }
}

/// Adds up what the workers tell of a search.
#[derive(Clone)]
struct Tally(Rc<RefCell<Counts>>);

struct Counts {
    tested: Vec<u32>,
    primes_found: u8,
    tested_at_last_prime: u32,
    started_ms: f64,
    on_progress: Callback<Progress>,
}

impl Tally {
    fn new(searchers: usize, on_progress: Callback<Progress>) -> Self {
        Self(Rc::new(RefCell::new(Counts {
            tested: vec![0; searchers],
            primes_found: 0,
            tested_at_last_prime: 0,
            started_ms: js_sys::Date::now(),
            on_progress,
        })))
    }

    fn searcher(&self, at: usize) -> Callback<Event> {
        let tally = self.clone();
        Callback::from(move |event| {
            if let Event::Tested(count) = event {
                tally.0.borrow_mut().tested[at] = count;
                tally.tell();
            }
        })
    }

    /// Counts a prime; says whether it was the last.
    fn prime_found(&self) -> bool {
        let mut counts = self.0.borrow_mut();
        counts.primes_found = (counts.primes_found + 1).min(2);
        counts.tested_at_last_prime = counts.tested.iter().sum();
        let enough = counts.primes_found == 2;
        drop(counts);
        self.tell();
        enough
    }

    fn tell(&self) {
        let counts = self.0.borrow();
        let candidates_tested = counts.tested.iter().sum();
        let progress = keyside_keygen::Progress {
            primes_found: counts.primes_found,
            candidates_tested,
            candidates_for_this_prime: candidates_tested
                .saturating_sub(counts.tested_at_last_prime),
        };
        let on_progress = counts.on_progress.clone();
        let elapsed_ms = js_sys::Date::now() - counts.started_ms;
        // Not under the borrow: the callback may ask for something else.
        drop(counts);
        on_progress.emit(Progress {
            primes_found: progress.primes_found,
            candidates_tested,
            likelihood: progress.likelihood(),
            elapsed_ms,
        });
    }
}

impl Running {
    fn start() -> Option<Self> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(LOADER, &options).ok()?;
        let calls = Rc::new(RefCell::new(Calls::default()));
        let on_message = {
            let (worker, calls) = (worker.clone(), Rc::clone(&calls));
            Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
                if let Ok(numbered) = serde_wasm_bindgen::from_value(message.data()) {
                    heard(&worker, &calls, numbered);
                }
            })
        };
        let on_error = {
            let calls = Rc::clone(&calls);
            Closure::<dyn Fn(JsValue)>::new(move |_| {
                let mut calls = calls.borrow_mut();
                calls.lost = true;
                for (_, waiting) in calls.waiting.drain() {
                    let _ = waiting.answer.send(Err(EngineError::Lost));
                }
            })
        };
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Some(Self {
            worker,
            calls,
            _on_message: on_message,
            _on_error: on_error,
        })
    }

    /// Sends a command; what is in `transfer` is the worker's from then on.
    fn ask(&self, command: Command, transfer: &js_sys::Array, on_event: Callback<Event>) -> Answer {
        let (answer, receiver) = oneshot::channel();
        let mut calls = self.calls.borrow_mut();
        calls.last_id += 1;
        let id = calls.last_id;
        match serde_wasm_bindgen::to_value(&Envelope { id, command }) {
            Ok(message) => {
                calls.waiting.insert(id, Waiting { answer, on_event });
                if calls.ready {
                    let _ = self.worker.post_message_with_transfer(&message, transfer);
                } else {
                    calls.early.push((message, transfer.clone()));
                }
            }
            Err(_) => {
                let _ = answer.send(Err(EngineError::Lost));
            }
        }
        receiver
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
        // Whoever still waits learns of it: dropping the senders ends the calls as stopped.
        self.calls.borrow_mut().waiting.clear();
    }
}

fn heard(worker: &Worker, calls: &Rc<RefCell<Calls>>, Numbered { id, event }: Numbered) {
    match event {
        Event::Ready => {
            let mut calls = calls.borrow_mut();
            calls.ready = true;
            for (message, transfer) in calls.early.drain(..) {
                let _ = worker.post_message_with_transfer(&message, &transfer);
            }
        }
        event @ (Event::Tested(_) | Event::PrimeFound) => {
            // Not under the borrow: the callback may ask for something else.
            let callback = calls.borrow().waiting.get(&id).map(|w| w.on_event.clone());
            if let Some(callback) = callback {
                callback.emit(event);
            }
        }
        last => {
            let waiting = calls.borrow_mut().waiting.remove(&id);
            if let Some(waiting) = waiting {
                let _ = waiting.answer.send(match last {
                    Event::Failed(why) => Err(EngineError::Failed(why)),
                    event => Ok(event),
                });
            }
        }
    }
}
