//! The key engine as an ES module for other people's pages: `cargo xtask module` builds it.
//!
//! The types of [`types`] are what TypeScript sees; [`generate`] makes a [`KeyPair`], whose
//! private half stays in a worker until it is asked for. Everything fails with a plain object
//! `{ code, message }`.
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
    types::{Options, PublicKeyView, read, thrown, view},
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
    /// Workers that were started ahead of need, and how many were wanted.
    static WARM: RefCell<Option<(Option<u32>, KeyWorker)>> = const { RefCell::new(None) };
}

/// Starts the workers ahead of need, so that the next generation loses no time on it.
#[wasm_bindgen]
pub fn warm(
    #[wasm_bindgen(unchecked_optional_param_type = "{ workers?: number }")] options: JsValue,
) -> Result<(), JsValue> {
    let Options { workers, .. } = read(options)?;
    WARM.set(Some((workers, start_workers(workers))));
    Ok(())
}

/// Makes an RSA pair and checks it. Rejects with a KeysideError.
#[wasm_bindgen(unchecked_return_type = "Promise<KeyPair>")]
pub fn generate(
    #[wasm_bindgen(unchecked_optional_param_type = "GenerateOptions")] options: JsValue,
) -> Promise {
    future_to_promise(async move {
        let options: Options = read(options)?;
        let size = KeySize::of_bits(options.bits.unwrap_or(KeySize::Rsa4096.bits()))
            .ok_or_else(|| thrown(&Fault::new(Code::BadOption, text::BAD_BITS)))?;
        let signal = options.signal.dyn_ref::<AbortSignal>().cloned();
        if signal.as_ref().is_some_and(AbortSignal::aborted) {
            return Err(failed(&EngineError::Stopped));
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
                Err(failed(&error))
            }
        }
    })
}

/// Reads a public key in PEM (SPKI). Throws a KeysideError.
#[wasm_bindgen(js_name = readPublicKey, unchecked_return_type = "PublicKeyView")]
pub fn read_public_key(pem: &str) -> Result<JsValue, JsValue> {
    let key = PublicKey::from_spki_pem(pem)
        .map_err(|error| thrown(&Fault::new(Code::BadPublicKey, error)))?;
    view(&PublicKeyView {
        bits: key.bits(),
        fingerprint: key.fingerprint().to_string(),
        pem: key.to_spki_pem(),
    })
}

/// As a KeysideError.
fn failed(error: &EngineError) -> JsValue {
    thrown(&Fault::new(error.code(), error))
}

fn on_progress(callback: JsValue) -> Rc<dyn Fn(Progress)> {
    let callback = callback.dyn_into::<Function>().ok();
    Rc::new(move |progress| {
        if let Some(callback) = &callback
            && let Ok(progress) = view(&types::ProgressView::from(progress))
        {
            // What the listener throws is not for the generation.
            let _ = callback.call1(&JsValue::UNDEFINED, &progress);
        }
    })
}

/// Ends the workers when the signal says so; listens no more when dropped.
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
