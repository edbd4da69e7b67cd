//! Runs inside the key workers and handles the page's commands. One worker is the
//! [`keeper`](super::keeper) of the private key, the others are [`searchers`](super::searcher) for
//! its primes.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use js_sys::{Array, Uint8Array};
use keyside_keygen::{
    KeySize, Passphrase, PrivateKey, credentials_file_name, expose_credentials_json, expose_zip,
    make_passphrase, sign_token_exchange_jwt,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, BlobPropertyBag, DedicatedWorkerGlobalScope, MessageEvent, MessagePort};

use crate::{
    examine::{Examined, examine},
    keeper::Collection,
    message::{ArchiveEntry, Code, Command, Envelope, Event, Fault, Numbered},
    searcher::search,
    text,
    warm_up::warm_up,
};

const PEM_TYPE: &str = "application/x-pem-file";
const JSON_TYPE: &str = "application/json";
const ZIP_TYPE: &str = "application/zip";

/// Handles commands until the page ends the worker.
pub fn run() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else {
        return;
    };
    let worker = Rc::new(Worker {
        scope: scope.clone(),
        key: RefCell::new(None),
        stash: RefCell::default(),
        examined: RefCell::new(None),
        collection: RefCell::new(None),
        commands: Cell::new(0),
    });
    let listener = {
        let worker = Rc::clone(&worker);
        Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            if let Ok(Envelope { id, command }) = serde_wasm_bindgen::from_value(message.data()) {
                worker.commands.set(worker.commands.get() + 1);
                Rc::clone(&worker).handle(id, command);
            }
        })
    };
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // The listener lives as long as the worker.
    listener.forget();
    worker.post(0, Event::Ready);
}

struct Worker {
    scope: DedicatedWorkerGlobalScope,
    /// The current key pair.
    key: RefCell<Option<PrivateKey>>,
    /// Stashed key pairs.
    stash: RefCell<BTreeMap<String, PrivateKey>>,
    /// The private part of the last examined file.
    examined: RefCell<Option<Examined>>,
    /// The current or last generation.
    collection: RefCell<Option<Rc<Collection>>>,
    /// The number of commands that have arrived.
    commands: Cell<u32>,
}

impl Worker {
    fn post(&self, id: u32, event: Event) {
        // Posting only fails if the page has ended this worker.
        if let Ok(value) = serde_wasm_bindgen::to_value(&Numbered { id, event }) {
            let _ = self.scope.post_message(&value);
        }
    }

