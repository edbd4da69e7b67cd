//! Credentials files: read whatever they are. One that is written anew has nothing left to mend,
//! and tells the same ids. The findings quote no line of base64.
#![no_main]

use keyside_keygen::{Remedy, Sdk, inspect_credentials};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let seen = inspect_credentials(bytes);
    for finding in seen.findings() {
        let said = finding.to_string();
        let longest = said.split(|c: char| !c.is_ascii_alphanumeric() && c != '+' && c != '/');
        assert!(longest.map(str::len).max() <= Some(64), "{said:?}");
    }
    if let Some(rewritten) = seen.expose_repaired() {
        let rewritten = rewritten.expect("what was read is written");
        let again = inspect_credentials(&rewritten);
        let left = |remedy| again.findings().iter().any(|it| it.remedy() == remedy);
        assert!(!left(Remedy::Mends) && !left(Remedy::Prevents));
        assert_eq!(again.sdk(), Sdk::Takes);
        assert_eq!(again.key_id(), seen.key_id());
        assert_eq!(again.service_account_id(), seen.service_account_id());
    }
});
