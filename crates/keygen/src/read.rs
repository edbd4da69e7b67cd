//! Tells what key file a person brought, and takes the public key out of it.
//!
//! The files are of a kind that people have lying about: PEM in any state of repair, DER,
//! certificates, OpenSSH lines, JWKs, and private keys chosen by mistake. Nothing but the public
//! key's two numbers comes out as [`Given::Public`], written anew; and nothing does when private
//! key material is anywhere in the file.

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

pub use form::{EncryptedForm, Mended, PrivateForm, PublicForm};
pub use kinds::{Algorithm, Foreign, PrivateKind, Unfit};
pub use refusal::Refusal;

use crate::{PrivateKey, PublicKey};

/// In bytes; a key file has a few thousand. Larger ones are refused unread.
pub const MOST_KEY_FILE_BYTES: usize = 128 * 1024;

/// Keys of one file that are looked at; so many are never one.
const MOST_KEYS: usize = 8;

/// What a file turned out to be. Its text is one sentence for the person who chose it: what it is
/// and how to go on. It holds no part of a key.
pub enum Given {
    /// An RSA public key that can be used.
    Public(Brought),
    /// An unencrypted RSA private key that could be used: its public half can be derived here.
    Private(Box<PrivateKey>, PrivateForm),
    /// A private key behind a passphrase.
    Encrypted(EncryptedForm),
    /// JSON with `subject-credentials`: a credentials file, unread.
    Credentials,
    /// Nothing that can be used.
    Refused(Refusal),
}

/// A public key that was brought. [`PublicKey::to_spki_pem`] is its canonical form.
pub struct Brought {
    /// RSA of 4096 to 8192 bits, with an exponent that the API takes.
    pub key: PublicKey,
    /// What it came in.
    pub form: PublicForm,
    /// What was put right, each once, in the order of [`Mended`].
    pub mended: Vec<Mended>,
}

/// Reads `bytes`, a whole file.
///
/// Never panics. Work is linear in the size, which is bounded by [`MOST_KEY_FILE_BYTES`].
#[must_use]
pub fn read_key_file(bytes: &[u8]) -> Given {
    if bytes.len() > MOST_KEY_FILE_BYTES {
        return Given::Refused(Refusal::TooLarge { bytes: bytes.len() });
    }
    let given = recognise(bytes);
    // Whatever the readers made of it: this search alone decides that nothing private is in it.
    if given.must_not_be_private() && private::is_in(bytes) {
        return Given::Refused(Refusal::Private(PrivateKind::Somewhere));
    }
    given
}

fn recognise(bytes: &[u8]) -> Given {
    if let Some(refusal) = binary::foreign(bytes) {
        return Given::Refused(refusal);
    }
    if let Some(item) = der::whole_file(bytes) {
        return item.into_given(vec![Mended::Der]);
    }
    text::read(bytes)
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

/// One key, or what takes its place.
enum Item {
    Public(PublicKey, PublicForm),
    Other(Given),
}

impl Item {
    fn is_private(&self) -> bool {
        match self {
            Self::Public(..) => false,
            Self::Other(given) => given.is_private(),
        }
    }

    fn into_given(self, notes: Vec<Mended>) -> Given {
        match self {
            Self::Public(key, form) => {
                // A sort of the library's is 3 KB of WebAssembly; these are a dozen at most.
                let mut mended = Vec::new();
                for note in notes {
                    if let Err(at) = mended.binary_search(&note) {
                        mended.insert(at, note);
                    }
                }
                Given::Public(Brought { key, form, mended })
            }
            Self::Other(given) => given,
        }
    }
}

impl From<Refusal> for Item {
    fn from(refusal: Refusal) -> Self {
        Self::Other(Given::Refused(refusal))
    }
}

impl Given {
    /// Whether the file holds a private key, usable or not: it must not be kept or sent.
    #[must_use]
    pub fn is_private(&self) -> bool {
        match self {
            Self::Public(_) => false,
            Self::Private(..) | Self::Encrypted(_) | Self::Credentials => true,
            Self::Refused(refusal) => refusal.is_private(),
        }
    }

    /// Whether what was said of the file would be wrong if it held a private key.
    fn must_not_be_private(&self) -> bool {
        match self {
            Self::Public(_) => true,
            Self::Refused(refusal) => refusal.must_not_be_private(),
            _ => false,
        }
    }
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public(brought) => brought.fmt(f),
            Self::Private(key, form) => write!(
                f,
                "This is {form}, of {} bits: nothing of it was sent, and its public half can be \
                 derived here.",
                key.public_key().bits()
            ),
            Self::Encrypted(form) => form.fmt(f),
            Self::Credentials => f.write_str(
                "This is a credentials file, which holds a private key: nothing of it was sent, \
                 and it can be inspected here.",
            ),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

impl fmt::Display for Brought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "This is {}, RSA of {} bits, and can be used",
            self.form,
            self.key.bits()
        )?;
        for (at, mended) in self.mended.iter().enumerate() {
            f.write_str(if at == 0 { "; put right: " } else { ", " })?;
            mended.fmt(f)?;
        }
        f.write_str(".")
    }
}
