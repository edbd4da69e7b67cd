//! Encrypted private keys: PKCS#8 `EncryptedPrivateKeyInfo` (RFC 5958 section 3) with PBES2 (RFC
//! 8018 section 6.2), as `openssl pkcs8 -topk8` writes and reads them.

mod open;
mod passphrase;

pub(crate) use self::open::{check_encryption, is_encrypted_pkcs8_der};
pub use self::{
    open::OpenError,
    passphrase::{Passphrase, PassphraseError, make_passphrase},
};
use crate::{EncodeError, PrivateKey};
use pkcs8::{
    EncryptedPrivateKeyInfo, LineEnding, SecretDocument,
    der::asn1::OctetStringRef,
    pkcs5::pbes2::{Kdf, Parameters, Pbkdf2Params},
};
use rsa::rand_core::TryCryptoRng;
use zeroize::Zeroizing;

/// Rounds of PBKDF2 with HMAC-SHA-256 (OWASP Password Storage Cheat Sheet).
const ROUNDS: u32 = 600_000;
/// Block size of AES in bytes.
const BLOCK: usize = 16;
const LABEL: &str = "ENCRYPTED PRIVATE KEY";

/// Why the key wasn't encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncryptError {
    /// The random generator failed.
    #[error(
        "The random generator failed, so the file wasn't encrypted. Reload the page; if that \
         doesn't help, use another browser."
    )]
    Randomness,
    /// The file can't be written, which is a bug.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl PrivateKey {
    /// The secret as PKCS#8 PEM encrypted with `passphrase`: PBKDF2 with HMAC-SHA-256, 600,000
    /// rounds and a salt of 16 bytes, then AES-256-CBC. LF, 64 columns, a final newline. The
    /// official SDKs and the CLI don't read encrypted keys: this is for storage.
    ///
    /// # Errors
    /// [`EncryptError`].
    pub fn expose_encrypted_pkcs8_pem<R: TryCryptoRng + ?Sized>(
        &self,
        passphrase: &Passphrase,
        rng: &mut R,
    ) -> Result<Zeroizing<Vec<u8>>, EncryptError> {
        let (mut salt, mut iv) = ([0; 16], [0; BLOCK]);
        rng.try_fill_bytes(&mut salt)
            .and_then(|()| rng.try_fill_bytes(&mut iv))
            .map_err(|_| EncryptError::Randomness)?;
        let der = self.expose_pkcs8_der()?;
        Ok(encrypt(&der, passphrase, ROUNDS, &salt, iv)?)
    }
}

/// Encrypts `der` with `passphrase` to PEM.
fn encrypt(
    der: &[u8],
    passphrase: &Passphrase,
    rounds: u32,
    salt: &[u8],
    iv: [u8; BLOCK],
) -> Result<Zeroizing<Vec<u8>>, EncodeError> {
    let kdf = Pbkdf2Params::hmac_sha256(rounds, salt).map_err(|_| EncodeError)?;
    let parameters = Parameters {
        kdf: Kdf::Pbkdf2(kdf),
        encryption: pkcs8::pkcs5::pbes2::EncryptionScheme::Aes256Cbc { iv },
    };
    // With room for the padding: a growing buffer would leave a copy of the key in memory.
    let mut buffer = Zeroizing::new(vec![0; der.len() + BLOCK]);
    buffer
        .get_mut(..der.len())
        .ok_or(EncodeError)?
        .copy_from_slice(der);
    let encrypted = parameters
        .encrypt_in_place(passphrase.bytes(), &mut buffer, der.len())
        .map_err(|_| EncodeError)?;
    let info = EncryptedPrivateKeyInfo {
        encryption_algorithm: parameters.into(),
        encrypted_data: OctetStringRef::new(encrypted).map_err(|_| EncodeError)?,
    };
    let pem = SecretDocument::encode_msg(&info)
        .and_then(|document| document.to_pem(LABEL, LineEnding::LF))
        .map_err(|_| EncodeError)?;
    Ok(Zeroizing::new(pem.as_bytes().to_vec()))
}

// These need proptest, which doesn't run on wasm32, and nothing of a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
