//! The page's hold on the key worker: starts it, asks it, ends it.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use futures_channel::oneshot;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};
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

/// One worker at a time. Ending it is the surest way to wipe what it holds; the next one is
/// started at once, so that it is warm when it is needed.
#[derive(Clone)]
pub struct KeyWorker(Rc<RefCell<Option<Running>>>);

impl PartialEq for KeyWorker {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
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
    early: Vec<JsValue>,
    waiting: HashMap<u32, Waiting>,
    lost: bool,
}

struct Waiting {
    answer: oneshot::Sender<Result<Event, EngineError>>,
    on_progress: Callback<Progress>,
}

impl KeyWorker {
    /// Starts the worker.
    #[must_use]
    pub fn start() -> Self {
        Self(Rc::new(RefCell::new(Running::start())))
    }

    /// Ends the worker and everything it holds, and starts a new one.
    pub fn restart(&self) {
        // The old one first: never are two at work.
        self.0.replace(None);
        self.0.replace(Running::start());
    }

    /// Makes a pair; `on_progress` is told how far it is.
    ///
    /// # Errors
    /// When the worker is stopped or lost, or cannot make one.
    pub async fn generate(
        &self,
        on_progress: Callback<Progress>,
    ) -> Result<PublicHalf, EngineError> {
        match self.ask(Command::Generate, on_progress).await? {
            Event::Made(half) => Ok(half),
            _ => Err(EngineError::Lost),
        }
    }

    /// A file with the private key in it, as `command` asks for.
    ///
    /// # Errors
    /// As for [`KeyWorker::generate`].
    pub async fn file(&self, command: Command) -> Result<web_sys::Blob, EngineError> {
        match self.ask(command, Callback::noop()).await? {
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
        match self.ask(command, Callback::noop()).await? {
            Event::Signed(jwt) => Ok(jwt),
            _ => Err(EngineError::Lost),
        }
    }

    async fn ask(
        &self,
        command: Command,
        on_progress: Callback<Progress>,
    ) -> Result<Event, EngineError> {
        let is_lost = |running: &Option<Running>| {
            running
                .as_ref()
                .is_none_or(|running| running.calls.borrow().lost)
        };
        if is_lost(&self.0.borrow()) {
            self.restart();
        }
        let answer = match &*self.0.borrow() {
            Some(running) => running.ask(command, on_progress),
            None => return Err(EngineError::Lost),
        };
        answer.await.unwrap_or(Err(EngineError::Stopped))
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

    fn ask(
        &self,
        command: Command,
        on_progress: Callback<Progress>,
    ) -> oneshot::Receiver<Result<Event, EngineError>> {
        let (answer, receiver) = oneshot::channel();
        let mut calls = self.calls.borrow_mut();
        calls.last_id += 1;
        let id = calls.last_id;
        match serde_wasm_bindgen::to_value(&Envelope { id, command }) {
            Ok(message) => {
                calls.waiting.insert(
                    id,
                    Waiting {
                        answer,
                        on_progress,
                    },
                );
                if calls.ready {
                    let _ = self.worker.post_message(&message);
                } else {
                    calls.early.push(message);
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
            for message in calls.early.drain(..) {
                let _ = worker.post_message(&message);
            }
        }
        Event::Progress(progress) => {
            // Not under the borrow: the callback may ask for something else.
            let callback = calls
                .borrow()
                .waiting
                .get(&id)
                .map(|w| w.on_progress.clone());
            if let Some(callback) = callback {
                callback.emit(progress);
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
