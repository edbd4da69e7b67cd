//! Tests in a browser: generates key pairs in WebAssembly with the browser's random generator.
#![allow(clippy::unwrap_used)]

use std::{cell::Cell, ops::ControlFlow, rc::Rc};

use keyside_keygen::{
    GenerateError, KeySize, PrivateKey, PublicKey, make_key_pair, sign_token_exchange_jwt,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::MessageChannel;

use crate::{pauses::Pauses, searcher::now_ms};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn a_pair_is_generated_with_progress_and_read_back_from_pem() {
    let mut last = 0;
    let key = make_key_pair(&mut getrandom::SysRng, KeySize::Rsa2048, &mut |progress| {
        let tested = progress.candidates_tested;
        assert!(tested >= last, "progress never goes back");
        last = tested;
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(last > 0);
    let pem = key.expose_pkcs8_pem().unwrap();
    let again = PrivateKey::from_pkcs8_pem(&pem).unwrap();
    assert_eq!(again.public_key(), key.public_key());
    let public = PublicKey::from_spki_pem(&key.public_key().to_spki_pem()).unwrap();
    assert_eq!(public.fingerprint(), key.public_key().fingerprint());
    assert_eq!(public.bits(), 2048);
    let jwt = sign_token_exchange_jwt(
        &key,
        "publickey-e00a",
        "serviceaccount-e00b",
        1,
        &mut getrandom::SysRng,
    )
    .unwrap();
    assert_eq!(jwt.split('.').count(), 3);
}

#[wasm_bindgen_test]
fn a_generation_can_be_canceled() {
    let result = make_key_pair(&mut getrandom::SysRng, KeySize::Rsa4096, &mut |_| {
        ControlFlow::Break(())
    });
    assert_eq!(result.err(), Some(GenerateError::Cancelled));
}

#[wasm_bindgen_test]
async fn messages_arrive_in_the_middle_of_long_work() {
    let channel = MessageChannel::new().unwrap();
    let arrived = Rc::new(Cell::new(false));
    let listener = {
        let arrived = Rc::clone(&arrived);
        Closure::<dyn Fn()>::new(move || arrived.set(true))
    };
    let port = channel.port1();
    port.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    channel.port2().post_message(&JsValue::NULL).unwrap();
    let mut pauses = Pauses::start();
    let start = now_ms();
    while !arrived.get() {
        assert!(now_ms() - start < 60_000.0, "the message never arrives");
        pauses.pause_if_due().await;
    }
}
