//! Runs inside the key worker: holds the private key and answers the page's commands.

use std::{cell::RefCell, ops::ControlFlow, rc::Rc};

use js_sys::{Array, Uint8Array};
use keyside_keygen::{
    Filter, KeySize, PrivateKey, expose_credentials_json, make_key_pair, sign_token_exchange_jwt,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Blob, BlobPropertyBag, DedicatedWorkerGlobalScope, MessageEvent};

use super::message::{Command, Envelope, Event, Numbered, Progress, PublicHalf};
use crate::text;

/// Progress is told at most this often, in milliseconds.
const PROGRESS_EVERY_MS: f64 = 80.0;

const PEM_TYPE: &str = "application/x-pem-file";
const JSON_TYPE: &str = "application/json";

/// Listens for commands until the page ends the worker.
pub fn run() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else {
        return;
    };
    let worker = Rc::new(Worker {
        scope: scope.clone(),
        key: RefCell::new(None),
    });
    let listener = {
        let worker = Rc::clone(&worker);
        Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            if let Ok(Envelope { id, command }) = serde_wasm_bindgen::from_value(message.data()) {
                worker.answer(id, command);
            }
        })
    };
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // The listener lives as long as the worker.
    listener.forget();
    worker.say(0, Event::Ready);
}

struct Worker {
    scope: DedicatedWorkerGlobalScope,
    key: RefCell<Option<PrivateKey>>,
}

impl Worker {
    fn say(&self, id: u32, event: Event) {
        // A message that cannot be posted has no reader any more: the page ended this worker.
        if let Ok(value) = serde_wasm_bindgen::to_value(&Numbered { id, event }) {
            let _ = self.scope.post_message(&value);
        }
    }

    fn answer(&self, id: u32, command: Command) {
        let event = match command {
            Command::Generate => self.generate(id),
            Command::PrivatePem => self.with_key(|key| {
                let pem = key.expose_pkcs8_pem().map_err(|e| e.to_string())?;
                file(&pem, PEM_TYPE)
            }),
            Command::Credentials {
                key_id,
                service_account_id,
            } => self.with_key(|key| {
                let json = expose_credentials_json(key, &key_id, &service_account_id)
                    .map_err(|e| e.to_string())?;
                file(&json, JSON_TYPE)
            }),
            Command::Sign {
                key_id,
                service_account_id,
                now_unix_s,
            } => self.with_key(|key| {
                sign_token_exchange_jwt(key, &key_id, &service_account_id, now_unix_s)
                    .map(Event::Signed)
                    .map_err(|e| e.to_string())
            }),
        };
        self.say(id, event);
    }

    fn generate(&self, id: u32) -> Event {
        self.key.replace(None);
        let started = now_ms();
        let mut told = started;
        let made = make_key_pair(&mut getrandom::SysRng, KeySize::Rsa4096, &mut |progress| {
            let now = now_ms();
            if now - told >= PROGRESS_EVERY_MS {
                told = now;
                self.say(
                    id,
                    Event::Progress(Progress {
                        primes_found: progress.primes_found,
                        candidates_tested: progress.candidates_tested,
                        likelihood: progress.likelihood(),
                        elapsed_ms: now - started,
                    }),
                );
            }
            // Cancelling ends the whole worker, from outside.
            ControlFlow::Continue(())
        });
        match made {
            Ok(key) => {
                let public = key.public_key();
                let event = Event::Made(PublicHalf {
                    public_pem: public.to_spki_pem(),
                    fingerprint: public.fingerprint().to_string(),
                    bits: public.bits(),
                    elapsed_ms: now_ms() - started,
                    fast: Filter::choose() == Filter::FusedSimd,
                });
                self.key.replace(Some(key));
                event
            }
            Err(error) => Event::Failed(error.to_string()),
        }
    }

    fn with_key(&self, f: impl FnOnce(&PrivateKey) -> Result<Event, String>) -> Event {
        match &*self.key.borrow() {
            Some(key) => f(key).unwrap_or_else(Event::Failed),
            None => Event::Failed(text::NO_KEY_IN_WORKER.to_owned()),
        }
    }
}

/// Wraps secret bytes as a file; the copy made on the way is overwritten.
fn file(bytes: &[u8], media_type: &str) -> Result<Event, String> {
    let copy = Uint8Array::new_from_slice(bytes);
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let blob = Blob::new_with_u8_array_sequence_and_options(&Array::of1(&copy), &options);
    copy.fill(0, 0, copy.length());
    blob.map(Event::File)
        .map_err(|_: JsValue| text::NO_FILE.to_owned())
}

/// Wall time: the worker's only use of it is to tell how long something took.
fn now_ms() -> f64 {
    js_sys::Date::now()
}
