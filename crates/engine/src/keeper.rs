//! The keeper: makes a key pair from the first two primes that the searchers find.
//!
//! It assembles the pair while the searchers still run the final test on the primes, and holds it
//! back until they have passed.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, Uint8Array};
use keyside_keygen::{Filter, KeySize, Prime, PrivateKey, assemble_pair};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{MessageEvent, MessagePort, WorkerGlobalScope};
use zeroize::Zeroizing;

use crate::{
    cross_check::{self, CrossCheck},
    message::{Code, Event, Fault, PublicHalf},
    searcher::now_ms,
    text,
};

/// One generation.
pub struct Collection {
    size: KeySize,
    scope: WorkerGlobalScope,
    started_ms: f64,
    /// To the searchers, by number.
    ports: Vec<MessagePort>,
    state: RefCell<State>,
    /// Receives the events; the last one comes with the key.
    emit: Box<dyn Fn(Event, Option<PrivateKey>)>,
}

#[derive(Default)]
struct State {
    primes: Vec<Found>,
    pair: Option<(PrivateKey, PublicHalf)>,
    over: bool,
}

struct Found {
    /// Number of the searcher.
    by: u32,
    prime: Prime,
    accepted: bool,
}

impl Collection {
    /// Listens at the ports, one per searcher.
    pub fn start(
        size: KeySize,
        scope: WorkerGlobalScope,
        ports: &Array,
        emit: Box<dyn Fn(Event, Option<PrivateKey>)>,
    ) -> Rc<Self> {
        let collection = Rc::new(Self {
            size,
            scope,
            started_ms: now_ms(),
            ports: ports
                .iter()
                .filter_map(|port| port.dyn_into().ok())
                .collect(),
            state: RefCell::default(),
            emit,
        });
        for (by, port) in (0..).zip(&collection.ports) {
            let collection = Rc::clone(&collection);
            let listener = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
                collection.on_message(by, message.data());
            });
            port.set_onmessage(Some(listener.as_ref().unchecked_ref()));
            // The listener lives as long as the worker.
            listener.forget();
        }
        collection
    }

    /// Discards the primes and the key pair, and ignores further messages.
    pub fn end(&self) {
        let mut state = self.state.borrow_mut();
        state.primes.clear();
        state.pair = None;
        state.over = true;
    }

    fn on_message(self: &Rc<Self>, by: u32, data: JsValue) {
        if self.state.borrow().over {
            return;
        }
        let outcome = match data.dyn_into::<Uint8Array>() {
            Ok(bytes) => {
                let secret = Zeroizing::new(bytes.to_vec());
                bytes.fill(0, 0, bytes.length());
                self.add_prime(by, &secret)
            }
            Err(verdict) => self.add_verdict(by, verdict.is_truthy()),
        };
        if let Err(fault) = outcome {
            self.fail(fault);
        }
    }

    /// Adds a probable prime. The second one starts the assembly of the pair; further ones are
    /// ignored.
    fn add_prime(self: &Rc<Self>, by: u32, bytes: &[u8]) -> Result<(), Fault> {
        let mut state = self.state.borrow_mut();
        if state.primes.len() == 2 {
            return Ok(());
        }
        state.primes.push(Found {
            by,
            prime: Prime::from_bytes(bytes, self.size).ok_or_else(bad_primes)?,
            accepted: false,
        });
        if state.primes.len() == 2 {
            self.emit_needed(&state);
            spawn_local(Rc::clone(self).make());
        }
        Ok(())
    }

    /// Adds the result of the final test on the searcher's last number.
    fn add_verdict(&self, by: u32, accepted: bool) -> Result<(), Fault> {
        let mut state = self.state.borrow_mut();
        let undecided = |found: &Found| found.by == by && !found.accepted;
        let Some(at) = state.primes.iter().position(undecided) else {
            return Ok(());
        };
        if accepted {
            state.primes[at].accepted = true;
            let count = state.primes.iter().filter(|found| found.accepted).count();
            (self.emit)(Event::PrimesFound(count as u8), None);
            if state.primes.len() < 2 {
                self.ask_for_more(by);
            }
        } else if state.primes.len() == 1 {
            state.primes.clear();
            self.ask_for_more(by);
        } else {
            // The pair is already being assembled, and the other searchers have ended.
            return Err(bad_primes());
        }
        drop(state);
        self.finish();
        Ok(())
    }

    /// Lets a searcher that has sent a prime search for another.
    fn ask_for_more(&self, searcher: u32) {
        if let Some(port) = self.ports.get(searcher as usize) {
            // Ignored: the searcher may have ended.
            let _ = port.post_message(&JsValue::NULL);
        }
    }

    /// Reports the searchers that are still needed after the second prime: those with an undecided one.
    fn emit_needed(&self, state: &State) {
        let undecided = state.primes.iter().filter(|found| !found.accepted);
        (self.emit)(
            Event::SearchersNeeded(undecided.map(|found| found.by).collect()),
            None,
        );
    }

    async fn make(self: Rc<Self>) {
        let made = {
            let state = self.state.borrow();
            let [first, second] = state.primes.as_slice() else {
                return;
            };
            assemble_pair(&first.prime, &second.prime)
        };
        let pair = match made {
            Ok(Some(pair)) => pair,
            Ok(None) => return self.fail(bad_primes()),
            Err(error) => return self.fail(error.into()),
        };
        let cross_check = cross_check::run(&self.scope, &pair).await;
        if cross_check == CrossCheck::Failed {
            return self.fail(Fault::new(Code::SelfCheck, text::CROSS_CHECK_FAILED));
        }
        let public = pair.key.public_key();
        let half = PublicHalf {
            public_pem: public.to_spki_pem(),
            fingerprint: public.fingerprint().to_string(),
            bits: public.bits(),
            elapsed_ms: 0.0,
            fast: Filter::choose() == Filter::FusedSimd,
            cross_checked: cross_check == CrossCheck::Passed,
        };
        if !self.state.borrow().over {
            self.state.borrow_mut().pair = Some((pair.key, half));
            self.finish();
        }
    }

    /// Emits the key pair once it's assembled and both primes are accepted.
    fn finish(&self) {
        let mut state = self.state.borrow_mut();
        if state.primes.len() < 2 || state.primes.iter().any(|found| !found.accepted) {
            return;
        }
        if let Some((key, mut half)) = state.pair.take() {
            state.primes.clear();
            state.over = true;
            half.elapsed_ms = now_ms() - self.started_ms;
            (self.emit)(Event::Made(half), Some(key));
        }
    }

    fn fail(&self, fault: Fault) {
        if !self.state.borrow().over {
            self.end();
            (self.emit)(Event::Failed(fault), None);
        }
    }
}

fn bad_primes() -> Fault {
    Fault::new(Code::SelfCheck, text::BAD_PRIME)
}
