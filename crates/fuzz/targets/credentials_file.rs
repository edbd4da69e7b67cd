//! Inspects arbitrary credentials files. A repaired file has nothing left to repair, and the same
//! IDs. The findings quote no line of base64.
#![no_main]

use keyside_keygen::{Remedy, Sdk, inspect_credentials};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let inspection = inspect_credentials(bytes);
    for finding in inspection.findings() {
        let message = finding.to_string();
        let words = message.split(|c: char| !c.is_ascii_alphanumeric() && c != '+' && c != '/');
        assert!(words.map(str::len).max() <= Some(64), "{message:?}");
    }
    if let Some(repaired) = inspection.expose_repaired() {
        let repaired = repaired.expect("a repairable file can be written");
        let again = inspect_credentials(&repaired);
        let left = |remedy| again.findings().iter().any(|it| it.remedy() == remedy);
        assert!(!left(Remedy::Repairs) && !left(Remedy::Blocks));
        assert_eq!(again.sdk(), Sdk::Accepts);
        assert_eq!(again.key_id(), inspection.key_id());
        assert_eq!(again.service_account_id(), inspection.service_account_id());
    }
});
