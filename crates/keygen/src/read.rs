//! Recognizes key files and extracts the public key.
//!
//! Reads PEM in any state of repair, DER, certificates, OpenSSH lines, JWKs, and private keys
//! chosen by mistake. [`KeyFile::Public`] is built from the public key's two numbers alone, and
//! never returned when private key material is anywhere in the file.

mod base64;
mod binary;
mod block;
mod der;
mod form;
mod json;
mod kinds;
mod numbers;
mod pem;
mod private;
mod refusal;
mod ssh;
mod text;

use core::fmt;

pub use form::{EncryptedForm, PrivateForm, PublicForm, Repair};
pub use kinds::{Algorithm, OtherFile, PrivateKind, Unsupported};
pub use refusal::Refusal;

use crate::{PrivateKey, PublicKey, wrapping};

/// Maximum size in bytes; a key file has a few thousand. Larger files are refused unread.
pub const MAX_KEY_FILE_BYTES: usize = 128 * 1024;

/// Maximum number of keys that are read from a file. A file with as many is refused.
const MAX_KEYS: usize = 8;

/// What a file is. Displays as a message: what it is and what to do. The message holds no part of
/// a key.
pub enum KeyFile {
    /// An RSA public key that can be used.
    Public(PublicKeyFile),
    /// An unencrypted RSA private key that can be used.
    Private(Box<PrivateKey>, PrivateForm),
    /// An encrypted private key.
    Encrypted(EncryptedForm),
    /// JSON with `subject-credentials`: a credentials file, not inspected yet.
    Credentials,
    /// A file that can't be used.
    Refused(Refusal),
}

/// A public key from a file. [`PublicKey::to_spki_pem`] is its canonical form.
pub struct PublicKeyFile {
    /// RSA of 4096 to 8192 bits, with an exponent that the API accepts.
    pub key: PublicKey,
    /// The format of the file.
    pub form: PublicForm,
    /// What was repaired, each repair once, in the order of [`Repair`].
    pub repairs: Vec<Repair>,
}

/// Reads `bytes`, a whole file.
///
/// Never panics. Takes time linear in the size, which is bounded by [`MAX_KEY_FILE_BYTES`].
#[must_use]
pub fn read_key_file(bytes: &[u8]) -> KeyFile {
    if bytes.len() > MAX_KEY_FILE_BYTES {
        return KeyFile::Refused(Refusal::TooLarge { bytes: bytes.len() });
    }
    let file = recognize(bytes);
    // Doesn't rely on the parsers: this search alone decides that a file holds no private key.
    let is_in_any = || wrapping::views(bytes).any(|view| private::is_in(&view.bytes));
    if file.claims_no_private_key() && is_in_any() {
        return KeyFile::Refused(Refusal::Private(PrivateKind::Embedded));
    }
    file
}

/// Reads the DER of a decrypted private key, with the same limits and messages as an unencrypted one.
///
/// # Errors
/// The refusal of any file but a private key that can be used.
pub(crate) fn read_decrypted(der: &[u8]) -> Result<PrivateKey, Refusal> {
    match der::item(der).into_key_file(Vec::new()) {
        KeyFile::Private(key, _) => Ok(*key),
        KeyFile::Refused(refusal) => Err(refusal),
        _ => Err(Refusal::Private(PrivateKind::Damaged)),
    }
}

/// Reads `bytes`, and if they aren't conclusive, what is inside their wrappings.
fn recognize(bytes: &[u8]) -> KeyFile {
    // The key in a wrapped credentials file is found first, but the file is more than its key.
    let may_be_credentials = contains(bytes, json::CREDENTIALS.as_bytes());
    let (mut inconclusive, mut conclusive) = (None, None);
    for view in wrapping::views(bytes) {
        let file = recognize_plain(&view.bytes);
        if matches!(file, KeyFile::Credentials) {
            return file;
        }
        if !file.is_conclusive() {
            inconclusive.get_or_insert(file);
            continue;
        }
        let file = file.with_repairs(view.taken_off);
        if !may_be_credentials {
            return file;
        }
        conclusive.get_or_insert(file);
    }
    let found = conclusive.or(inconclusive);
    found.unwrap_or(KeyFile::Refused(Refusal::Empty))
}

