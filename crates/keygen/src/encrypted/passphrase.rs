//! A passphrase: overwrites itself when dropped, and cannot be printed.

use rsa::rand_core::TryCryptoRng;
use zeroize::Zeroizing;

/// Small letters and digits without those that look like another (i, l, o, 0, 1).
const LETTERS: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
const GROUPS: usize = 6;
const GROUP: usize = 4;

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
    /// The generator failed.
    #[error(
        "The random generator failed, so no passphrase was made: it could be guessed. Load the \
         page again; if that does not help, use another browser."
    )]
    Randomness,
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

/// A passphrase to be kept in a password manager or on paper: six groups of four small letters and
/// digits, joined by hyphens, `abcd-efgh-…`; 118 bits. [`Passphrase::expose`] shows it.
///
/// # Errors
/// [`PassphraseError::Randomness`].
pub fn make_passphrase<R: TryCryptoRng + ?Sized>(
    rng: &mut R,
) -> Result<Passphrase, PassphraseError> {
    let mut text = Zeroizing::new(String::with_capacity(GROUPS * (GROUP + 1)));
    let mut drawn = 0;
    while drawn < GROUPS * GROUP {
        let mut byte = Zeroizing::new([0]);
        rng.try_fill_bytes(byte.as_mut_slice())
            .map_err(|_| PassphraseError::Randomness)?;
        // 256 is no multiple of 31: bytes beyond the last multiple would favour some letters.
        let [byte] = *byte;
        let at = usize::from(byte) % LETTERS.len();
        let Some(letter) = LETTERS.get(at).filter(|_| byte < 248) else {
            continue;
        };
        if drawn > 0 && drawn % GROUP == 0 {
            text.push('-');
        }
        text.push(char::from(*letter));
        drawn += 1;
    }
    Ok(Passphrase(text))
}
