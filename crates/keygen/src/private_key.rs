//! The private key: reading it from PKCS#8 PEM and writing it back.

use rsa::{
    Pkcs1v15Sign,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding},
    sha2::{Digest, Sha256},
};
use zeroize::Zeroizing;

use crate::{PublicKey, SignError, generate::PUBLIC_EXPONENT};

/// A checked RSA private key. Zeroizes on drop; cannot be printed, cloned or serialised.
pub struct PrivateKey {
    inner: rsa::PrivateKey,
    public: PublicKey,
}

/// Why a text is not a private key that can be used here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadPrivateKeyError {
    /// Not PKCS#8 PEM of an RSA key.
    #[error(
        "This is not an unencrypted RSA private key in PKCS#8 PEM. `openssl pkey -in FILE` writes \
         a key in that form."
    )]
    NotPkcs8,
    /// The numbers do not fit each other.
    #[error("The numbers in this private key do not belong together: the file is damaged.")]
    Inconsistent,
    /// Another exponent than 65537.
    #[error("The key's public exponent is not 65537, the only one used here. Make a new key.")]
    Exponent,
}

/// The key cannot be written; a fault of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The key could not be written as PEM. It is still here; try again, and report it.")]
pub struct EncodeError;

impl PrivateKey {
    pub(crate) fn from_rsa(inner: rsa::PrivateKey) -> Result<Self, ReadPrivateKeyError> {
        inner
            .validate()
            .map_err(|_| ReadPrivateKeyError::Inconsistent)?;
        let public = PublicKey::from_rsa(inner.as_public_key())
            .map_err(|_| ReadPrivateKeyError::Inconsistent)?;
        if public.exponent() != u64::from(PUBLIC_EXPONENT) {
            return Err(ReadPrivateKeyError::Exponent);
        }
        Ok(Self { inner, public })
    }

    /// Reads PKCS#8 PEM (RFC 7468 section 10, RFC 5958) and checks that its numbers fit.
    ///
    /// # Errors
    /// [`ReadPrivateKeyError`].
    pub fn from_pkcs8_pem(pem: &[u8]) -> Result<Self, ReadPrivateKeyError> {
        let pem = core::str::from_utf8(pem).map_err(|_| ReadPrivateKeyError::NotPkcs8)?;
        let inner =
            rsa::PrivateKey::from_pkcs8_pem(pem).map_err(|_| ReadPrivateKeyError::NotPkcs8)?;
        Self::from_rsa(inner)
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The secret as PKCS#8 PEM, byte for byte as `openssl genrsa` writes it: LF, 64 columns, a
    /// final newline. The bytes overwrite themselves when dropped.
    ///
    /// # Errors
    /// [`EncodeError`].
    pub fn expose_pkcs8_pem(&self) -> Result<Zeroizing<Vec<u8>>, EncodeError> {
        let pem = self
            .inner
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|_| EncodeError)?;
        Ok(Zeroizing::new(pem.as_bytes().to_vec()))
    }

    /// The secret as PKCS#8 DER (RFC 5958). The bytes overwrite themselves when dropped.
    ///
    /// # Errors
    /// [`EncodeError`].
    pub fn expose_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>, EncodeError> {
        let der = self.inner.to_pkcs8_der().map_err(|_| EncodeError)?;
        Ok(Zeroizing::new(der.as_bytes().to_vec()))
    }

    /// Signs with RSASSA-PKCS1-v1_5 and SHA-256 (RFC 8017 section 8.2): RS256.
    ///
    /// # Errors
    /// [`SignError::Signature`].
    pub fn sign_rs256(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.inner
            .sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message))
            .map_err(|_| SignError::Signature)
    }

    pub(crate) fn rsa(&self) -> &rsa::PrivateKey {
        &self.inner
    }
}

// Where proptest does not run, these have nothing to add: no browser is in it.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn arbitrary_bytes_are_refused_without_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..600)
        ) {
            prop_assert!(PrivateKey::from_pkcs8_pem(&bytes).is_err());
        }

        #[test]
        fn pem_shaped_text_is_refused_without_panic(
            label in "(PRIVATE KEY|RSA PRIVATE KEY|PUBLIC KEY|)",
            body in "[A-Za-z0-9+/=\n]{0,400}",
        ) {
            let pem = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
            prop_assert!(PrivateKey::from_pkcs8_pem(pem.as_bytes()).is_err());
        }
    }
}
