//! Reads arbitrary PEM. A public key has one canonical PEM. Valid IDs are safe in file names.
#![no_main]

use keyside_keygen::{PrivateKey, PublicKey, check_id, credentials_file_name};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // Checks only that reading returns.
    let _ = PrivateKey::from_pkcs8_pem(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(key) = PublicKey::from_spki_pem(text) {
        let pem = key.to_spki_pem();
        let again = PublicKey::from_spki_pem(&pem).expect("a written key can be read");
        assert_eq!(again.to_spki_pem(), pem);
    }
    if check_id(text).is_ok() {
        let name = credentials_file_name(text, text);
        assert!(!name.contains(['/', '\\', '\0']), "{name:?}");
    }
});
