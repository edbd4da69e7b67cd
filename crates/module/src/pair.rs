//! A key pair: the public key, and requests to the worker that holds the private key.

use js_sys::{Promise, Uint8Array};
use keyside_engine::{
    KeyWorker,
    message::{Command, PublicHalf},
};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use crate::{
    engine_error,
    types::{Ids, from_js},
};

/// An RSA key pair. The private key is in a worker, which `free()` ends.
#[wasm_bindgen]
pub struct KeyPair {
    worker: KeyWorker,
    half: PublicHalf,
}

impl KeyPair {
    pub(crate) fn new(worker: KeyWorker, half: PublicHalf) -> Self {
        Self { worker, half }
    }

    fn file(&self, command: Command) -> Promise {
        let worker = self.worker.clone();
        future_to_promise(async move {
            let file = worker.file(command).await.map_err(|e| engine_error(&e))?;
            let buffer = JsFuture::from(file.array_buffer()).await?;
            Ok(Uint8Array::new(&buffer).into())
        })
    }
}

impl Drop for KeyPair {
    fn drop(&mut self) {
        self.worker.end();
    }
}

#[wasm_bindgen]
impl KeyPair {
    /// SHA-256 of the SPKI DER: upper-case hex with colons.
    #[wasm_bindgen(getter)]
    pub fn fingerprint(&self) -> String {
        self.half.fingerprint.clone()
    }

    /// Bits of the modulus.
    #[wasm_bindgen(getter)]
    pub fn bits(&self) -> u32 {
        self.half.bits
    }

    /// Duration of the generation, in milliseconds.
    #[wasm_bindgen(getter, js_name = elapsedMs)]
    pub fn elapsed_ms(&self) -> f64 {
        self.half.elapsed_ms
    }

    /// Whether the fast arithmetic (relaxed SIMD) was used.
    #[wasm_bindgen(getter)]
    pub fn fast(&self) -> bool {
        self.half.fast
    }

    /// Whether the browser's WebCrypto, which needs a secure context, accepted the key pair.
    #[wasm_bindgen(getter, js_name = crossChecked)]
    pub fn cross_checked(&self) -> bool {
        self.half.cross_checked
    }

    /// The public key in PEM (SPKI), as `openssl rsa -pubout` writes it.
    #[wasm_bindgen(js_name = publicKeyPem)]
    pub fn public_key_pem(&self) -> String {
        self.half.public_pem.clone()
    }

    /// The private key in PEM (PKCS#8), as `openssl genrsa` writes it. Overwrite the bytes with
    /// zeros after use.
    #[wasm_bindgen(js_name = privateKeyPem, unchecked_return_type = "Promise<Uint8Array>")]
    pub fn private_key_pem(&self) -> Promise {
        self.file(Command::PrivatePem { passphrase: None })
    }

    /// The credentials file (JSON) for the Nebius CLI and SDKs. It contains the private key.
    #[wasm_bindgen(unchecked_return_type = "Promise<Uint8Array>")]
    pub fn credentials(
        &self,
        #[wasm_bindgen(unchecked_param_type = "KeyIds")] ids: JsValue,
    ) -> Promise {
        match from_js(ids) {
            Ok(Ids {
                key_id,
                service_account_id,
                ..
            }) => self.file(Command::Credentials {
                key_id,
                service_account_id,
            }),
            Err(error) => Promise::reject(&error),
        }
    }

    /// A JWT (RS256) for the token exchange, valid for 60 seconds from `now` (seconds since 1970;
    /// the current time by default).
    #[wasm_bindgen(js_name = signJwt, unchecked_return_type = "Promise<string>")]
    pub fn sign_jwt(
        &self,
        #[wasm_bindgen(unchecked_param_type = "KeyIds & { now?: number }")] ids: JsValue,
    ) -> Promise {
        let worker = self.worker.clone();
        future_to_promise(async move {
            let Ids {
                key_id,
                service_account_id,
                now,
            } = from_js(ids)?;
            let now = now.unwrap_or_else(|| js_sys::Date::now() / 1000.0) as u64;
            worker
                .sign(key_id, service_account_id, now, false)
                .await
                .map(JsValue::from)
                .map_err(|e| engine_error(&e))
        })
    }
}