    fn handle(self: Rc<Self>, id: u32, command: Command) {
        let answer = match command {
            Command::WarmUp { is_long } => {
                return spawn_local(async move {
                    warm_up(&self.scope, is_long, || self.commands.get() > 1).await;
                    self.post(id, Event::Done);
                });
            }
            // The primes go to the keeper.
            Command::Search { bits, to } => match key_size(bits) {
                Ok(size) => return self.search(id, size, to),
                Err(fault) => Err(fault),
            },
            // The answer comes with the primes.
            Command::Collect { bits, from } => match key_size(bits) {
                Ok(size) => return self.collect(id, size, &from),
                Err(fault) => Err(fault),
            },
            Command::Abandon => {
                if let Some(collection) = self.collection.take() {
                    collection.end();
                }
                Ok(Event::Done)
            }
            Command::PrivatePem { passphrase } => self.with_key(|key| {
                let pem = match passphrase {
                    None => key
                        .expose_pkcs8_pem()
                        .map_err(|e| Fault::new(Code::NoFile, e))?,
                    Some(passphrase) => key
                        .expose_encrypted_pkcs8_pem(
                            &to_passphrase(passphrase)?,
                            &mut getrandom::SysRng,
                        )
                        .map_err(|e| Fault::new(Code::NoFile, e))?,
                };
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
                examined,
            } => {
                let sign = |key: &PrivateKey| {
                    let rng = &mut getrandom::SysRng;
                    sign_token_exchange_jwt(key, &key_id, &service_account_id, now_unix_s, rng)
                        .map(Event::Signed)
                        .map_err(|e| Fault::new(Code::BadId, e))
                };
                if examined {
                    let examined = self.examined.borrow();
                    let key = examined.as_ref().and_then(Examined::key);
                    key.ok_or_else(no_key).and_then(sign)
                } else {
                    self.with_key(sign)
                }
            }
            Command::Examine {
                file: chosen,
                passphrase,
            } => {
                self.examined.replace(None);
                examine(&chosen, passphrase).and_then(|(report, examined)| {
                    self.examined.replace(examined);
                    serde_wasm_bindgen::to_value(&report)
                        .map(Event::Examined)
                        .map_err(|e| Fault::new(Code::NoFile, e))
                })
            }
            Command::RepairedCredentials => self.repaired_credentials(),
            Command::Stash(name) => match self.key.take() {
                Some(key) => {
                    self.stash.borrow_mut().insert(name, key);
                    Ok(Event::Done)
                }
                None => Err(no_key()),
            },
            Command::Restore(name) => match self.stash.borrow_mut().remove(&name) {
                Some(key) => {
                    self.key.replace(Some(key));
                    Ok(Event::Done)
                }
                None => Err(no_key()),
            },
            Command::Archive {
                entries,
                passphrase,
                now_unix_s,
            } => self.archive(&entries, passphrase, now_unix_s),
            Command::SuggestPassphrase => make_passphrase(&mut getrandom::SysRng)
                .map(|made| Event::Suggested(made.expose().to_owned()))
                .map_err(|_| Fault::new(Code::Randomness, text::NO_RANDOMNESS)),
        };
        self.post(id, answer.unwrap_or_else(Event::Failed));
    }

    fn search(self: Rc<Self>, id: u32, size: KeySize, to: MessagePort) {
        spawn_local(async move {
            if let Err(fault) = search(size, &to, |n| self.post(id, Event::Tested(n))).await {
                self.post(id, Event::Failed(fault));
            }
        });
    }

    fn collect(self: Rc<Self>, id: u32, size: KeySize, ports: &Array) {
        self.key.replace(None);
        let worker = Rc::clone(&self);
        let emit = Box::new(move |event, key: Option<PrivateKey>| {
            if key.is_some() {
                worker.key.replace(key);
            }
            worker.post(id, event);
        });
        let scope = self.scope.clone().into();
        let new = Collection::start(size, scope, ports, emit);
        if let Some(old) = self.collection.replace(Some(new)) {
            old.end();
        }
    }

    fn with_key(
        &self,
        f: impl FnOnce(&PrivateKey) -> Result<Event, Fault>,
    ) -> Result<Event, Fault> {
        match &*self.key.borrow() {
            Some(key) => f(key),
            None => Err(no_key()),
        }
    }

    fn repaired_credentials(&self) -> Result<Event, Fault> {
        let Some(Examined::Credentials(inspection)) = &*self.examined.borrow() else {
            return Err(no_key());
        };
        match inspection.expose_repaired() {
            Some(Ok(json)) => file(&json, JSON_TYPE),
            Some(Err(error)) => Err(Fault::new(Code::BadId, error)),
            None => Err(no_key()),
        }
    }

    fn archive(
        &self,
        entries: &[ArchiveEntry],
        passphrase: Option<String>,
        now_unix_s: u64,
    ) -> Result<Event, Fault> {
        let passphrase = passphrase.map(to_passphrase).transpose()?;
        let stash = self.stash.borrow();
        let mut files = Vec::with_capacity(entries.len());
        for entry in entries {
            let key = stash.get(&entry.name).ok_or_else(no_key)?;
            let json = expose_credentials_json(key, &entry.key_id, &entry.service_account_id)
                .map_err(|e| Fault::new(Code::BadId, e))?;
            let name = credentials_file_name(&entry.service_account_id, &entry.key_id);
            files.push((name, json));
        }
        let files: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(name, json)| (name.as_str(), json.as_slice()))
            .collect();
        let zip = expose_zip(
            &files,
            passphrase.as_ref(),
            now_unix_s,
            &mut getrandom::SysRng,
        )
        .map_err(|e| Fault::new(Code::NoFile, e))?;
        file(&zip, ZIP_TYPE)
    }
}

fn no_key() -> Fault {
    Fault::new(Code::NoKey, text::NO_KEY_IN_WORKER)
}

fn to_passphrase(passphrase: String) -> Result<Passphrase, Fault> {
    Passphrase::new(passphrase).map_err(|e| Fault::new(Code::BadOption, e))
}

fn key_size(bits: u32) -> Result<KeySize, Fault> {
    KeySize::of_bits(bits).ok_or_else(|| Fault::new(Code::BadOption, text::BAD_BITS))
}

/// Wraps secret bytes in a file, and overwrites the intermediate copy.
fn file(bytes: &[u8], media_type: &str) -> Result<Event, Fault> {
    let copy = Uint8Array::new_from_slice(bytes);
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let blob = Blob::new_with_u8_array_sequence_and_options(&Array::of1(&copy), &options);
    copy.fill(0, 0, copy.length());
    blob.map(Event::File)
        .map_err(|_: JsValue| Fault::new(Code::NoFile, text::NO_FILE))
}
