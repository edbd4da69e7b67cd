//! Requests to the API. A response that arrives after its request is out of date is dropped.

use std::{
    cell::Cell,
    future::{Future, poll_fn},
    pin::Pin,
    rc::Rc,
    task::Poll,
};

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Sends a request whenever `key` changes, if `request` returns one; `on_response` gets only the response to
/// the last request.
#[hook]
pub fn use_question<W, T, F, A, O>(about: W, ask: A, on_answer: O)
where
    W: PartialEq + 'static,
    F: Future<Output = T> + 'static,
    A: FnOnce(&W) -> Option<F> + 'static,
    O: FnOnce(T) + 'static,
{
    use_effect_with(about, move |about| {
        until_called(
            ask(about)
                .map(|question| -> Work { Box::pin(async move { on_answer(question.await) }) }),
        )
    });
}

/// Like [`use_request`], but returns the response once it arrives.
#[hook]
pub fn use_answer<W, T, F, A>(about: W, ask: A) -> UseStateHandle<Option<T>>
where
    W: PartialEq + 'static,
    T: 'static,
    F: Future<Output = T> + 'static,
    A: FnOnce(&W) -> Option<F> + 'static,
{
    let answer = use_state(|| None);
    let set = answer.setter();
    use_effect_with(about, move |about| {
        set.set(None);
        until_called(
            ask(about)
                .map(|question| -> Work { Box::pin(async move { set.set(Some(question.await)) }) }),
        )
    });
    answer
}

// A single boxed type keeps the WebAssembly small.
type Work = Pin<Box<dyn Future<Output = ()>>>;

/// Runs `work` until it's done or the returned function is called.
fn until_called(work: Option<Work>) -> Box<dyn FnOnce()> {
    let is_over = Rc::new(Cell::new(false));
    if let Some(mut work) = work {
        let is_over = Rc::clone(&is_over);
        spawn_local(poll_fn(move |context| {
            if is_over.get() {
                Poll::Ready(())
            } else {
                work.as_mut().poll(context)
            }
        }));
    }
    Box::new(move || is_over.set(true))
}
