//! Properties of arbitrary files.

use keyside_keygen::{KeyFile, PublicKey, read_key_file};
use proptest::{prelude::*, sample::Index};

use crate::files::{OTHER, PAIR, text};

/// Checks any result: a public key is rewritten as SPKI and nothing else.
fn assert_sound(result: &KeyFile) {
    if let KeyFile::Public(file) = result {
        let pem = file.key.to_spki_pem();
        assert!(!pem.contains("PRIVATE"));
        assert!(PublicKey::from_spki_pem(&pem).is_ok_and(|key| key == file.key));
    }
    assert!(result.to_string().ends_with('.'));
}

fn any_file() -> impl Strategy<Value = &'static [u8]> {
    let all: Vec<_> = PAIR.publics().into_iter().chain(PAIR.privates()).collect();
    (0..all.len()).prop_map(move |at| all[at].1)
}

fn any_public() -> impl Strategy<Value = &'static [u8]> {
    let all = PAIR.publics();
    (0..all.len()).prop_map(move |at| all[at].1)
}

/// A private key of the same pair or of another.
fn any_private() -> impl Strategy<Value = &'static [u8]> {
    let all: Vec<_> = PAIR
        .privates()
        .into_iter()
        .chain(OTHER.privates())
        .collect();
    (0..all.len()).prop_map(move |at| all[at].1)
}

/// A change to a file.
#[derive(Debug, Clone)]
enum Change {
    Truncate(Index),
    Behead(Index),
    Flip(Index, u8),
    Remove(Index, usize),
    Insert(Index, Vec<u8>),
    Repeat(Index, usize),
}

impl Change {
    fn apply(self, file: &mut Vec<u8>) {
        let place = |at: Index| at.index(file.len() + 1);
        match self {
            Self::Truncate(at) => file.truncate(place(at)),
            Self::Behead(at) => drop(file.drain(..place(at))),
            Self::Flip(at, mask) => {
                let at = place(at);
                if let Some(byte) = file.get_mut(at) {
                    *byte ^= mask;
                }
            }
            Self::Remove(at, length) => {
                let at = place(at);
                let end = file.len().min(at + length);
                drop(file.drain(at..end));
            }
            Self::Insert(at, bytes) => {
                let at = place(at);
                drop(file.splice(at..at, bytes));
            }
            Self::Repeat(at, length) => {
                let at = place(at);
                let end = file.len().min(at + length);
                let piece = file[at..end].to_vec();
                drop(file.splice(at..at, piece));
            }
        }
    }
}

fn any_change() -> impl Strategy<Value = Change> {
    let bytes = proptest::collection::vec(any::<u8>(), 0..40);
    prop_oneof![
        any::<Index>().prop_map(Change::Truncate),
        any::<Index>().prop_map(Change::Behead),
        (any::<Index>(), 1..=255u8).prop_map(|(at, mask)| Change::Flip(at, mask)),
        (any::<Index>(), 1..80usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (any::<Index>(), bytes).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (any::<Index>(), 1..400usize).prop_map(|(at, length)| Change::Repeat(at, length)),
    ]
}

/// Repairable changes to a PEM file, in any order.
const REPAIRABLE: [fn(String) -> String; 9] = [
    |text| text.replace('\n', "\r\n"),
    |text| format!("Here is the key:\n{text}"),
    |text| format!("{text}\nSincerely,\nsomeone\n"),
    |text| text.trim_end().to_owned(),
    |text| text.replace('\n', "\n  "),
    |text| text.replace(['\n', '\r'], " "),
    |text| text.replace('\n', "\\n").replace('\r', "\\r"),
    |text| serde_json::to_string(&text).unwrap(),
    |text| serde_json::json!({ "key": text }).to_string(),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_sound(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let result = read_key_file(&bytes);
        assert_sound(&result);
        prop_assert!(!matches!(result, KeyFile::Public(_)));
    }

    #[test]
    fn pem_shaped_text_is_sound(
        label in "(RSA |EC |)(PUBLIC KEY|PRIVATE KEY)|CERTIFICATE|SSH2 PUBLIC KEY",
        body in "(MII|AAAAB3NzaC1yc2E|)[A-Za-z0-9+/=\n \\\\]{0,400}",
    ) {
        let file = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        assert_sound(&read_key_file(file.as_bytes()));
    }

    #[test]
    fn changed_files_are_sound(
        file in any_file(),
        changes in proptest::collection::vec(any_change(), 1..4),
    ) {
        let mut file = file.to_vec();
        for change in changes {
            change.apply(&mut file);
        }
        assert_sound(&read_key_file(&file));
    }

    #[test]
    fn a_public_and_a_private_file_one_inside_the_other_are_never_public(
        public in any_public(),
        private in any_private(),
        is_private_outside in any::<bool>(),
        at in any::<Index>(),
    ) {
        let (outer, inner) = if is_private_outside { (private, public) } else { (public, private) };
        let at = at.index(outer.len() + 1);
        let file = [&outer[..at], inner, &outer[at..]].concat();
        prop_assert!(!matches!(read_key_file(&file), KeyFile::Public(_)));
    }

    #[test]
    fn a_private_key_that_is_changed_once_is_never_public(
        private in any_private(),
        change in any_change(),
        at_end in any::<bool>(),
    ) {
        let mut private = private.to_vec();
        change.apply(&mut private);
        prop_assert!(!matches!(read_key_file(&private), KeyFile::Public(_)));
        // Next to a public key, the result is sound; what is left of the private key may be
        // harmless.
        let mut both = PAIR.public.clone();
        both.splice(if at_end { both.len()..both.len() } else { 0..0 }, private);
        assert_sound(&read_key_file(&both));
    }

    #[test]
    fn a_public_key_is_read_after_repairable_changes(
        file in prop_oneof![
            Just(&PAIR.public), Just(&PAIR.pkcs1_public), Just(&PAIR.certificate)
        ],
        changes in proptest::collection::vec(0..REPAIRABLE.len(), 0..4),
        mark in any::<bool>(),
    ) {
        let mut file = text(file).to_owned();
        for at in &changes {
            file = REPAIRABLE[*at](file);
        }
        if mark {
            file.insert(0, '\u{feff}');
        }
        match read_key_file(file.as_bytes()) {
            KeyFile::Public(file) => prop_assert_eq!(file.key, PAIR.key.clone()),
            other => prop_assert!(false, "{}: {}", other, file),
        }
    }
}
