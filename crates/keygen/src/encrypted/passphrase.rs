//! A passphrase: overwrites itself when dropped, and cannot be printed.

use zeroize::Zeroizing;

/// What opens an encrypted file. Zeroizes on drop; has no Debug, Display or Clone. Its bytes are
/// the UTF-8 of the text, as `openssl` takes them from a terminal: nothing is normalised, so that
/// an accented letter must be typed the same way again.
pub struct Passphrase(Zeroizing<String>);

/// Why a text cannot be a passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// It is empty.
    #[error(
        "The passphrase is empty, so it would protect nothing. Type one, or save the file without."
    )]
    Empty,
}

impl Passphrase {
    /// Takes the text over.
    ///
    /// # Errors
    /// [`PassphraseError`].
    pub fn new(text: String) -> Result<Self, PassphraseError> {
        let text = Zeroizing::new(text);
        if text.is_empty() {
            return Err(PassphraseError::Empty);
        }
        Ok(Self(text))
    }

    /// The text, to be shown to whoever must keep it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}
