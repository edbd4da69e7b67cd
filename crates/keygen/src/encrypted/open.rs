//! Decrypts private keys, after checking that the parameters aren't too expensive.

use pkcs8::{
    EncryptedPrivateKeyInfo, ObjectIdentifier,
    der::{
        Decode, Reader, SecretDocument,
        asn1::{AnyRef, OctetStringRef},
        pem::PemLabel,
    },
    pkcs5::{
        EncryptionScheme,
        pbes2::{self, Kdf, Pbkdf2Params, ScryptParams},
    },
    spki::AlgorithmIdentifierRef,
};
use zeroize::Zeroizing;

use super::Passphrase;
use crate::{PrivateKey, Refusal, read::read_decrypted};

/// Maximum length of a salt in bytes.
const MAX_SALT: usize = pbes2::Salt::MAX_LEN;
/// Maximum rounds of PBKDF2: about ten seconds in a browser.
const MAX_ROUNDS: u32 = 10_000_000;
/// Maximum memory of scrypt, 128 N r, in bytes.
const MAX_MEMORY: u64 = 128 << 20;
/// Maximum work of scrypt, 128 N r p: the bytes that it mixes.
const MAX_WORK: u64 = 1 << 30;

/// Why a key wasn't decrypted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The file is neither PEM nor DER of an encrypted PKCS#8 key.
    #[error(
        "This isn't an encrypted private key in PKCS#8 (BEGIN ENCRYPTED PRIVATE KEY). If it's \
         encrypted in another format, convert it with `openssl pkcs8 -topk8 -v2 aes-256-cbc -in \
         FILE -out NEW_FILE`."
    )]
    NotEncrypted,
    /// The key is encrypted with an unsupported algorithm.
    #[error(
        "The key is encrypted with {0}, which Keyside can't read. Encrypt it again with AES: \
         `openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 600000 -in FILE -out \
         NEW_FILE`."
    )]
    Algorithm(String),
    /// The salt is longer than those that can be read.
    #[error(
        "The key is encrypted with a salt of {0} bytes, and Keyside reads at most {MAX_SALT}. Encrypt it \
         again: `openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 600000 -in FILE -out \
         NEW_FILE`."
    )]
    Salt(usize),
    /// Deriving a key from the passphrase would take too much time or memory.
    #[error(
        "Decrypting this file would take far more time or memory than usual, so it wasn't tried. \
         If you trust the file, encrypt it again: `openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf \
         hmacWithSHA256 -iter 600000 -in FILE -out NEW_FILE`."
    )]
    Cost,
    /// The passphrase is wrong, or the file is damaged.
    #[error(
        "The passphrase doesn't open this file: the passphrase is wrong, or the file is damaged. \
         Check capital letters and the keyboard layout, and try again."
    )]
    Passphrase,
    /// The key was decrypted but can't be used.
    #[error("The passphrase opened the file, but its content can't be used. {0}")]
    Key(#[from] Refusal),
}

impl PrivateKey {
    /// Reads an encrypted private key, PEM or DER: PBES2 with PBKDF2 (HMAC with SHA-1 or SHA-2, at
    /// most 10,000,000 rounds) or scrypt (at most 128 MiB), and AES in CBC mode.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn from_encrypted_pkcs8(bytes: &[u8], passphrase: &Passphrase) -> Result<Self, OpenError> {
        let document = read_document(bytes).ok_or(OpenError::NotEncrypted)?;
        let envelope = Envelope::read(document.as_bytes()).ok_or(OpenError::NotEncrypted)?;
        let parameters = affordable(envelope.algorithm)?;
        let mut buffer = Zeroizing::new(envelope.data.to_vec());
        let der = parameters
            .decrypt_in_place(passphrase.bytes(), &mut buffer)
            .map_err(|error| match error {
                pkcs8::pkcs5::Error::DecryptFailed => OpenError::Passphrase,
                _ => OpenError::Algorithm(name(envelope.algorithm)),
            })?;
        // In one of 256 files, a wrong passphrase gives valid padding, after random bytes.
        if pkcs8::PrivateKeyInfoRef::from_der(der).is_err() {
            return Err(OpenError::Passphrase);
        }
        Ok(read_decrypted(der)?)
    }
}

