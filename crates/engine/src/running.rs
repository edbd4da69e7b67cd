//! One worker at work: what it is asked and what it answers.

use std::{cell::RefCell, rc::Rc};

use futures_channel::oneshot;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{MessageEvent, Worker};

use crate::{
    error::EngineError,
    message::{Command, Envelope, Event, Numbered},
};

/// Starts a worker and sees to its program; gives nothing when the browser refuses. The page and the
/// module have www/key-workers.js do it.
#[derive(Clone)]
pub struct StartWorker(Rc<dyn Fn() -> Option<Worker>>);

impl StartWorker {
    /// Calls the function for each worker.
    pub fn new(start: impl Fn() -> Option<Worker> + 'static) -> Self {
        Self(Rc::new(start))
    }
}

impl PartialEq for StartWorker {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Comes once the worker has answered; is dropped unsent when the worker is ended.
pub type Answer = oneshot::Receiver<Result<Event, EngineError>>;

/// Hears what comes before the last event.
pub type OnEvent = Rc<dyn Fn(Event)>;

/// A worker; ended when dropped.
pub struct Running {
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
    /// By the numbers of their commands; a few at the most.
    waiting: Vec<(u32, Waiting)>,
    lost: bool,
    /// Messages so far.
    heard: u32,
}

struct Waiting {
    answer: oneshot::Sender<Result<Event, EngineError>>,
    on_event: OnEvent,
}

impl Running {
    /// Starts one.
    pub fn start(StartWorker(start): &StartWorker) -> Option<Self> {
        let worker = start()?;
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

    /// Whether it said that it is at its end.
    pub fn is_lost(&self) -> bool {
        self.calls.borrow().lost
    }

    /// How many messages came from it.
    pub fn heard(&self) -> u32 {
        self.calls.borrow().heard
    }

    /// Sends a command; what is in `transfer` is the worker's from then on.
    pub fn ask(&self, command: Command, transfer: &js_sys::Array, on_event: OnEvent) -> Answer {
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
        // Whoever still waits learns of it: dropping the senders ends the calls as stopped.
        self.calls.borrow_mut().waiting.clear();
    }
}

fn heard(worker: &Worker, calls: &Rc<RefCell<Calls>>, Numbered { id, event }: Numbered) {
    let mut borrowed = calls.borrow_mut();
    borrowed.heard = borrowed.heard.wrapping_add(1);
    match event {
        Event::Ready => {
            borrowed.ready = true;
            for (message, transfer) in borrowed.early.drain(..) {
                let _ = worker.post_message_with_transfer(&message, &transfer);
            }
        }
        event @ (Event::Tested(_) | Event::PrimesFound(_) | Event::Needs(_)) => {
            let on_event = borrowed
                .waiting
                .iter()
                .find(|(number, _)| *number == id)
                .map(|(_, waiting)| Rc::clone(&waiting.on_event));
            // Not under the borrow: the listener may ask for something else.
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
