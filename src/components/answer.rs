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

/// Sends a request whenever `key` changes, if `request` returns one, and returns the response once it arrives.
#[hook]
pub fn use_response<K, T, F, R>(key: K, request: R) -> UseStateHandle<Option<T>>
where
    K: PartialEq + 'static,
    T: 'static,
    F: Future<Output = T> + 'static,
    R: FnOnce(&K) -> Option<F> + 'static,
{
    let response = use_state(|| None);
    let setter = response.setter();
    use_effect_with(key, move |key| {
        setter.set(None);
        until_called(
            request(key).map(|response| -> Work {
                Box::pin(async move { setter.set(Some(response.await)) })
            }),
        )
    });
    response
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
