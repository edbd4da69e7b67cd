//! Runs inside the key workers. One of them, the keeper, holds the private key and answers the
//! page's commands; the others look for primes, which they hand to the keeper through a channel
//! that the page has no end of.

use std::{cell::RefCell, ops::ControlFlow, rc::Rc};

use js_sys::{Array, Uint8Array};
use keyside_keygen::{
    Filter, GenerateError, KeySize, Prime, PrivateKey, assemble_pair, expose_credentials_json,
    make_prime, sign_token_exchange_jwt,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Blob, BlobPropertyBag, DedicatedWorkerGlobalScope, MessageEvent, MessagePort};
use zeroize::Zeroizing;

use super::message::{Command, Envelope, Event, Numbered, PublicHalf};
use crate::text;

const SIZE: KeySize = KeySize::Rsa4096;

/// The first two of all win, so no searcher is asked for more.
const MOST_PRIMES: u32 = 2;

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
        first_prime: RefCell::new(None),
    });
    let listener = {
        let worker = Rc::clone(&worker);
        Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            if let Ok(Envelope { id, command }) = serde_wasm_bindgen::from_value(message.data()) {
                Rc::clone(&worker).answer(id, command);
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
    /// Waits for the second one.
    first_prime: RefCell<Option<Prime>>,
}

impl Worker {
    fn say(&self, id: u32, event: Event) {
        // A message that cannot be posted has no reader any more: the page ended this worker.
        if let Ok(value) = serde_wasm_bindgen::to_value(&Numbered { id, event }) {
            let _ = self.scope.post_message(&value);
        }
    }

    fn answer(self: Rc<Self>, id: u32, command: Command) {
        let event = match command {
            Command::Search(port) => match self.search(id, &port) {
                Ok(()) => return,
                Err(error) => Event::Failed(error.to_string()),
            },
            // The answer comes with the primes.
            Command::Collect(ports) => return self.collect(id, &ports),
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

    /// Looks for primes; the page ends this worker when there are enough.
    fn search(&self, id: u32, to: &MessagePort) -> Result<(), GenerateError> {
        let mut told = now_ms();
        let mut tested_before = 0;
        for _ in 0..MOST_PRIMES {
            let mut tested = 0;
            let prime = make_prime(&mut getrandom::SysRng, SIZE, &mut |progress| {
                tested = progress.candidates_tested;
                let now = now_ms();
                if now - told >= PROGRESS_EVERY_MS {
                    told = now;
                    self.say(id, Event::Tested(tested_before + tested));
                }
                ControlFlow::Continue(())
            })?;
            tested_before += tested + 1;
            let bytes = Uint8Array::new_from_slice(&prime.expose_bytes());
            // Transferred, not copied. Nobody hears it when the keeper has ended.
            let _ = to.post_message_with_transferable(&bytes, &Array::of1(&bytes.buffer()));
            self.say(id, Event::Tested(tested_before));
        }
        Ok(())
    }

    /// Waits for two primes at the ports.
    fn collect(self: Rc<Self>, id: u32, ports: &Array) {
        self.key.replace(None);
        self.first_prime.replace(None);
        let started = now_ms();
        for port in ports
            .iter()
            .filter_map(|port| port.dyn_into::<MessagePort>().ok())
        {
            let worker = Rc::clone(&self);
            let listener = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
                if let Ok(bytes) = message.data().dyn_into::<Uint8Array>() {
                    let secret = Zeroizing::new(bytes.to_vec());
                    bytes.fill(0, 0, bytes.length());
                    worker.receive(id, &secret, started);
                }
            });
            port.set_onmessage(Some(listener.as_ref().unchecked_ref()));
            // The listener lives as long as the worker.
            listener.forget();
        }
    }

    /// Takes a prime. The second one makes the pair; more are not wanted.
    fn receive(&self, id: u32, bytes: &[u8], started_ms: f64) {
        if self.key.borrow().is_some() {
            return;
        }
        let Some(prime) = Prime::from_bytes(bytes, SIZE) else {
            return self.say(id, Event::Failed(text::BAD_PRIME.to_owned()));
        };
        self.say(id, Event::PrimeFound);
        let Some(first) = self.first_prime.take() else {
            self.first_prime.replace(Some(prime));
            return;
        };
        let event = match assemble_pair(&first, &prime) {
            Ok(Some(key)) => {
                let public = key.public_key();
                let event = Event::Made(PublicHalf {
                    public_pem: public.to_spki_pem(),
                    fingerprint: public.fingerprint().to_string(),
                    bits: public.bits(),
                    elapsed_ms: now_ms() - started_ms,
                    fast: Filter::choose() == Filter::FusedSimd,
                });
                self.key.replace(Some(key));
                event
            }
            Ok(None) => Event::Failed(text::BAD_PRIME.to_owned()),
            Err(error) => Event::Failed(error.to_string()),
        };
        self.say(id, event);
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
