//! The plain JavaScript objects of the module, and their TypeScript declarations.

use keyside_engine::message::{Code, Fault, Progress};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

/// The options can't be read; the reason follows.
const BAD_OPTIONS: &str = "The options aren't valid";

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Options of a generation. */
export interface GenerateOptions {
  /** Bits of the modulus; 4096 by default. */
  bits?: 2048 | 3072 | 4096;
  /** Workers that search for primes; by default one per processor, up to 8. */
  workers?: number;
  /** Called with the progress, up to five times a second. */
  onProgress?: (progress: Progress) => void;
  /** Stops the generation immediately. */
  signal?: AbortSignal;
}

/** Progress of a generation. */
export interface Progress {
  /** Primes found, of two. */
  primesFound: number;
  /** Candidates tested so far. */
  candidatesTested: number;
  /** The probability, from 0 to 1, that a search has found the current prime by now. */
  likelihood: number;
  /** Time since the start, in milliseconds. */
  elapsedMs: number;
}

/** The IDs of the authorized key and its service account. */
export interface KeyIds {
  /** ID of the authorized key (kid). */
  keyId: string;
  serviceAccountId: string;
}

/** A public key. */
export interface PublicKeyView {
  /** Bits of the modulus. */
  bits: number;
  /** SHA-256 of the SPKI DER: upper-case hex with colons. */
  fingerprint: string;
  /** SPKI in PEM. */
  pem: string;
}

/** The error that functions throw or reject with, a plain object. */
export interface KeysideError {
  code:
    | "aborted"
    | "bad-option"
    | "bad-public-key"
    | "bad-id"
    | "randomness"
    | "self-check"
    | "no-key"
    | "no-file"
    | "worker-lost";
  /** Message for people: what happened and what to do. Contains no secret. */
  message: string;
}
"#;

/// GenerateOptions in TypeScript.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    pub bits: Option<u32>,
    pub workers: Option<u32>,
    #[serde(default, with = "serde_wasm_bindgen::preserve")]
    pub on_progress: JsValue,
    #[serde(default, with = "serde_wasm_bindgen::preserve")]
    pub signal: JsValue,
}

/// KeyIds in TypeScript.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ids {
    pub key_id: String,
    pub service_account_id: String,
    /// Seconds since 1970, UTC; the current time by default.
    pub now: Option<f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProgressView {
    primes_found: u8,
    candidates_tested: u32,
    likelihood: f64,
    elapsed_ms: f64,
}

impl From<Progress> for ProgressView {
    fn from(progress: Progress) -> Self {
        Self {
            primes_found: progress.primes_found,
            candidates_tested: progress.candidates_tested,
            likelihood: progress.likelihood,
            elapsed_ms: progress.elapsed_ms,
        }
    }
}

#[derive(Serialize)]
pub struct PublicKeyView {
    pub bits: u32,
    pub fingerprint: String,
    pub pem: String,
}

/// Reads an options object.
pub fn from_js<T: for<'de> Deserialize<'de>>(given: JsValue) -> Result<T, JsValue> {
    let given = if given.is_undefined() || given.is_null() {
        js_sys::Object::new().into()
    } else {
        given
    };
    serde_wasm_bindgen::from_value(given).map_err(|error| {
        to_js_error(&Fault::new(
            Code::BadOption,
            format!("{}: {error}.", BAD_OPTIONS),
        ))
    })
}

/// Converts a value to a plain object.
pub fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    serde_wasm_bindgen::to_value(value).map_err(JsValue::from)
}

/// Converts a fault to a KeysideError.
pub fn to_js_error(fault: &Fault) -> JsValue {
    to_js(fault).unwrap_or_else(|error| error)
}
