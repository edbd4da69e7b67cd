//! The numbers of an RSA key: which the API takes, and keys made of them.

use rsa::{BoxedUint, pkcs1::RsaPrivateKeyRef, pkcs8::der::Decode};

use super::{Given, PrivateForm, PrivateKind, Refusal, Unfit};
use crate::{PrivateKey, PublicKey, ReadPrivateKeyError};

/// In bits. The API refuses shorter keys.
const LEAST_BITS: u32 = 4096;
/// In bits: what the `rsa` crate reads, here and in the embedded IAM.
const MOST_BITS: u32 = 8192;
/// In bits: of an exponent, by the same reader.
const MOST_EXPONENT_BITS: u32 = 33;

/// A public key of modulus and exponent, big-endian, unsigned; zeros may stand before them.
///
/// # Errors
/// [`Refusal::Unfit`], or [`Refusal::Damaged`] for a modulus that cannot be one.
pub fn public(n: &[u8], e: &[u8]) -> Result<PublicKey, Refusal> {
    fit(n, e).map_err(Refusal::Unfit)?;
    rsa::PublicKey::new(
        BoxedUint::from_be_slice_vartime(trimmed(n)),
        BoxedUint::from_be_slice_vartime(trimmed(e)),
    )
    .ok()
    .and_then(|key| PublicKey::from_rsa(&key).ok())
    .ok_or(Refusal::Damaged)
}

/// A private key in `der`, an RSAPrivateKey (RFC 8017 appendix A.1.2).
pub fn private(der: &[u8], form: PrivateForm) -> Given {
    let Ok(parts) = RsaPrivateKeyRef::from_der(der) else {
        return Given::Refused(Refusal::Private(PrivateKind::Damaged));
    };
    let (n, e) = (parts.modulus.as_bytes(), parts.public_exponent.as_bytes());
    checked(n, e, form, || rsa::PrivateKey::try_from(parts).ok())
}

/// A private key of its numbers, big-endian.
pub fn private_of(n: &[u8], e: &[u8], d: &[u8], primes: [&[u8]; 2], form: PrivateForm) -> Given {
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

/// Bounds the numbers before `make` reckons with them.
fn checked(
    n: &[u8],
    e: &[u8],
    form: PrivateForm,
    make: impl FnOnce() -> Option<rsa::PrivateKey>,
) -> Given {
    if let Err(unfit) = fit(n, e) {
        return Given::Refused(Refusal::PrivateUnfit(unfit));
    }
    let damaged = Refusal::Private(PrivateKind::Damaged);
    let Some(key) = make() else {
        return Given::Refused(damaged);
    };
    match PrivateKey::from_rsa(key) {
        Ok(key) => Given::Private(Box::new(key), form),
        Err(ReadPrivateKeyError::Exponent) => {
            Given::Refused(Refusal::PrivateUnfit(Unfit::ExponentUnusual))
        }
        Err(_) => Given::Refused(damaged),
    }
}

fn fit(n: &[u8], e: &[u8]) -> Result<(), Unfit> {
    let e = trimmed(e);
    match (bits(n), e) {
        (bits @ ..LEAST_BITS, _) => Err(Unfit::Short { bits }),
        (bits, _) if bits > MOST_BITS => Err(Unfit::Long { bits }),
        (_, [] | [1]) => Err(Unfit::ExponentOne),
        (_, [.., last]) if last % 2 == 0 => Err(Unfit::ExponentEven),
        _ if bits(e) > MOST_EXPONENT_BITS => Err(Unfit::ExponentLarge),
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
