//! A second opinion of a new pair, by the browser's own WebCrypto (W3C Web Cryptography API).

use js_sys::{Array, Object, Reflect, Uint8Array};
use keyside_keygen::{CHECKED_MESSAGE, CheckedPair};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto, WorkerGlobalScope};

const ALGORITHM: &str = "RSASSA-PKCS1-v1_5";

/// What WebCrypto makes of a pair.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Opinion {
    /// It takes both halves, and each side verifies what the other one signed.
    Agrees,
    /// Something of that is not so.
    Disagrees,
    /// There is none: the page was loaded over plain http from another machine.
    Absent,
}

/// Has the pair imported, and signatures checked both ways.
pub async fn ask(scope: &WorkerGlobalScope, pair: &CheckedPair) -> Opinion {
    let Ok(crypto) = scope.crypto() else {
        return Opinion::Absent;
    };
    let subtle = crypto.subtle();
    if subtle.is_undefined() {
        return Opinion::Absent;
    }
    match agrees(&subtle, pair).await {
        Ok(true) => Opinion::Agrees,
        Ok(false) | Err(_) => Opinion::Disagrees,
    }
}

async fn agrees(subtle: &SubtleCrypto, pair: &CheckedPair) -> Result<bool, JsValue> {
    let CheckedPair { key, signature } = pair;
    let private = {
        let der = key.expose_pkcs8_der().map_err(|_| JsValue::UNDEFINED)?;
        let copy = Uint8Array::new_from_slice(&der);
        // WebCrypto takes its own copy before the call returns.
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
