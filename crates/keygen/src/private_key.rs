//! The private key: reads and writes PKCS#8 PEM, and signs.

use rsa::{
    Pkcs1v15Sign,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding},
    rand_core::TryCryptoRng,
    sha2::{Digest, Sha256},
};
use zeroize::Zeroizing;

use crate::{PublicKey, SignError, generate::PUBLIC_EXPONENT};

/// A validated RSA private key. Zeroizes on drop; can't be printed, cloned or serialized.
pub struct PrivateKey {
    inner: rsa::PrivateKey,
    public: PublicKey,
}

/// Why a text isn't a usable private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadPrivateKeyError {
    /// The text isn't PKCS#8 PEM of an RSA key.
    #[error(
        "This isn't an unencrypted RSA private key in PKCS#8 PEM. Convert it with `openssl pkey \
         -in FILE`."
    )]
    NotPkcs8,
    /// The numbers don't match.
    #[error(
        "The numbers in this private key don't match, so it's damaged. Get the file again from \
         its source."
    )]
    Inconsistent,
    /// The public exponent isn't 65537.
    #[error(
        "The key's public exponent isn't 65537, the only one that Keyside supports. Create a new \
         key."
    )]
    Exponent,
}

/// The key can't be written, which is a bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "The key couldn't be written as PEM. It's still here: try again, and report the problem if it \
     happens again."
)]
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

    /// Reads PKCS#8 PEM (RFC 7468 section 10, RFC 5958) and checks that its numbers match.
    ///
    /// # Errors
    /// [`ReadPrivateKeyError`].
    pub fn from_pkcs8_pem(pem: &[u8]) -> Result<Self, ReadPrivateKeyError> {
        let pem = core::str::from_utf8(pem).map_err(|_| ReadPrivateKeyError::NotPkcs8)?;
        let inner =
            rsa::PrivateKey::from_pkcs8_pem(pem).map_err(|_| ReadPrivateKeyError::NotPkcs8)?;
        Self::from_rsa(inner)
    }

    /// The public key.
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

    /// Signs with RSASSA-PKCS1-v1_5 and SHA-256 (RFC 8017 section 8.2): RS256. Random blinding keeps the time
    /// that it takes from depending on the message.
    ///
    /// # Errors
    /// [`SignError::Signature`].
    pub fn sign_rs256<R: TryCryptoRng + ?Sized>(
        &self,
        message: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, SignError> {
        let padding = Pkcs1v15Sign::new::<Sha256>();
        self.inner
            .sign_with_rng(rng, padding, &Sha256::digest(message))
            .map_err(|_| SignError::Signature)
    }

    /// Signs a message that is always the same, which needs no blinding.
    pub(crate) fn sign_check(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.inner
            .sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message))
            .map_err(|_| SignError::Signature)
    }

    pub(crate) fn rsa(&self) -> &rsa::PrivateKey {
        &self.inner
    }
}

// These need proptest, which doesn't run on wasm32, and nothing of a browser.
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
