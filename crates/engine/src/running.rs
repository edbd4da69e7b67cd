//! A running worker: sends its commands and dispatches its events.

use std::{cell::RefCell, rc::Rc};

use futures_channel::oneshot;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{MessageEvent, Worker};

use crate::{
    error::EngineError,
    message::{Command, Envelope, Event, Numbered},
};

/// Starts a worker with its program; `None` if the browser refuses. The page and the module use
/// www/key-workers.js for this.
#[derive(Clone)]
pub struct StartWorker(Rc<dyn Fn() -> Option<Worker>>);

impl StartWorker {
    /// `start` is called for each worker.
    pub fn new(start: impl Fn() -> Option<Worker> + 'static) -> Self {
        Self(Rc::new(start))
    }
}

impl PartialEq for StartWorker {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// The answer of a worker; canceled when the worker ends.
pub type Answer = oneshot::Receiver<Result<Event, EngineError>>;

/// Called with the events before the last one.
pub type OnEvent = Rc<dyn Fn(Event)>;

/// A worker, which ends when this is dropped.
pub struct Running {
    worker: Worker,
    calls: Rc<RefCell<Calls>>,
    // The listeners are dropped with the worker.
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(JsValue)>,
}

#[derive(Default)]
struct Calls {
    last_id: u32,
    ready: bool,
    /// Commands that wait until the worker is ready.
    early: Vec<(JsValue, js_sys::Array)>,
    /// Calls with the numbers of their commands; there are only a few.
    waiting: Vec<(u32, Waiting)>,
    lost: bool,
    /// Number of messages received.
    messages: u32,
}

struct Waiting {
    answer: oneshot::Sender<Result<Event, EngineError>>,
    on_event: OnEvent,
}

impl Running {
    /// Starts a worker.
    pub fn start(StartWorker(start): &StartWorker) -> Option<Self> {
        let worker = start()?;
        let calls = Rc::new(RefCell::new(Calls::default()));
        let on_message = {
            let (worker, calls) = (worker.clone(), Rc::clone(&calls));
            Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
                if let Ok(numbered) = serde_wasm_bindgen::from_value(message.data()) {
                    dispatch(&worker, &calls, numbered);
                }
            })
        };
        let on_error = {
            let calls = Rc::clone(&calls);
            Closure::<dyn Fn(JsValue)>::new(move |_| {
                let mut calls = calls.borrow_mut();
                calls.lost = true;
                for (_, waiting) in calls.waiting.drain(..) {
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

    /// Whether the worker has failed.
    pub fn is_lost(&self) -> bool {
        self.calls.borrow().lost
    }

    /// Number of messages received from the worker.
    pub fn messages(&self) -> u32 {
        self.calls.borrow().messages
    }

    /// Lets the worker prepare for a search.
    pub fn warm_up(&self, is_long: bool) {
        // Nothing depends on the answer.
        drop(self.send(
            Command::WarmUp { is_long },
            &js_sys::Array::new(),
            Rc::new(|_| {}),
        ));
    }

    /// Sends a command; the objects in `transfer` are moved to the worker.
    pub fn send(&self, command: Command, transfer: &js_sys::Array, on_event: OnEvent) -> Answer {
        let (answer, receiver) = oneshot::channel();
        let mut calls = self.calls.borrow_mut();
        calls.last_id += 1;
        let id = calls.last_id;
        match serde_wasm_bindgen::to_value(&Envelope { id, command }) {
            Ok(message) => {
                calls.waiting.push((id, Waiting { answer, on_event }));
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
        // Dropping the senders cancels the waiting calls.
        self.calls.borrow_mut().waiting.clear();
    }
}

fn dispatch(worker: &Worker, calls: &Rc<RefCell<Calls>>, Numbered { id, event }: Numbered) {
    let mut borrowed = calls.borrow_mut();
    borrowed.messages = borrowed.messages.wrapping_add(1);
    match event {
        Event::Ready => {
            borrowed.ready = true;
            for (message, transfer) in borrowed.early.drain(..) {
                let _ = worker.post_message_with_transfer(&message, &transfer);
            }
        }
        event @ (Event::Tested(_) | Event::PrimesFound(_) | Event::SearchersNeeded(_)) => {
            let on_event = borrowed
                .waiting
                .iter()
                .find(|(number, _)| *number == id)
                .map(|(_, waiting)| Rc::clone(&waiting.on_event));
            // End the borrow first: the listener may send another command.
            drop(borrowed);
            if let Some(on_event) = on_event {
                on_event(event);
            }
        }
        last => {
            let at = borrowed
                .waiting
                .iter()
                .position(|(number, _)| *number == id);
            if let Some((_, waiting)) = at.map(|at| borrowed.waiting.swap_remove(at)) {
                let _ = waiting.answer.send(match last {
                    Event::Failed(fault) => Err(EngineError::Failed(fault)),
                    event => Ok(event),
                });
            }
        }
    }
}
