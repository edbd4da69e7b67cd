//! Checks a new key pair with the browser's WebCrypto (W3C Web Cryptography API).

use js_sys::{Array, Object, Reflect, Uint8Array};
use keyside_keygen::{CHECKED_MESSAGE, CheckedPair};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto, WorkerGlobalScope};

const ALGORITHM: &str = "RSASSA-PKCS1-v1_5";

/// The result of a check.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum CrossCheck {
    /// WebCrypto imported both keys, and each side verified the other's signature.
    Passed,
    /// A step failed.
    Failed,
    /// There is no WebCrypto: the page was loaded over plain HTTP from another machine.
    Unavailable,
}

/// Imports the key pair, and verifies signatures both ways.
pub async fn run(scope: &WorkerGlobalScope, pair: &CheckedPair) -> CrossCheck {
    let Ok(crypto) = scope.crypto() else {
        return CrossCheck::Unavailable;
    };
    let subtle = crypto.subtle();
    if subtle.is_undefined() {
        return CrossCheck::Unavailable;
    }
    match verify(&subtle, pair).await {
        Ok(true) => CrossCheck::Passed,
        Ok(false) | Err(_) => CrossCheck::Failed,
    }
}

async fn verify(subtle: &SubtleCrypto, pair: &CheckedPair) -> Result<bool, JsValue> {
    let CheckedPair { key, signature } = pair;
    let private = {
        let der = key.expose_pkcs8_der().map_err(|_| JsValue::UNDEFINED)?;
        let copy = Uint8Array::new_from_slice(&der);
        // WebCrypto copies the bytes before the call returns.
        let imported = import(subtle, "pkcs8", &copy, "sign");
        copy.fill(0, 0, copy.length());
        imported?.await?
    };
    let spki = Uint8Array::new_from_slice(&key.public_key().to_spki_der());
    let public = import(subtle, "spki", &spki, "verify")?.await?;
    let (private, public): (CryptoKey, CryptoKey) = (private.dyn_into()?, public.dyn_into()?);
    let theirs = subtle.sign_with_str_and_u8_array(ALGORITHM, &private, CHECKED_MESSAGE)?;
    let theirs = Uint8Array::new(&JsFuture::from(theirs).await?).to_vec();
    let verdict = subtle.verify_with_str_and_u8_array_and_u8_array(
        ALGORITHM,
        &public,
        signature,
        CHECKED_MESSAGE,
    )?;
    let verdict = JsFuture::from(verdict).await?;
    Ok(verdict.is_truthy() && key.public_key().verify_rs256(CHECKED_MESSAGE, &theirs))
}

fn import(
    subtle: &SubtleCrypto,
    format: &str,
    key: &Uint8Array,
    usage: &str,
) -> Result<JsFuture, JsValue> {
    let algorithm = Object::new();
    Reflect::set(&algorithm, &"name".into(), &ALGORITHM.into())?;
    Reflect::set(&algorithm, &"hash".into(), &"SHA-256".into())?;
    subtle
        .import_key_with_object(format, key, &algorithm, false, &Array::of1(&usage.into()))
        .map(JsFuture::from)
}
