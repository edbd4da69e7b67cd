//! What goes in and out as plain JavaScript objects, and its TypeScript.

use keyside_engine::message::{Code, Fault, Progress};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

/// What was given to the module cannot be read; the reason follows.
const BAD_OPTIONS: &str = "The options cannot be understood";

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** How a pair is made. */
export interface GenerateOptions {
  /** Bits of the modulus; 4096 if not given. */
  bits?: 2048 | 3072 | 4096;
  /** Workers that race for the primes; one a processor, up to 8, if not given. */
  workers?: number;
  /** Hears how far it is, about twelve times a second. */
  onProgress?: (progress: Progress) => void;
  /** Stops it at once. */
  signal?: AbortSignal;
}

/** How far a generation is. */
export interface Progress {
  /** Of two. */
  primesFound: number;
  /** Candidates put to a primality test so far. */
  candidatesTested: number;
  /** How likely it was, from 0 to 1, that the present prime would be found by now. */
  likelihood: number;
  /** Since the start, in milliseconds. */
  elapsedMs: number;
}

/** Whose authorized key the pair is. */
export interface KeyIds {
  /** The authorized key's id: the kid. */
  keyId: string;
  serviceAccountId: string;
}

/** What was read of a public key. */
export interface PublicKeyView {
  /** Bits of the modulus. */
  bits: number;
  /** SHA-256 of the SPKI DER: upper-case hex with colons. */
  fingerprint: string;
  /** SPKI in PEM. */
  pem: string;
}

/** What every function throws or rejects with; a plain object. */
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
  /** For people: what happened, why, and what to do. Holds no secret. */
  message: string;
}
"#;

/// See GenerateOptions.
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

/// See KeyIds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ids {
    pub key_id: String,
    pub service_account_id: String,
    /// Seconds since 1970, UTC; the machine's clock if not given.
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
pub fn read<T: for<'de> Deserialize<'de>>(given: JsValue) -> Result<T, JsValue> {
    let given = if given.is_undefined() || given.is_null() {
        js_sys::Object::new().into()
    } else {
        given
    };
    serde_wasm_bindgen::from_value(given).map_err(|error| {
        thrown(&Fault::new(
            Code::BadOption,
            format!("{}: {error}.", BAD_OPTIONS),
        ))
    })
}

/// A plain object of a value.
pub fn view(value: &impl Serialize) -> Result<JsValue, JsValue> {
    serde_wasm_bindgen::to_value(value).map_err(JsValue::from)
}

/// A KeysideError.
pub fn thrown(fault: &Fault) -> JsValue {
    view(fault).unwrap_or_else(|error| error)
}
