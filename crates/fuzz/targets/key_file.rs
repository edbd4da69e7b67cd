//! Reads arbitrary key files. A public key can be written and read again, and is never returned
//! when a private key is anywhere in the file.
#![no_main]

use keyside_keygen::{KeyFile, PrivateKey, PublicKey, read_key_file};
use libfuzzer_sys::fuzz_target;

/// The start of an Ed25519 key in PKCS#8 (RFC 8410 section 7), before the 32 secret bytes.
const ED25519: [u8; 16] = [
    0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
];

fuzz_target!(|bytes: &[u8]| {
    let key_file = read_key_file(bytes);
    assert!(key_file.to_string().ends_with('.'));
    if let KeyFile::Public(file) = &key_file {
        let pem = file.key.to_spki_pem();
        let again = PublicKey::from_spki_pem(&pem).expect("a written key can be read");
        assert_eq!(again, file.key);
        assert!(!pem.contains("PRIVATE"));
        assert!(!has_private_label(bytes));
    }
    if PrivateKey::from_pkcs8_pem(bytes).is_ok() {
        assert!(key_file.is_private());
    }
    if let [first, second, file @ ..] = bytes {
        let place = usize::from(u16::from_be_bytes([*first, *second])) % (file.len() + 1);
        let secret = [&ED25519[..], &[7; 32]].concat();
        let file = [&file[..place], &secret, &file[place..]].concat();
        assert!(!matches!(read_key_file(&file), KeyFile::Public(_)));
    }
});

/// Whether `bytes` contain the BEGIN line of a private key.
fn has_private_label(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes)
        .split("-----BEGIN ")
        .skip(1)
        .filter_map(|after| after.split("-----").next())
        .any(|label| label.ends_with("PRIVATE KEY"))
}
