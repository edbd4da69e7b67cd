//! Archives: names, times, randomness and sizes.

// Helpers outside #[test] functions may panic like tests do.
#![allow(clippy::unwrap_used)]

use getrandom::SysRng;
use proptest::prelude::*;

use super::*;
use crate::{PassphraseError, generate::tests::FailingRng, make_passphrase};

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned()).unwrap()
}

fn error_for(files: &[&str]) -> Option<ArchiveError> {
    let files: Vec<_> = files.iter().map(|name| (*name, &b"a"[..])).collect();
    expose_zip(&files, None, 0, &mut SysRng).err()
}

#[test]
fn names_are_valid_and_unique() {
    assert_eq!(error_for(&[]), Some(ArchiveError::Nothing));
    assert_eq!(error_for(&["a.json", "b.json"]), None);
    for name in ["", "a/b", "..", "a\\b", "C:a", ".hidden", "ä", "a\0"] {
        let refused = error_for(&["a.json", name]);
        assert!(matches!(refused, Some(ArchiveError::Name(_))), "{name:?}");
    }
    let duplicate = Some(ArchiveError::Duplicate("A.json".into()));
    assert_eq!(error_for(&["a.json", "A.json"]), duplicate);
}

#[test]
fn without_randomness_nothing_is_written() {
    let files = [("a", &b"a"[..]), ("b", b"b")];
    let one = passphrase("a");
    // The generator fails at the second salt.
    let refused = expose_zip(&files, Some(&one), 0, &mut FailingRng { draws: 1 });
    assert_eq!(refused.err(), Some(ArchiveError::Randomness));
    assert!(expose_zip(&files, None, 0, &mut FailingRng { draws: 0 }).is_ok());
    let refused = make_passphrase(&mut FailingRng { draws: 23 });
    assert_eq!(refused.err(), Some(PassphraseError::Randomness));
    assert!(make_passphrase(&mut FailingRng { draws: 9999 }).is_ok());
}

#[test]
fn times_are_converted_to_ms_dos() {
    let converted = |seconds| {
        let date::Dos { date, time } = date::dos(seconds);
        let (year, month, day) = (1980 + (date >> 9), date >> 5 & 15, date & 31);
        (
            year,
            month,
            day,
            time >> 11,
            time >> 5 & 63,
            2 * (time & 31),
        )
    };
    // Expected values from `date --utc --date=… +%s`.
    assert_eq!(converted(0), (1980, 1, 1, 0, 0, 0));
    assert_eq!(converted(951_782_400 + 86_399), (2000, 2, 29, 23, 59, 58));
    assert_eq!(converted(1_785_586_211), (2026, 8, 1, 12, 10, 10));
    assert_eq!(converted(4_107_542_400), (2100, 3, 1, 0, 0, 0));
    assert_eq!(converted(u64::MAX), (2107, 12, 31, 23, 59, 58));
}

#[test]
fn a_made_passphrase_is_easy_to_type_and_hard_to_guess() {
    let mut seen = std::collections::HashMap::new();
    for _ in 0..200 {
        let made = make_passphrase(&mut SysRng).unwrap();
        let groups: Vec<_> = made.expose().split('-').collect();
        assert_eq!(groups.len(), 6);
        assert!(groups.iter().all(|group| group.len() == 4));
        for letter in groups.concat().chars() {
            *seen.entry(letter).or_insert(0) += 1;
        }
    }
    assert_eq!(seen.len(), 31, "each of 31 letters in 4800");
    assert!(!seen.keys().any(|letter| "ilo01".contains(*letter)));
    // 24 letters of 31 kinds.
    assert!(24.0 * 31_f64.log2() > 100.0);
    // 155 times each is expected; one in 10^12 runs is more than seven standard deviations off.
    assert!(
        seen.values().all(|count| (69..=241).contains(count)),
        "{seen:?}"
    );
}

#[test]
fn an_encrypted_archive_reveals_neither_bytes_nor_checksum() {
    let secret = b"the private key of the service account".repeat(9);
    let files = [("a.json", &secret[..])];
    let archive = expose_zip(&files, Some(&passphrase("a")), 0, &mut SysRng).unwrap();
    let has = |part: &[u8]| archive.windows(part.len()).any(|at| at == part);
    assert!(!has(&secret[..16]));
    assert!(!has(&crc32fast::hash(&secret).to_le_bytes()));
    let again = expose_zip(&files, Some(&passphrase("a")), 0, &mut SysRng).unwrap();
    assert_ne!(*archive, *again, "each archive has a new salt");
}

proptest! {
    #[test]
    fn no_buffer_grows(
        files in proptest::collection::btree_map(
            "[a-z0-9]{1,20}",
            proptest::collection::vec(any::<u8>(), 0..300),
            1..6,
        ),
        encrypted in any::<bool>(),
    ) {
        let files: Vec<_> = files.iter().map(|(name, bytes)| (&**name, &**bytes)).collect();
        let passphrase = encrypted.then(|| passphrase("a"));
        let archive = expose_zip(&files, passphrase.as_ref(), 0, &mut SysRng).unwrap();
        let size: usize = files.iter().map(|(name, bytes)| format::max_size(name, bytes)).sum();
        prop_assert!(archive.len() <= size + format::END);
        if encrypted {
            prop_assert_eq!(archive.len(), size + format::END);
        }
        prop_assert!(archive.starts_with(b"PK\x03\x04"));
    }
}