fn recognize_plain(bytes: &[u8]) -> KeyFile {
    if let Some(refusal) = binary::refusal(bytes) {
        return KeyFile::Refused(refusal);
    }
    if let Some(item) = binary::csp_blob(bytes) {
        return item.into_key_file(Vec::new());
    }
    if let Some(item) = der::whole_file(bytes) {
        return item.into_key_file(vec![Repair::Der]);
    }
    text::read(bytes)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// One item of a file: a public key or something else.
enum Item {
    Public(PublicKey, PublicForm),
    /// An unencrypted private key in OpenSSH's format, which can't be read, with its public key.
    OpenSshPrivate(PublicKey),
    Other(KeyFile),
}

impl Item {
    fn is_private(&self) -> bool {
        match self {
            Self::Public(..) => false,
            Self::OpenSshPrivate(_) => true,
            Self::Other(file) => file.is_private(),
        }
    }

    fn into_key_file(self, all_repairs: Vec<Repair>) -> KeyFile {
        match self {
            Self::Public(key, form) => {
                // The standard library's sort is 3 KB of WebAssembly; these are a dozen at most.
                let mut repairs = Vec::new();
                for repair in all_repairs {
                    if let Err(at) = repairs.binary_search(&repair) {
                        repairs.insert(at, repair);
                    }
                }
                KeyFile::Public(PublicKeyFile { key, form, repairs })
            }
            Self::OpenSshPrivate(_) => KeyFile::Refused(Refusal::Private(PrivateKind::OpenSsh)),
            Self::Other(file) => file,
        }
    }
}

impl From<Refusal> for Item {
    fn from(refusal: Refusal) -> Self {
        Self::Other(KeyFile::Refused(refusal))
    }
}

impl KeyFile {
    /// Whether the file holds a private key, usable or not. Such a file must not be kept or sent.
    #[must_use]
    pub fn is_private(&self) -> bool {
        match self {
            Self::Public(_) => false,
            Self::Private(..) | Self::Encrypted(_) | Self::Credentials => true,
            Self::Refused(refusal) => refusal.is_private(),
        }
    }

    /// Whether unwrapping can't reveal more.
    fn is_conclusive(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.is_conclusive(),
            _ => true,
        }
    }

    fn with_repairs(self, taken_off: Vec<Repair>) -> Self {
        match self {
            Self::Public(file) => {
                Item::Public(file.key, file.form).into_key_file([taken_off, file.repairs].concat())
            }
            other => other,
        }
    }

    /// Whether this result would be wrong if the file held a private key.
    fn claims_no_private_key(&self) -> bool {
        match self {
            Self::Public(_) => true,
            Self::Refused(refusal) => refusal.claims_no_private_key(),
            _ => false,
        }
    }
}

impl fmt::Display for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public(file) => file.fmt(f),
            Self::Private(key, form) => write!(
                f,
                "This is {form} with {} bits. The file wasn't sent. Its public key was derived \
                 from it.",
                key.public_key().bits()
            ),
            Self::Encrypted(form) => form.fmt(f),
            Self::Credentials => f.write_str(
                "This is a credentials file, which contains a private key. The file wasn't sent.",
            ),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

impl fmt::Display for PublicKeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "This is {}: RSA with {} bits.{}",
            self.form,
            self.key.bits(),
            self.form.conversion()
        )?;
        for (at, repair) in self.repairs.iter().enumerate() {
            f.write_str(if at == 0 { " Fixed: " } else { ", " })?;
            repair.fmt(f)?;
        }
        if !self.repairs.is_empty() {
            f.write_str(".")?;
        }
        Ok(())
    }
}
