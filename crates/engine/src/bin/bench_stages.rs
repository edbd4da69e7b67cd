//! The stages of a prime search, for `cargo xtask bench keygen`. Not a part of the page.
#![allow(missing_docs)]

use keyside_keygen::{Filter, KeySize, Prime, assemble_pair};
use wasm_bindgen::prelude::wasm_bindgen;

fn main() {}

const SIZE: KeySize = KeySize::Rsa4096;

/// A search for a prime of RSA-4096 from a fixed start.
#[wasm_bindgen]
pub struct Stages {
    start: Vec<u8>,
    candidates: usize,
    stages: Option<keyside_keygen::Stages>,
}

#[wasm_bindgen]
impl Stages {
    #[wasm_bindgen(constructor)]
    pub fn new(start: Vec<u8>, candidates: usize) -> Self {
        Self {
            start,
            candidates,
            stages: None,
        }
    }

    pub fn sieve(&mut self) {
        self.stages = keyside_keygen::Stages::sieve(&self.start, SIZE, self.candidates);
    }

    pub fn length(&self) -> usize {
        self.stages.as_ref().map_or(0, keyside_keygen::Stages::len)
    }

    pub fn hex(&self, at: usize) -> Option<String> {
        let bytes = self.stages.as_ref()?.bytes(at)?;
        Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// How many of two adjacent candidates are recognized as composite.
    pub fn filter(&self, at: usize) -> Option<usize> {
        self.composites(at, None)
    }

    pub fn library(&self, at: usize) -> Option<usize> {
        self.composites(at, Some(Filter::Library))
    }

    /// Whether a candidate is prime.
    pub fn accept(&self, at: usize) -> Option<bool> {
        let verdict = self.stages.as_ref()?.accept(at, &mut getrandom::SysRng);
        Some(verdict.ok()?.is_some())
    }

    /// Whether the primes make a key pair.
    pub fn assemble(p: &[u8], q: &[u8]) -> bool {
        let prime = |bytes| Prime::from_bytes(bytes, SIZE);
        match (prime(p), prime(q)) {
            (Some(p), Some(q)) => matches!(assemble_pair(&p, &q), Ok(Some(_))),
            _ => false,
        }
    }
}

impl Stages {
    fn composites(&self, at: usize, filter: Option<Filter>) -> Option<usize> {
        let both = self.stages.as_ref()?.are_composite(at, filter)?;
        Some(
            both.into_iter()
                .filter(|is_composite| *is_composite)
                .count(),
        )
    }
}
