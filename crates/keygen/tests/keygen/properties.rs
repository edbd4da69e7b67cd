//! What holds for files that nobody thought of.

use keyside_keygen::{Given, PublicKey, read_key_file};
use proptest::{prelude::*, sample::Index};

use crate::files::{OTHER, PAIR, text};

/// Holds for any file: what is public is written anew, and no more.
fn is_sound(given: &Given) {
    if let Given::Public(brought) = given {
        let pem = brought.key.to_spki_pem();
        assert!(!pem.contains("PRIVATE"));
        assert!(PublicKey::from_spki_pem(&pem).is_ok_and(|key| key == brought.key));
    }
    assert!(given.to_string().ends_with('.'));
}

fn any_file() -> impl Strategy<Value = &'static [u8]> {
    let all: Vec<_> = PAIR.publics().into_iter().chain(PAIR.privates()).collect();
    (0..all.len()).prop_map(move |at| all[at].1)
}

fn any_public() -> impl Strategy<Value = &'static [u8]> {
    let all = PAIR.publics();
    (0..all.len()).prop_map(move |at| all[at].1)
}

/// Of the same pair or another.
fn any_private() -> impl Strategy<Value = &'static [u8]> {
    let all: Vec<_> = PAIR
        .privates()
        .into_iter()
        .chain(OTHER.privates())
        .collect();
    (0..all.len()).prop_map(move |at| all[at].1)
}

/// A change of a file.
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

/// Ways in which a PEM file is mistreated, any of them after any other.
const MISTREATMENTS: [fn(String) -> String; 9] = [
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
    fn arbitrary_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let given = read_key_file(&bytes);
        is_sound(&given);
        prop_assert!(!matches!(given, Given::Public(_)));
    }

    #[test]
    fn pem_shaped_text_does_no_harm(
        label in "(RSA |EC |)(PUBLIC KEY|PRIVATE KEY)|CERTIFICATE|SSH2 PUBLIC KEY",
        body in "(MII|AAAAB3NzaC1yc2E|)[A-Za-z0-9+/=\n \\\\]{0,400}",
    ) {
        let file = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        is_sound(&read_key_file(file.as_bytes()));
    }

    #[test]
    fn changed_files_do_no_harm(
        file in any_file(),
        changes in proptest::collection::vec(any_change(), 1..4),
    ) {
        let mut file = file.to_vec();
        for change in changes {
            change.apply(&mut file);
        }
        is_sound(&read_key_file(&file));
    }

    #[test]
    fn a_public_and_a_private_file_one_within_the_other_are_never_public(
        public in any_public(),
        private in any_private(),
        is_private_outside in any::<bool>(),
        at in any::<Index>(),
    ) {
        let (outer, inner) = if is_private_outside { (private, public) } else { (public, private) };
        let at = at.index(outer.len() + 1);
        let file = [&outer[..at], inner, &outer[at..]].concat();
        prop_assert!(!matches!(read_key_file(&file), Given::Public(_)));
    }

    #[test]
    fn a_private_key_that_is_changed_once_is_never_public(
        private in any_private(),
        change in any_change(),
        at_end in any::<bool>(),
    ) {
        let mut private = private.to_vec();
        change.apply(&mut private);
        prop_assert!(!matches!(read_key_file(&private), Given::Public(_)));
        // Nor does it make a public one of something: what of it is left may be no key any more.
        let mut both = PAIR.public.clone();
        both.splice(if at_end { both.len()..both.len() } else { 0..0 }, private);
        is_sound(&read_key_file(&both));
    }

    #[test]
    fn whatever_was_done_to_a_public_key_it_comes_back(
        file in prop_oneof![
            Just(&PAIR.public), Just(&PAIR.pkcs1_public), Just(&PAIR.certificate)
        ],
        mistreatments in proptest::collection::vec(0..MISTREATMENTS.len(), 0..4),
        mark in any::<bool>(),
    ) {
        let mut file = text(file).to_owned();
        for at in &mistreatments {
            file = MISTREATMENTS[*at](file);
        }
        if mark {
            file.insert(0, '\u{feff}');
        }
        match read_key_file(file.as_bytes()) {
            Given::Public(brought) => prop_assert_eq!(brought.key, PAIR.key.clone()),
            other => prop_assert!(false, "{}: {}", other, file),
        }
    }
}
