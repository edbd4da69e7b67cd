//! Key files of any kind: read or refused. What is taken for public is written anew and read again,
//! and nothing is, once a private key is anywhere in the file.
#![no_main]

use keyside_keygen::{Given, PrivateKey, PublicKey, read_key_file};
use libfuzzer_sys::fuzz_target;

/// The beginning of an Ed25519 key in PKCS#8 (RFC 8410 section 7); 32 bytes follow.
const ED25519: [u8; 16] = [
    0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
];

fuzz_target!(|bytes: &[u8]| {
    let given = read_key_file(bytes);
    assert!(given.to_string().ends_with('.'));
    if let Given::Public(brought) = &given {
        let pem = brought.key.to_spki_pem();
        let again = PublicKey::from_spki_pem(&pem).expect("what was written is read");
        assert_eq!(again, brought.key);
        assert!(!pem.contains("PRIVATE"));
        assert!(!has_private_label(bytes));
    }
    if PrivateKey::from_pkcs8_pem(bytes).is_ok() {
        assert!(given.is_private());
    }
    if let [first, second, file @ ..] = bytes {
        let place = usize::from(u16::from_be_bytes([*first, *second])) % (file.len() + 1);
        let secret = [&ED25519[..], &[7; 32]].concat();
        let file = [&file[..place], &secret, &file[place..]].concat();
        assert!(!matches!(read_key_file(&file), Given::Public(_)));
    }
});

/// Whether a BEGIN line of a private key is in `bytes`.
fn has_private_label(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes)
        .split("-----BEGIN ")
        .skip(1)
        .filter_map(|after| after.split("-----").next())
        .any(|label| label.ends_with("PRIVATE KEY"))
}
