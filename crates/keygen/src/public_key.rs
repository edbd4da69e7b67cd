//! The public key: SPKI and the fingerprint.

use core::fmt;

use rsa::{
    Pkcs1v15Sign,
    pkcs8::{DecodePublicKey, EncodePublicKey, LineEnding},
    sha2::{Digest, Sha256},
    traits::PublicKeyParts,
};

/// An RSA public key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    inner: rsa::PublicKey,
    der: Vec<u8>,
    pem: String,
    fingerprint: Fingerprint,
}

/// SHA-256 of the SPKI DER. Displays like fingerprints of `openssl`: upper-case hex with colons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

/// Why a text isn't a usable public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadPublicKeyError {
    /// The text isn't SPKI PEM of an RSA key.
    #[error(
        "This isn't an RSA public key in PEM (SPKI). Convert it with `openssl pkey -in FILE \
         -pubout`."
    )]
    NotSpki,
}

impl PublicKey {
    pub(crate) fn from_rsa(inner: &rsa::PublicKey) -> Result<Self, ReadPublicKeyError> {
        let failed = |_| ReadPublicKeyError::NotSpki;
        let der = inner.to_public_key_der().map_err(failed)?;
        let pem = inner.to_public_key_pem(LineEnding::LF).map_err(failed)?;
        Ok(Self {
            inner: inner.clone(),
            pem,
            fingerprint: Fingerprint(Sha256::digest(der.as_bytes()).into()),
            der: der.into_vec(),
        })
    }

    /// Reads SPKI PEM (RFC 7468 section 13, RFC 5280 section 4.1.2.7).
    ///
    /// # Errors
    /// [`ReadPublicKeyError`].
    pub fn from_spki_pem(pem: &str) -> Result<Self, ReadPublicKeyError> {
        let inner =
            rsa::PublicKey::from_public_key_pem(pem).map_err(|_| ReadPublicKeyError::NotSpki)?;
        Self::from_rsa(&inner)
    }

    /// The key as `openssl rsa -pubout` writes it: LF, 64 columns, a final newline.
    #[must_use]
    pub fn to_spki_pem(&self) -> String {
        self.pem.clone()
    }

    /// The key as SPKI DER (RFC 5280 section 4.1.2.7).
    #[must_use]
    pub fn to_spki_der(&self) -> Vec<u8> {
        self.der.clone()
    }

    /// Verifies `signature` of `message` with RSASSA-PKCS1-v1_5 and SHA-256 (RFC 8017 section 8.2):
    /// RS256.
    #[must_use]
    pub fn verify_rs256(&self, message: &[u8], signature: &[u8]) -> bool {
        self.inner
            .verify(
                Pkcs1v15Sign::new::<Sha256>(),
                &Sha256::digest(message),
                signature,
            )
            .is_ok()
    }

    /// Bits of the modulus.
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.inner.n().bit_width()
    }

    /// SHA-256 of the SPKI DER.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The public exponent; 0, which is never valid, if it has more than 64 bits.
    pub(crate) fn exponent(&self) -> u64 {
        let e = self.inner.e();
        if e.bit_width() > 64 {
            return 0;
        }
        e.to_be_bytes()
            .iter()
            .fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.fingerprint)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(":")?;
            }
            write!(f, "{byte:02X}")?;
        }
        Ok(())
    }
}

// These need proptest, which doesn't run on wasm32, and nothing of a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn arbitrary_text_is_refused_without_panic(text in "\\PC{0,400}") {
            prop_assert!(PublicKey::from_spki_pem(&text).is_err());
        }

        #[test]
        fn pem_shaped_text_is_refused_without_panic(body in "[A-Za-z0-9+/=\n]{0,400}") {
            let pem = format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n");
            prop_assert!(PublicKey::from_spki_pem(&pem).is_err());
        }
    }
}
