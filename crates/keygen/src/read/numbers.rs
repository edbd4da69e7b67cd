//! Checks the numbers of an RSA key, and builds keys from them.

use rsa::{BoxedUint, pkcs1::RsaPrivateKeyRef, pkcs8::der::Decode};

use super::{KeyFile, PrivateForm, PrivateKind, Refusal, Unsupported};
use crate::{PrivateKey, PublicKey, ReadPrivateKeyError};

/// Minimum size in bits. The API rejects shorter keys.
const MIN_BITS: u32 = 4096;
/// Maximum size in bits that the `rsa` crate reads, here and in the embedded IAM.
const MAX_BITS: u32 = 8192;
/// Maximum size of an exponent in bits that the `rsa` crate reads.
const MAX_EXPONENT_BITS: u32 = 33;

/// Builds a public key from modulus and exponent: unsigned, big-endian, maybe with leading zeros.
///
/// # Errors
/// [`Refusal::Unsupported`], or [`Refusal::Damaged`] for an invalid modulus.
pub fn public(n: &[u8], e: &[u8]) -> Result<PublicKey, Refusal> {
    check_supported(n, e).map_err(Refusal::Unsupported)?;
    rsa::PublicKey::new(
        BoxedUint::from_be_slice_vartime(trimmed(n)),
        BoxedUint::from_be_slice_vartime(trimmed(e)),
    )
    .ok()
    .and_then(|key| PublicKey::from_rsa(&key).ok())
    .ok_or(Refusal::Damaged)
}

/// Reads `der`, an RSAPrivateKey (RFC 8017 appendix A.1.2).
pub fn private(der: &[u8], form: PrivateForm) -> KeyFile {
    let Ok(parts) = RsaPrivateKeyRef::from_der(der) else {
        return KeyFile::Refused(Refusal::Private(PrivateKind::Damaged));
    };
    let (n, e) = (parts.modulus.as_bytes(), parts.public_exponent.as_bytes());
    checked(n, e, form, || rsa::PrivateKey::try_from(parts).ok())
}

/// Builds a private key from its numbers, big-endian.
pub fn private_of(n: &[u8], e: &[u8], d: &[u8], primes: [&[u8]; 2], form: PrivateForm) -> KeyFile {
    checked(n, e, form, || {
        let bits = bits(n);
        let number = |bytes| BoxedUint::from_be_slice(trimmed(bytes), bits).ok();
        rsa::PrivateKey::from_components(
            number(n)?,
            number(e)?,
            number(d)?,
            vec![number(primes[0])?, number(primes[1])?],
        )
        .ok()
    })
}

/// Checks the size of the numbers before `make` computes with them.
fn checked(
    n: &[u8],
    e: &[u8],
    form: PrivateForm,
    make: impl FnOnce() -> Option<rsa::PrivateKey>,
) -> KeyFile {
    if let Err(unsupported) = check_supported(n, e) {
        return KeyFile::Refused(Refusal::UnsupportedPrivate(unsupported));
    }
    let damaged = Refusal::Private(PrivateKind::Damaged);
    let Some(key) = make() else {
        return KeyFile::Refused(damaged);
    };
    match PrivateKey::from_rsa(key) {
        Ok(key) => KeyFile::Private(Box::new(key), form),
        Err(ReadPrivateKeyError::Exponent) => {
            KeyFile::Refused(Refusal::UnsupportedPrivate(Unsupported::ExponentUnusual))
        }
        Err(_) => KeyFile::Refused(damaged),
    }
}

fn check_supported(n: &[u8], e: &[u8]) -> Result<(), Unsupported> {
    let e = trimmed(e);
    match (bits(n), e) {
        (bits @ ..MIN_BITS, _) => Err(Unsupported::Short { bits }),
        (bits, _) if bits > MAX_BITS => Err(Unsupported::Long { bits }),
        (_, [] | [1]) => Err(Unsupported::ExponentOne),
        (_, [.., last]) if last % 2 == 0 => Err(Unsupported::ExponentEven),
        _ if bits(e) > MAX_EXPONENT_BITS => Err(Unsupported::ExponentLarge),
        _ => Ok(()),
    }
}

fn bits(number: &[u8]) -> u32 {
    let number = trimmed(number);
    let zeros = number.first().map_or(0, |first| first.leading_zeros());
    u32::try_from(number.len())
        .unwrap_or(u32::MAX)
        .saturating_mul(8)
        .saturating_sub(zeros)
}

fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}