/// Reads DER or PEM.
fn read_document(bytes: &[u8]) -> Option<SecretDocument> {
    if let Ok(document) = SecretDocument::try_from(bytes) {
        return Some(document);
    }
    let text = core::str::from_utf8(bytes).ok()?;
    let (label, document) = SecretDocument::from_pem(text).ok()?;
    (label == EncryptedPrivateKeyInfo::<&OctetStringRef>::PEM_LABEL).then_some(document)
}

/// Checks that a key can be decrypted with the right passphrase. `der` is an EncryptedPrivateKeyInfo.
///
/// # Errors
/// [`OpenError`].
pub(crate) fn check_encryption(der: &[u8]) -> Result<(), OpenError> {
    let envelope = Envelope::read(der).ok_or(OpenError::NotEncrypted)?;
    affordable(envelope.algorithm).map(drop)
}

/// Whether `der` has the structure of an encrypted key, with any algorithm.
pub(crate) fn is_encrypted_pkcs8_der(der: &[u8]) -> bool {
    Envelope::read(der).is_some()
}

/// An algorithm of any kind, and the data encrypted with it.
struct Envelope<'a> {
    algorithm: AlgorithmIdentifierRef<'a>,
    data: &'a [u8],
}

impl<'a> Envelope<'a> {
    fn read(der: &'a [u8]) -> Option<Self> {
        let outer = AnyRef::from_der(der).ok()?;
        let both: pkcs8::der::Result<_> = outer.sequence(|reader| {
            let algorithm = AlgorithmIdentifierRef::decode(reader)?;
            let data = <&OctetStringRef>::decode(reader)?;
            Ok(Self {
                algorithm,
                data: data.as_bytes(),
            })
        });
        both.ok()
    }
}

/// The parameters, if they're supported and not too expensive.
fn affordable(algorithm: AlgorithmIdentifierRef<'_>) -> Result<pbes2::Parameters, OpenError> {
    if let Some(length) = salt_length(algorithm).filter(|length| *length > MAX_SALT) {
        return Err(OpenError::Salt(length));
    }
    let unknown = || OpenError::Algorithm(name(algorithm));
    let Ok(EncryptionScheme::Pbes2(parameters)) = EncryptionScheme::try_from(algorithm) else {
        return Err(unknown());
    };
    // No other program is known to write or read keys in GCM mode.
    if !matches!(
        parameters.encryption,
        pbes2::EncryptionScheme::Aes128Cbc { .. }
            | pbes2::EncryptionScheme::Aes192Cbc { .. }
            | pbes2::EncryptionScheme::Aes256Cbc { .. }
    ) {
        return Err(unknown());
    }
    match &parameters.kdf {
        Kdf::Pbkdf2(Pbkdf2Params {
            iteration_count, ..
        }) => match *iteration_count {
            0 => Err(unknown()),
            1..=MAX_ROUNDS => Ok(parameters),
            _ => Err(OpenError::Cost),
        },
        Kdf::Scrypt(scrypt) => scrypt_is_affordable(scrypt)
            .ok_or_else(unknown)
            .and_then(|ok| ok.then_some(parameters).ok_or(OpenError::Cost)),
        _ => Err(unknown()),
    }
}

/// The length of the salt in PBES2's parameters (RFC 8018 appendix A.4), which is the first value of both
/// PBKDF2's and scrypt's.
fn salt_length(algorithm: AlgorithmIdentifierRef<'_>) -> Option<usize> {
    let parameters = algorithm
        .parameters
        .filter(|_| algorithm.oid == pbes2::PBES2_OID)?;
    let of_derivation = |parameters: AnyRef<'_>| -> pkcs8::der::Result<usize> {
        parameters.sequence(|reader| {
            let salt = <&OctetStringRef>::decode(reader)?.as_bytes().len();
            while !reader.is_finished() {
                AnyRef::decode(reader)?;
            }
            Ok(salt)
        })
    };
    let length: pkcs8::der::Result<Option<usize>> = parameters.sequence(|reader| {
        let derivation = AlgorithmIdentifierRef::decode(reader)?;
        AnyRef::decode(reader)?;
        derivation.parameters.map(of_derivation).transpose()
    });
    length.ok().flatten()
}

/// Whether scrypt with these parameters isn't too expensive; `None` if they aren't valid (RFC 7914
/// section 2: N is a power of two greater than 1).
fn scrypt_is_affordable(scrypt: &ScryptParams) -> Option<bool> {
    let (n, r, p) = (
        scrypt.cost_parameter,
        u64::from(scrypt.block_size),
        u64::from(scrypt.parallelization),
    );
    if !n.is_power_of_two() || n < 2 || r == 0 || p == 0 {
        return None;
    }
    let memory = n.saturating_mul(128 * r);
    Some(memory <= MAX_MEMORY && memory.saturating_mul(p) <= MAX_WORK)
}

