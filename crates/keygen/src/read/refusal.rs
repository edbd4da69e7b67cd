//! Why a file is refused: what it is, why it can't be used, and what to do.

use super::{Algorithm, MAX_KEYS, OtherFile, PrivateKind, Unsupported};

/// Why a file can't be used. The message holds no part of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing but whitespace.
    #[error("The file is empty. Choose the file that contains the key.")]
    Empty,
    /// More than [`MAX_KEY_FILE_BYTES`](super::MAX_KEY_FILE_BYTES).
    #[error(
        "The file has {bytes} bytes, too many for a key file, so it wasn't read. Choose a file \
         that contains only the key."
    )]
    TooLarge {
        /// Size of the file.
        bytes: usize,
    },
    /// A file that isn't a key file.
    #[error(
        "This is {0}, not a key file. Choose a credentials file, a private key or a public key."
    )]
    NotAKey(OtherFile),
    /// Text in UTF-16.
    #[error(
        "This text is in UTF-16, which most programs can't read. Save it as UTF-8 (in \
         Notepad: Save as, Encoding UTF-8), or run `iconv -f UTF-16 -t UTF-8 FILE > public.pem`."
    )]
    Utf16,
    /// The beginning or the end is missing.
    #[error("The key is incomplete. Copy it again, from the BEGIN line to the END line.")]
    CutShort,
    /// A file that starts like a key but can't be decoded.
    #[error("This looks like a public key, but it's damaged. Get the file again from its source.")]
    Damaged,
    /// The labels of the BEGIN line and the END line differ.
    #[error(
        "The BEGIN line says {begin:?}, but the END line says {end:?}: parts of two files are \
         mixed. Copy the key again, from its BEGIN line to its END line."
    )]
    LabelsDiffer {
        /// Label of the BEGIN line.
        begin: String,
        /// Label of the END line.
        end: String,
    },
    /// The label doesn't match the content.
    #[error(
        "The BEGIN and END lines say {label:?}, but the content is {expected:?}, so programs \
         can't read it. Put {expected:?} into both lines."
    )]
    WrongLabel {
        /// The label in the file.
        label: String,
        /// The label that matches the content.
        expected: &'static str,
    },
    /// More than one key.
    #[error(
        "The file contains {count}{more} keys or certificates, but you can upload only one. Save \
         the right one in a file of its own.",
        more = if *count < MAX_KEYS { "" } else { " or more" }
    )]
    SeveralKeys {
        /// The number of keys, counted up to 8.
        count: usize,
    },
    /// A public key of another algorithm.
    #[error(
        "This is {0}, but authorized keys must be RSA. Create an RSA key here or with `openssl \
         genrsa -out private.pem 4096`."
    )]
    Algorithm(Algorithm),
    /// An RSA public key that the API would reject.
    #[error(
        "This RSA public key {0}. Create another key here or with `openssl genrsa -out \
         private.pem 4096`."
    )]
    Unsupported(Unsupported),
    /// An RSA private key whose public key the API would reject.
    #[error(
        "This RSA private key {0}. The file wasn't sent. Create another key here or with `openssl \
         genrsa -out private.pem 4096`."
    )]
    UnsupportedPrivate(Unsupported),
    /// A private key that can't be read.
    #[error("This is {kind}. The file wasn't sent. {advice}.", kind = .0, advice = .0.advice())]
    Private(PrivateKind),
}

impl Refusal {
    /// Whether the file holds a private key.
    #[must_use]
    pub fn is_private(&self) -> bool {
        matches!(self, Self::Private(_) | Self::UnsupportedPrivate(_))
    }

    /// Whether this refusal would be misleading for a file that holds a private key.
    pub(super) fn claims_no_private_key(&self) -> bool {
        !self.is_private()
            && !matches!(
                self,
                Self::Empty | Self::TooLarge { .. } | Self::WrongLabel { .. }
            )
    }
}
