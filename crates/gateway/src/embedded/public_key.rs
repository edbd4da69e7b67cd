//! Validates uploaded public keys and computes their fingerprints.

use rsa::{
    PublicKey,
    pkcs8::{DecodePublicKey, EncodePublicKey},
    sha2::{Digest, Sha256},
    traits::PublicKeyParts,
};

use crate::error::IamError;

/// In bits. The API rejects shorter keys.
const MIN_BITS: u32 = 4096;
/// In bits, the limit of the `rsa` crate.
const MAX_BITS: u32 = 8192;
const FIELD: &str = "spec.data";

/// A valid key's fingerprint and size.
pub struct CheckedKey {
    /// SHA-256 of the SPKI DER, in hex with colons.
    pub fingerprint: String,
    pub bits: i32,
}

/// Validates `pem`, an SPKI public key (RFC 7468, section 13).
///
/// # Errors
/// INVALID_ARGUMENT unless it is an RSA key of 4096 to 8192 bits.
pub fn check(pem: &str) -> Result<CheckedKey, IamError> {
    if pem.is_empty() {
        return Err(IamError::invalid(FIELD, "must be the PEM of a public key"));
    }
    let key = decode(pem)?;
    let bits = key.n().bit_width();
    if bits < MIN_BITS {
        return Err(IamError::invalid(
            FIELD,
            format!("must be an RSA key of at least {MIN_BITS} bits, not {bits}"),
        ));
    }
    let der = key.to_public_key_der().map_err(|_| not_rsa())?;
    Ok(CheckedKey {
        fingerprint: Sha256::digest(der.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect::<Vec<_>>()
            .join(":"),
        bits: i32::try_from(bits).unwrap_or(i32::MAX),
    })
}

/// Decodes `pem`, an SPKI public key.
///
/// # Errors
/// INVALID_ARGUMENT unless it is an RSA key.
pub fn decode(pem: &str) -> Result<PublicKey, IamError> {
    PublicKey::from_public_key_pem(pem.trim()).map_err(|_| not_rsa())
}

fn not_rsa() -> IamError {
    IamError::invalid(
        FIELD,
        format!("must be the PEM (SPKI) of an RSA public key of {MIN_BITS} to {MAX_BITS} bits"),
    )
}
