//! Any file is read without panic, and any mixture of repairable faults is repaired to the byte.

// Helpers outside #[test] functions may panic like tests do.
#![allow(clippy::unwrap_used)]

use std::{ops::ControlFlow, sync::LazyLock};

use getrandom::SysRng;
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

use super::*;
use crate::{KeySize, make_key_pair};

const KEY_ID: &str = "publickey-e00a";
const ACCOUNT: &str = "serviceaccount-e00b";

static GOOD: LazyLock<Zeroizing<Vec<u8>>> = LazyLock::new(|| {
    let key = make_key_pair(&mut SysRng, KeySize::Rsa2048, &mut |_| {
        ControlFlow::Continue(())
    });
    expose_credentials_json(&key.unwrap(), KEY_ID, ACCOUNT).unwrap()
});

/// Faults of the private key's text.
const KEY_FAULTS: [fn(&str) -> String; 9] = [
    str::to_owned,
    |pem| pem.replace('\n', "\\n"),
    |pem| pem.replace('\n', "\r\n"),
    |pem| pem.replace('\n', ""),
    |pem| pem.replace('\n', " "),
    |pem| pem.trim().to_owned(),
    |pem| pem.lines().skip(1).collect(),
    |pem| pem.replace("-----END", "END"),
    |pem| pem.replace('\n', "\n\n"),
];

/// Faults of the fields.
const FIELD_FAULTS: [fn(&mut Value); 8] = [
    |fields| fields["alg"] = json!("rs256"),
    |fields| fields["type"] = json!(null),
    |fields| fields["expires"] = json!({ "in": [1] }),
    |fields| fields["kid"] = json!(format!(" {KEY_ID}\n")),
    |fields| fields["iss"] = json!(KEY_ID),
    |fields| {
        let pem = fields.as_object_mut().unwrap().remove("private-key");
        fields["private_key"] = pem.unwrap();
    },
    |fields| fields["alg"] = json!(256),
    |fields| drop(fields.as_object_mut().unwrap().remove("type")),
];

/// Faults of the whole file.
const FILE_FAULTS: [fn(&str) -> Vec<u8>; 4] = [
    |text| text.into(),
    |text| format!("\u{feff}{text}").into(),
    |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    |text| text.replace("\\n", "\n").into(),
];

/// Fields with names that matter, and any values.
fn any_fields() -> impl Strategy<Value = String> {
    let names = [
        "type",
        "alg",
        "private-key",
        "kid",
        "iss",
        "sub",
        "kty",
        "é",
    ];
    let value = prop_oneof![
        "\\PC{0,30}".prop_map(|text| json!(text).to_string()),
        select(vec!["null", "1e9", "[]", "{}", "\"\\ud800\"", "\"RS256\""]).prop_map(str::to_owned),
        "-----BEGIN (RSA |)PRIVATE KEY-----[A-Za-z0-9+/=\\\\n]{0,200}(-----END PRIVATE KEY-----|)"
            .prop_map(|text| json!(text).to_string()),
        Just("\"\\n\\u00e9\\ud83d\\udd11\"".to_owned()),
    ];
    let field =
        (select(names.to_vec()), value).prop_map(|(name, value)| format!("{name:?}:{value}"));
    proptest::collection::vec(field, 0..9).prop_map(|fields| fields.join(","))
}

#[test]
fn a_good_file_has_no_finding_but_its_size() {
    let inspection = inspect_credentials(&GOOD);
    assert_eq!(inspection.findings(), [Finding::Short { bits: 2048 }]);
    assert_eq!(inspection.expose_repaired().unwrap().unwrap(), *GOOD);
}

proptest! {
    #[test]
    fn mixtures_of_repairable_faults_are_repaired_to_the_byte(
        key_fault in select(KEY_FAULTS.to_vec()),
        field_faults in proptest::sample::subsequence(FIELD_FAULTS.to_vec(), 0..4),
        file_fault in select(FILE_FAULTS.to_vec()),
        wrapped in any::<bool>(),
    ) {
        let mut file: Value = serde_json::from_slice(&GOOD).unwrap();
        let fields = &mut file["subject-credentials"];
        let pem = fields["private-key"].as_str().unwrap();
        fields["private-key"] = json!(key_fault(pem));
        for fault in field_faults {
            fault(fields);
        }
        let fields = fields.take();
        let file = if wrapped { json!({ "subject-credentials": fields }) } else { fields };
        let inspection = inspect_credentials(&file_fault(&file.to_string()));
        let repaired = inspection.expose_repaired();
        prop_assert!(repaired.is_some(), "{:?}", inspection.findings());
        prop_assert_eq!(&repaired.unwrap().unwrap(), &*GOOD);
    }

    #[test]
    fn arbitrary_bytes_are_read_without_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300)
    ) {
        prop_assert!(inspect_credentials(&bytes).expose_repaired().is_none());
    }

    #[test]
    fn arbitrary_fields_are_read_without_panic(fields in any_fields(), wrapped in any::<bool>()) {
        let object = format!("{{{fields}}}");
        let file = if wrapped { format!("{{\"subject-credentials\":{object}}}") } else { object };
        prop_assert!(!inspect_credentials(file.as_bytes()).findings().is_empty());
    }

    #[test]
    fn a_byte_altered_or_a_tail_lost_is_read_without_panic(
        at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()
    ) {
        let mut file = GOOD.to_vec();
        let at = at.index(file.len());
        file[at] = byte;
        if cut {
            file.truncate(at);
        }
        let inspection = inspect_credentials(&file);
        if let Some(Ok(repaired)) = inspection.expose_repaired() {
            prop_assert!(inspect_credentials(&repaired).private_key().is_some());
        }
    }

    #[test]
    fn strings_are_unescaped_like_by_serde(text in "\\PC{0,20}(\\\\|\"|\n|\u{1f511}|/|\t){0,5}") {
        let quoted = json!(text).to_string();
        let value = serde_json::from_str(&quoted).unwrap();
        prop_assert!(*json::string(value).unwrap() == text);
        let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        let quoted = format!("\"{escaped}\"");
        let value = serde_json::from_str(&quoted).unwrap();
        prop_assert!(*json::string(value).unwrap() == text);
    }
}
