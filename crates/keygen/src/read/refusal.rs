//! Why a file is refused: what it is, why it cannot be used, and the way out.

use super::{Algorithm, Foreign, MOST_KEYS, PrivateKind, Unfit};

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing but blanks.
    #[error("The file is empty: choose the one that holds the public key.")]
    Empty,
    /// More than [`MOST_KEY_FILE_BYTES`](super::MOST_KEY_FILE_BYTES).
    #[error(
        "The file has {bytes} bytes, where a key file has a few thousand, so it was not read: \
         choose the file of the key alone."
    )]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Something else than a key.
    #[error(
        "This is {0}, not a key file: choose a public key, which `openssl pkey -in private.pem \
         -pubout -out public.pem` writes."
    )]
    NotAKey(Foreign),
    /// Text in UTF-16.
    #[error(
        "This text is in UTF-16, in which no program reads keys: save it once more as UTF-8 (in \
         Notepad: Save as, Encoding UTF-8), or run `iconv -f UTF-16 -t UTF-8 FILE > public.pem`."
    )]
    Utf16,
    /// The end is missing, or the beginning.
    #[error(
        "The key is cut short, a part of it is missing: copy it again, from the BEGIN line to the \
         END line."
    )]
    CutShort,
    /// It begins like a key and cannot be read.
    #[error(
        "This looks like a public key but is damaged: get the file again from where it was made."
    )]
    Damaged,
    /// The first line and the last one disagree.
    #[error(
        "The key begins as {begin:?} and ends as {end:?}, so parts of two files were put together: \
         copy it again, from its BEGIN line to its END line."
    )]
    LabelsDiffer {
        /// Of the BEGIN line.
        begin: String,
        /// Of the END line.
        end: String,
    },
    /// The lines around the key do not say what is in it.
    #[error(
        "The lines around this key say {label:?}, but in it is {holds:?}, so that other programs \
         will not read it: put {holds:?} into its BEGIN line and its END line."
    )]
    WrongLabel {
        /// What they say.
        label: String,
        /// What they should say.
        holds: &'static str,
    },
    /// More than one key.
    #[error(
        "There are {count}{more} keys or certificates in this file, and only one can be uploaded: \
         save the right one in a file of its own.",
        more = if *count < MOST_KEYS { "" } else { " or more" }
    )]
    SeveralKeys {
        /// Their number; they are counted up to 8.
        count: usize,
    },
    /// A public key of another algorithm.
    #[error(
        "This is {0}, and authorized keys are RSA only: make an RSA key, here or with `openssl \
         genrsa -out private.pem 4096`."
    )]
    Algorithm(Algorithm),
    /// An RSA public key that the API would refuse.
    #[error(
        "This RSA public key {0}: make another one, here or with `openssl genrsa -out private.pem \
         4096`."
    )]
    Unfit(Unfit),
    /// An RSA private key whose public half the API would refuse.
    #[error(
        "This is an RSA private key, and it {0}; nothing of it was sent: make another one, here \
         or with `openssl genrsa -out private.pem 4096`."
    )]
    PrivateUnfit(Unfit),
    /// A private key that cannot be used here.
    #[error("This is {kind}; nothing of it was sent, and {way}.", kind = .0, way = .0.way_out())]
    Private(PrivateKind),
}

impl Refusal {
    /// Whether the file holds a private key.
    #[must_use]
    pub fn is_private(&self) -> bool {
        matches!(self, Self::Private(_) | Self::PrivateUnfit(_))
    }

    /// Whether its words would mislead about a file that holds a private key.
    pub(super) fn must_not_be_private(&self) -> bool {
        !self.is_private()
            && !matches!(
                self,
                Self::Empty | Self::TooLarge { .. } | Self::WrongLabel { .. }
            )
    }
}
