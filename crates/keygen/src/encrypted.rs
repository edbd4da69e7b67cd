//! The private key under a passphrase: PKCS#8's `EncryptedPrivateKeyInfo` (RFC 5958 section 3) by
//! PBES2 (RFC 8018 section 6.2), as `openssl pkcs8 -topk8` writes and reads it.

mod open;
mod passphrase;

pub(crate) use self::open::is_encrypted_pkcs8_der;
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

/// Rounds of PBKDF2 with HMAC-SHA-256, as OWASP's cheat sheet on password storage has it.
const ROUNDS: u32 = 600_000;
/// Of AES, in bytes.
const BLOCK: usize = 16;
const LABEL: &str = "ENCRYPTED PRIVATE KEY";

/// Why nothing was encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncryptError {
    /// The generator of salts failed.
    #[error(
        "The random generator failed, so the file was not encrypted: its salt would not be \
         random. Load the page again; if that does not help, use another browser."
    )]
    Randomness,
    /// The file cannot be written; a fault of the program.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl PrivateKey {
    /// The secret as PKCS#8 PEM that only `passphrase` opens: PBKDF2 with HMAC-SHA-256, 600,000
    /// rounds and a salt of 16 bytes, then AES-256-CBC. LF, 64 columns, a final newline. The
    /// official SDKs and the CLI take no encrypted key: this is for keeping.
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

/// The PEM of `der` under `passphrase`.
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
    // With room for the padding: a buffer that grows would leave a copy of the key behind.
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

// Where proptest does not run, these have nothing to add: no browser is in it.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
