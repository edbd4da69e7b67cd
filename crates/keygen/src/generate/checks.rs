//! The checks of a new key pair.

use crypto_bigint::BoxedUint;
use rsa::traits::PrivateKeyParts;

use super::{CHECKED_MESSAGE, GenerateError, KeySize};
use crate::PrivateKey;

/// FIPS 186-5, A.1.3, step 5.4: abs(p - q) > 2^(nlen/2 - 100); p must not be below q.
pub fn far_apart(p: &BoxedUint, q: &BoxedUint, size: KeySize) -> bool {
    // A number of more than k + 1 bits is above 2^k. This also refuses values from 2^k to 2^(k+1),
    // which have a probability of 2^-98.
    p.wrapping_sub(q).bit_width() > size.bits() / 2 - 100 + 1
}

/// FIPS 186-5, A.1.1, criterion 3: d > 2^(nlen/2).
pub fn exponent_is_long(key: &rsa::PrivateKey, size: KeySize) -> bool {
    key.d().bit_width() > size.bits() / 2 + 1
}

/// Signs and verifies with the key pair, reads its PEM back and compares all numbers; returns the
/// signature.
pub fn pairwise_consistent(key: &PrivateKey) -> Result<Vec<u8>, GenerateError> {
    let failed = GenerateError::SelfCheck;
    let signature = key.sign_check(CHECKED_MESSAGE).map_err(|_| failed)?;
    if !key.public_key().verify_rs256(CHECKED_MESSAGE, &signature) {
        return Err(failed);
    }
    let pem = key
        .expose_pkcs8_pem()
        .map_err(|_| GenerateError::SelfCheck)?;
    let again = PrivateKey::from_pkcs8_pem(&pem).map_err(|_| GenerateError::SelfCheck)?;
    let same = again.rsa() == key.rsa()
        && again.rsa().primes() == key.rsa().primes()
        && again.rsa().dp() == key.rsa().dp()
        && again.rsa().dq() == key.rsa().dq()
        && again.rsa().qinv() == key.rsa().qinv()
        && again.public_key() == key.public_key();
    if same {
        Ok(signature)
    } else {
        Err(GenerateError::SelfCheck)
    }
}
