//! Checks an uploaded public key, and tells of it what the status shows.

use rsa::{
    PublicKey,
    pkcs8::{DecodePublicKey, EncodePublicKey},
    sha2::{Digest, Sha256},
    traits::PublicKeyParts,
};

use crate::error::IamError;

/// In bits. The API refuses shorter keys.
const LEAST_BITS: u32 = 4096;
/// In bits: what the `rsa` crate reads.
const MOST_BITS: u32 = 8192;
const FIELD: &str = "spec.data";

/// What is kept of an accepted key.
pub struct CheckedKey {
    /// SHA-256 of the SPKI DER, in hex with colons.
    pub fingerprint: String,
    pub bits: i32,
}

/// Reads `pem`, an SPKI public key (RFC 7468, section 13).
///
/// # Errors
/// INVALID_ARGUMENT unless it is an RSA key of 4096 to 8192 bits.
pub fn check(pem: &str) -> Result<CheckedKey, IamError> {
    if pem.is_empty() {
        return Err(IamError::invalid(
            FIELD,
            "the PEM of a public key is needed",
        ));
    }
    let key = read(pem)?;
    let bits = key.n().bit_width();
    if bits < LEAST_BITS {
        return Err(IamError::invalid(
            FIELD,
            format!("an RSA key of {bits} bits; at least {LEAST_BITS} are needed"),
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

/// Reads `pem` as [`check`] does, for verifying signatures.
pub fn read(pem: &str) -> Result<PublicKey, IamError> {
    PublicKey::from_public_key_pem(pem.trim()).map_err(|_| not_rsa())
}

fn not_rsa() -> IamError {
    IamError::invalid(
        FIELD,
        format!("not the PEM (SPKI) of an RSA public key of {LEAST_BITS} to {MOST_BITS} bits"),
    )
}
