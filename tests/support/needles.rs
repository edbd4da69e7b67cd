//! Searches for a private key in any form: PEM lines, and windows of the raw, hex, decimal,
//! base64 and base64url forms of every secret number.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use crypto_bigint::BoxedUint;
use rsa::{
    PrivateKey, PublicKey,
    pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey},
    traits::{PrivateKeyParts, PublicKeyParts},
};

/// Length of a window, in bytes of the number: long enough to rule out chance matches, short enough to
/// find a part of a number.
const WINDOW: usize = 15;
/// Distance between the starts of windows: every run of 2 * WINDOW bytes of a number contains one.
const STRIDE: usize = WINDOW;

/// What to look for, each with its name.
pub struct Needles {
    patterns: Vec<Vec<u8>>,
    names: Vec<String>,
    search: AhoCorasick,
}

impl Needles {
    /// Needles for the private key in a PKCS#8 PEM.
    ///
    /// # Panics
    /// If it isn't one.
    #[must_use]
    pub fn private(pem: &str) -> Self {
        let key = PrivateKey::from_pkcs8_pem(pem).unwrap();
        let primes = key.primes();
        let qinv = key.crt_coefficient().unwrap();
        let secrets: [(&str, &BoxedUint); 6] = [
            ("d", key.d()),
            ("p", primes[0].as_ref()),
            ("q", primes[1].as_ref()),
            ("dP", key.dp().unwrap()),
            ("dQ", key.dq().unwrap()),
            ("qInv", &qinv),
        ];
        let mut found = BTreeMap::new();
        for (name, number) in secrets {
            number_forms(&mut found, name, number);
        }
        // The PEM line by line, except lines that contain only public parts.
        let public = key.to_public_key().n().to_be_bytes();
        let der = key.to_pkcs8_der().unwrap();
        let end_of_public =
            position(der.as_bytes(), &public[public.len() - WINDOW..]).unwrap() + WINDOW;
        for (at, line) in pem
            .lines()
            .filter(|line| !line.starts_with('-'))
            .enumerate()
        {
            // 64 characters hold 48 bytes.
            if at * 48 > end_of_public {
                found.insert(line.as_bytes().to_vec(), format!("PEM line {at}"));
            }
        }
        found.insert(b"PRIVATE KEY-----".to_vec(), "PEM label".to_owned());
        found.insert(
            br#""private-key""#.to_vec(),
            "field of the credentials file".to_owned(),
        );
        Self::new(found)
    }

    /// Needles for the modulus in an SPKI PEM.
    ///
    /// # Panics
    /// If it isn't one.
    #[must_use]
    pub fn public(pem: &str) -> Self {
        let key = PublicKey::from_public_key_pem(pem).unwrap();
        let mut found = BTreeMap::new();
        number_forms(&mut found, "n", key.n());
        for line in pem.lines().filter(|line| line.len() == 64) {
            found.insert(line.as_bytes().to_vec(), "PEM line".to_owned());
        }
        Self::new(found)
    }

    fn new(found: BTreeMap<Vec<u8>, String>) -> Self {
        let (patterns, names): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        Self {
            search: AhoCorasick::new(&patterns).unwrap(),
            patterns,
            names,
        }
    }

    /// The number of forms to look for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.patterns.len()
    }

    /// Always false: there's always something to look for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The names of the needles in `haystack`.
    #[must_use]
    pub fn in_bytes(&self, haystack: &[u8]) -> Vec<&str> {
        self.search
            .find_overlapping_iter(haystack)
            .map(|found| self.names[found.pattern().as_usize()].as_str())
            .collect()
    }
}

fn number_forms(found: &mut BTreeMap<Vec<u8>, String>, name: &str, number: &BoxedUint) {
    let be = number.to_be_bytes();
    let be: Vec<u8> = be.iter().copied().skip_while(|byte| *byte == 0).collect();
    let mut add = |pattern: Vec<u8>, form: &str, at: usize| {
        found.insert(pattern, format!("{name}, {form}, from byte {at}"));
    };
    for at in (0..=be.len() - WINDOW).step_by(STRIDE) {
        let window = &be[at..at + WINDOW];
        add(window.to_vec(), "raw", at);
        add(window.iter().rev().copied().collect(), "raw, reversed", at);
        add(hex::encode(window).into_bytes(), "hex", at);
        add(hex::encode_upper(window).into_bytes(), "HEX", at);
        // Complete base64 characters for all three alignments of the encoding.
        for shift in 0..3 {
            let aligned = &window[shift..WINDOW - (WINDOW - shift) % 3];
            add(
                BASE64_STANDARD.encode(aligned).into_bytes(),
                "base64",
                at + shift,
            );
            add(
                BASE64_URL_SAFE_NO_PAD.encode(aligned).into_bytes(),
                "base64url",
                at + shift,
            );
        }
    }
    let decimal = decimal(&be);
    for (at, digits) in decimal.as_bytes().chunks(30).enumerate() {
        if digits.len() == 30 {
            add(digits.to_vec(), "decimal", at * 30);
        }
    }
}

/// Converts big-endian bytes to decimal.
fn decimal(be: &[u8]) -> String {
    const BASE: u64 = 1_000_000_000;
    let mut groups: Vec<u64> = vec![0];
    for byte in be {
        let mut carry = u64::from(*byte);
        for group in &mut groups {
            let value = *group * 256 + carry;
            *group = value % BASE;
            carry = value / BASE;
        }
        if carry > 0 {
            groups.push(carry);
        }
    }
    let mut text = groups.pop().unwrap().to_string();
    for group in groups.iter().rev() {
        text.push_str(&format!("{group:09}"));
    }
    text
}

fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}
