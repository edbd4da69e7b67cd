//! Runs inside the key workers. One of them, the keeper, holds the private key and answers the
//! page's commands; the others look for primes, which they hand to the keeper through a channel
//! that the page has no end of.

use std::{
    cell::{Cell, RefCell},
    ops::ControlFlow,
    rc::Rc,
};

use js_sys::{Array, Uint8Array};
use keyside_keygen::{
    Filter, GenerateError, KeySize, Prime, PrivateKey, assemble_pair, expose_credentials_json,
    make_prime, sign_token_exchange_jwt,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, BlobPropertyBag, DedicatedWorkerGlobalScope, MessageEvent, MessagePort};
use zeroize::Zeroizing;

use super::{
    cross_check::{self, Opinion},
    message::{Code, Command, Envelope, Event, Fault, Numbered, PublicHalf},
};
use crate::text;

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
        complete: Cell::new(false),
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
    /// Both primes have come.
    complete: Cell<bool>,
}

impl Worker {
    fn say(&self, id: u32, event: Event) {
        // A message that cannot be posted has no reader any more: the page ended this worker.
        if let Ok(value) = serde_wasm_bindgen::to_value(&Numbered { id, event }) {
            let _ = self.scope.post_message(&value);
        }
    }

    fn answer(self: Rc<Self>, id: u32, command: Command) {
        let answer = match command {
            Command::Search { bits, to } => match self.search(id, bits, &to) {
                Ok(()) => return,
                Err(fault) => Err(fault),
            },
            // The answer comes with the primes.
            Command::Collect { bits, from } => return self.collect(id, bits, &from),
            Command::PrivatePem => self.with_key(|key| {
                let pem = key
                    .expose_pkcs8_pem()
                    .map_err(|e| Fault::new(Code::NoFile, e))?;
                file(&pem, PEM_TYPE)
            }),
            Command::Credentials {
                key_id,
                service_account_id,
            } => self.with_key(|key| {
                let json = expose_credentials_json(key, &key_id, &service_account_id)
                    .map_err(|e| Fault::new(Code::BadId, e))?;
                file(&json, JSON_TYPE)
            }),
            Command::Sign {
                key_id,
                service_account_id,
                now_unix_s,
            } => self.with_key(|key| {
                sign_token_exchange_jwt(key, &key_id, &service_account_id, now_unix_s)
                    .map(Event::Signed)
                    .map_err(|e| Fault::new(Code::BadId, e))
            }),
        };
        self.say(id, answer.unwrap_or_else(Event::Failed));
    }

    /// Looks for primes; the page ends this worker when there are enough.
    fn search(&self, id: u32, bits: u32, to: &MessagePort) -> Result<(), Fault> {
        let size = size(bits)?;
        let mut told = now_ms();
        let mut tested_before = 0;
        for _ in 0..MOST_PRIMES {
            let mut tested = 0;
            let prime = make_prime(&mut getrandom::SysRng, size, &mut |progress| {
                tested = progress.candidates_tested;
                let now = now_ms();
                if now - told >= PROGRESS_EVERY_MS {
                    told = now;
                    self.say(id, Event::Tested(tested_before + tested));
                }
                ControlFlow::Continue(())
            })
            .map_err(generate_fault)?;
            tested_before += tested + 1;
            let bytes = Uint8Array::new_from_slice(&prime.expose_bytes());
            // Transferred, not copied. Nobody hears it when the keeper has ended.
            let _ = to.post_message_with_transferable(&bytes, &Array::of1(&bytes.buffer()));
            self.say(id, Event::Tested(tested_before));
        }
        Ok(())
    }

    /// Waits for two primes at the ports.
    fn collect(self: Rc<Self>, id: u32, bits: u32, ports: &Array) {
        self.key.replace(None);
        self.first_prime.replace(None);
        self.complete.set(false);
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
                    if let Err(fault) = Rc::clone(&worker).receive(id, bits, &secret, started) {
                        worker.say(id, Event::Failed(fault));
                    }
                }
            });
            port.set_onmessage(Some(listener.as_ref().unchecked_ref()));
            // The listener lives as long as the worker.
            listener.forget();
        }
    }

    /// Takes a prime. The second one makes the pair; more are not wanted.
    fn receive(
        self: Rc<Self>,
        id: u32,
        bits: u32,
        bytes: &[u8],
        started_ms: f64,
    ) -> Result<(), Fault> {
        if self.complete.get() {
            return Ok(());
        }
        let prime = Prime::from_bytes(bytes, size(bits)?)
            .ok_or_else(|| Fault::new(Code::SelfCheck, text::BAD_PRIME))?;
        self.say(id, Event::PrimeFound);
        let Some(first) = self.first_prime.take() else {
            self.first_prime.replace(Some(prime));
            return Ok(());
        };
        self.complete.set(true);
        let key = assemble_pair(&first, &prime)
            .map_err(generate_fault)?
            .ok_or_else(|| Fault::new(Code::SelfCheck, text::BAD_PRIME))?;
        spawn_local(async move {
            let opinion = cross_check::ask(&self.scope, &key).await;
            let event = if opinion == Opinion::Disagrees {
                Event::Failed(Fault::new(Code::SelfCheck, text::WEBCRYPTO_DISAGREES))
            } else {
                let public = key.public_key();
                let half = PublicHalf {
                    public_pem: public.to_spki_pem(),
                    fingerprint: public.fingerprint().to_string(),
                    bits: public.bits(),
                    elapsed_ms: now_ms() - started_ms,
                    fast: Filter::choose() == Filter::FusedSimd,
                    cross_checked: opinion == Opinion::Agrees,
                };
                self.key.replace(Some(key));
                Event::Made(half)
            };
            self.say(id, event);
        });
        Ok(())
    }

    fn with_key(
        &self,
        f: impl FnOnce(&PrivateKey) -> Result<Event, Fault>,
    ) -> Result<Event, Fault> {
        match &*self.key.borrow() {
            Some(key) => f(key),
            None => Err(Fault::new(Code::NoKey, text::NO_KEY_IN_WORKER)),
        }
    }
}

fn size(bits: u32) -> Result<KeySize, Fault> {
    KeySize::of_bits(bits).ok_or_else(|| Fault::new(Code::BadOption, text::BAD_BITS))
}

fn generate_fault(error: GenerateError) -> Fault {
    let code = match error {
        GenerateError::Cancelled => Code::Aborted,
        GenerateError::Randomness => Code::Randomness,
        GenerateError::SelfCheck => Code::SelfCheck,
    };
    Fault::new(code, error)
}

/// Wraps secret bytes as a file; the copy made on the way is overwritten.
fn file(bytes: &[u8], media_type: &str) -> Result<Event, Fault> {
    let copy = Uint8Array::new_from_slice(bytes);
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let blob = Blob::new_with_u8_array_sequence_and_options(&Array::of1(&copy), &options);
    copy.fill(0, 0, copy.length());
    blob.map(Event::File)
        .map_err(|_: JsValue| Fault::new(Code::NoFile, text::NO_FILE))
}

/// Wall time: the worker's only use of it is to tell how long something took.
fn now_ms() -> f64 {
    js_sys::Date::now()
}
