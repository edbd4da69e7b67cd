//! The key engine as an ES module for other pages: `cargo xtask module` builds it.
//!
//! [`types`] declares the TypeScript types. [`generate`] makes a [`KeyPair`], whose private key
//! stays in a worker until it's requested. All errors are plain objects `{ code, message }`.
#![allow(missing_docs)]

mod pair;
mod types;

use std::{cell::RefCell, rc::Rc};

use js_sys::{Function, Promise};
use keyside_engine::{
    EngineError, KeyWorker, StartWorker,
    message::{Code, Fault, Progress},
    text,
};
use keyside_keygen::{KeySize, PublicKey};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::future_to_promise;
use web_sys::{AbortSignal, Worker};

use crate::{
    pair::KeyPair,
    types::{Options, PublicKeyView, from_js, to_js, to_js_error},
};

fn main() {}

#[wasm_bindgen(raw_module = "./start-key-worker.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = startKeyWorker)]
    fn start_key_worker() -> Result<Worker, JsValue>;
}

fn start_workers(searchers: Option<u32>) -> KeyWorker {
    KeyWorker::start(StartWorker::new(|| start_key_worker().ok()), searchers)
}

thread_local! {
    /// Workers that were started ahead of time, with the number from the options.
    static WARM: RefCell<Option<(Option<u32>, KeyWorker)>> = const { RefCell::new(None) };
}

/// Starts the workers ahead of time, which makes the next generation faster.
#[wasm_bindgen]
pub fn warm(
    #[wasm_bindgen(unchecked_optional_param_type = "{ workers?: number }")] options: JsValue,
) -> Result<(), JsValue> {
    let Options { workers, .. } = from_js(options)?;
    let worker = start_workers(workers);
    worker.warm_up();
    WARM.set(Some((workers, worker)));
    Ok(())
}

/// Generates and checks an RSA key pair. Rejects with a KeysideError.
#[wasm_bindgen(unchecked_return_type = "Promise<KeyPair>")]
pub fn generate(
    #[wasm_bindgen(unchecked_optional_param_type = "GenerateOptions")] options: JsValue,
) -> Promise {
    future_to_promise(async move {
        let options: Options = from_js(options)?;
        let size = KeySize::of_bits(options.bits.unwrap_or(KeySize::Rsa4096.bits()))
            .ok_or_else(|| to_js_error(&Fault::new(Code::BadOption, text::BAD_BITS)))?;
        let signal = options.signal.dyn_ref::<AbortSignal>().cloned();
        if signal.as_ref().is_some_and(AbortSignal::aborted) {
            return Err(engine_error(&EngineError::Stopped));
        }
        let worker = match WARM.take() {
            Some((workers, worker)) if workers == options.workers => worker,
            _ => start_workers(options.workers),
        };
        let abort = Abort::on(signal, &worker);
        let outcome = worker
            .generate(size, on_progress(options.on_progress))
            .await;
        drop(abort);
        match outcome {
            Ok(half) => Ok(KeyPair::new(worker, half).into()),
            Err(error) => {
                worker.end();
                Err(engine_error(&error))
            }
        }
    })
}

/// Reads a public key in PEM (SPKI). Throws a KeysideError.
#[wasm_bindgen(js_name = readPublicKey, unchecked_return_type = "PublicKeyView")]
pub fn read_public_key(pem: &str) -> Result<JsValue, JsValue> {
    let key = PublicKey::from_spki_pem(pem)
        .map_err(|error| to_js_error(&Fault::new(Code::BadPublicKey, error)))?;
    to_js(&PublicKeyView {
        bits: key.bits(),
        fingerprint: key.fingerprint().to_string(),
        pem: key.to_spki_pem(),
    })
}

/// Converts to a KeysideError.
fn engine_error(error: &EngineError) -> JsValue {
    to_js_error(&Fault::new(error.code(), error))
}

fn on_progress(callback: JsValue) -> Rc<dyn Fn(Progress)> {
    let callback = callback.dyn_into::<Function>().ok();
    Rc::new(move |progress| {
        if let Some(callback) = &callback
            && let Ok(progress) = to_js(&types::ProgressView::from(progress))
        {
            // Errors of the callback don't affect the generation.
            let _ = callback.call1(&JsValue::UNDEFINED, &progress);
        }
    })
}

/// Ends the workers when the signal aborts. Removes its listener when dropped.
struct Abort {
    signal: AbortSignal,
    listener: Closure<dyn Fn()>,
}

impl Abort {
    fn on(signal: Option<AbortSignal>, worker: &KeyWorker) -> Option<Self> {
        let signal = signal?;
        let worker = worker.clone();
        let listener = Closure::<dyn Fn()>::new(move || worker.end());
        signal
            .add_event_listener_with_callback("abort", listener.as_ref().unchecked_ref())
            .ok()?;
        Some(Self { signal, listener })
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        // Removing a listener cannot fail.
        let _ = self
            .signal
            .remove_event_listener_with_callback("abort", self.listener.as_ref().unchecked_ref());
    }
}