/// The names of the algorithm's parts in openssl's spelling; the OID of a part without a name.
fn name(algorithm: AlgorithmIdentifierRef<'_>) -> String {
    let parts = match algorithm.parameters {
        Some(parameters) if algorithm.oid == pbes2::PBES2_OID => pbes2_parts(parameters).ok(),
        _ => None,
    };
    let parts = parts.unwrap_or_else(|| vec![algorithm.oid]);
    parts
        .into_iter()
        .map(one_name)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Key derivation, its pseudorandom function if there is one, and cipher.
fn pbes2_parts(parameters: AnyRef<'_>) -> pkcs8::der::Result<Vec<ObjectIdentifier>> {
    parameters.sequence(|reader| {
        let kdf = AlgorithmIdentifierRef::decode(reader)?;
        let cipher = AlgorithmIdentifierRef::decode(reader)?;
        let function = kdf.parameters.and_then(|it| function_of_pbkdf2(it).ok());
        let parts = [Some(kdf.oid), function.flatten(), Some(cipher.oid)];
        Ok(parts.into_iter().flatten().collect())
    })
}

/// The pseudorandom function of PBKDF2 (RFC 8018 appendix A.2).
fn function_of_pbkdf2(parameters: AnyRef<'_>) -> pkcs8::der::Result<Option<ObjectIdentifier>> {
    parameters.sequence(|reader| {
        <&OctetStringRef>::decode(reader)?;
        u32::decode(reader)?;
        Option::<u16>::decode(reader)?;
        let function = Option::<AlgorithmIdentifierRef<'_>>::decode(reader)?;
        Ok(function.map(|function| function.oid))
    })
}

fn one_name(oid: ObjectIdentifier) -> String {
    let text = oid.to_string();
    NAMES
        .iter()
        .find(|(number, _)| *number == text)
        .map_or(text, |(_, name)| (*name).to_owned())
}

const NAMES: [(&str, &str); 25] = [
    ("1.2.392.200011.61.1.1.1.4", "CAMELLIA-256-CBC"),
    ("1.2.840.113549.1.12.1.1", "pbeWithSHA1And128BitRC4"),
    (
        "1.2.840.113549.1.12.1.3",
        "pbeWithSHA1And3-KeyTripleDES-CBC",
    ),
    ("1.2.840.113549.1.12.1.5", "pbeWithSHA1And128BitRC2-CBC"),
    ("1.2.840.113549.1.12.1.6", "pbeWithSHA1And40BitRC2-CBC"),
    ("1.2.840.113549.1.5.1", "pbeWithMD2AndDES-CBC"),
    ("1.2.840.113549.1.5.10", "pbeWithSHA1AndDES-CBC"),
    ("1.2.840.113549.1.5.11", "pbeWithSHA1AndRC2-CBC"),
    ("1.2.840.113549.1.5.12", "PBKDF2"),
    ("1.2.840.113549.1.5.13", "PBES2"),
    ("1.2.840.113549.1.5.3", "pbeWithMD5AndDES-CBC"),
    ("1.2.840.113549.1.5.4", "pbeWithMD2AndRC2-CBC"),
    ("1.2.840.113549.1.5.6", "pbeWithMD5AndRC2-CBC"),
    ("1.2.840.113549.2.11", "hmacWithSHA512"),
    ("1.2.840.113549.2.7", "hmacWithSHA1"),
    ("1.2.840.113549.2.9", "hmacWithSHA256"),
    ("1.2.840.113549.3.2", "RC2-CBC"),
    ("1.2.840.113549.3.7", "DES-EDE3-CBC"),
    ("1.3.14.3.2.7", "DES-CBC"),
    ("1.3.6.1.4.1.11591.4.11", "scrypt"),
    ("2.16.840.1.101.3.4.1.2", "AES-128-CBC"),
    ("2.16.840.1.101.3.4.1.22", "AES-192-CBC"),
    ("2.16.840.1.101.3.4.1.42", "AES-256-CBC"),
    ("2.16.840.1.101.3.4.1.46", "AES-256-GCM"),
    ("2.16.840.1.101.3.4.1.6", "AES-128-GCM"),
];
