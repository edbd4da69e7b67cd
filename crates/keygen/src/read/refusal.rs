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
    /// Nothing but zero bytes.
    #[error(
        "The file contains only zero bytes: its content was lost, perhaps in a system crash. Restore \
         it from a backup, or create a new key."
    )]
    OnlyZeros,
    /// Encrypted as a whole, with this program.
    #[error(
        "This file is encrypted with {0}. Decrypt it with {0}, then choose the decrypted file."
    )]
    Locked(&'static str),
    /// A pointer of Git LFS, which stands for the file.
    #[error(
        "This is a Git LFS pointer, not the file itself. Run `git lfs pull`, then choose the file \
         again."
    )]
    LfsPointer,
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
        "The file contains {count}{more} keys or certificates{names}, but you can upload only one. \
         Save the right one in a file of its own.",
        more = if *count < MAX_KEYS { "" } else { " or more" },
        names = listed(names)
    )]
    SeveralKeys {
        /// The number of keys, counted up to 8.
        count: usize,
        /// Where they are in a JSON text, if that's known.
        names: Vec<String>,
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

/// Names in parentheses, cut at a sensible length. Paths in a JSON text that could hold a part of a key are left
/// out.
fn listed(names: &[String]) -> String {
    const MAX_LENGTH: usize = 60;
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    let names: Vec<_> = names
        .iter()
        .filter(|name| name.len() <= MAX_LENGTH && name.chars().all(is_plain))
        .map(String::as_str)
        .collect();
    match &*names {
        [] => String::new(),
        names => format!(" ({})", names.join(", ")),
    }
}

impl Refusal {
    /// Whether the file holds a private key.
    #[must_use]
    pub fn is_private(&self) -> bool {
        matches!(self, Self::Private(_) | Self::UnsupportedPrivate(_))
    }

    /// Whether the file was recognized, so that unwrapping can't reveal more.
    pub(super) fn is_conclusive(&self) -> bool {
        !matches!(
            self,
            Self::NotAKey(OtherFile::Binary | OtherFile::Text | OtherFile::Json | OtherFile::Xml)
                | Self::CutShort
                | Self::Damaged
                | Self::Private(PrivateKind::Damaged)
        )
    }

    /// Whether this refusal would be misleading for a file that holds a private key.
    pub(super) fn claims_no_private_key(&self) -> bool {
        !self.is_private()
            && !matches!(
                self,
                Self::Empty | Self::OnlyZeros | Self::TooLarge { .. } | Self::WrongLabel { .. }
            )
    }
}
