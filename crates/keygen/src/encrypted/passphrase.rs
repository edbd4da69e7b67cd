//! Passphrases, which overwrite themselves when dropped and can't be printed.

use rsa::rand_core::TryCryptoRng;
use zeroize::Zeroizing;

/// Lower-case letters and digits, without those that look alike (i, l, o, 0, 1).
const LETTERS: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
const GROUPS: usize = 6;
const GROUP_LENGTH: usize = 4;

/// The passphrase of an encrypted file. Zeroizes on drop; has no Debug, Display or Clone. Its bytes
/// are UTF-8 without normalization, as `openssl` reads them from a terminal: accented letters must
/// be typed the same way again.
pub struct Passphrase(Zeroizing<String>);

/// Why there is no passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// The text is empty.
    #[error("The passphrase is empty. Enter a passphrase, or save the file without encryption.")]
    Empty,
    /// The random generator failed.
    #[error(
        "The random generator failed, so no passphrase was created. Reload the page; if that \
         doesn't help, use another browser."
    )]
    Randomness,
}

impl Passphrase {
    /// Takes ownership of the text.
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

    /// The text, to show it to the person who must store it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Makes a random passphrase of 118 bits: six groups of four lower-case letters and digits, joined
/// by hyphens, `abcd-efgh-…`.
///
/// # Errors
/// [`PassphraseError::Randomness`].
pub fn make_passphrase<R: TryCryptoRng + ?Sized>(
    rng: &mut R,
) -> Result<Passphrase, PassphraseError> {
    let mut text = Zeroizing::new(String::with_capacity(GROUPS * (GROUP_LENGTH + 1)));
    let mut drawn = 0;
    while drawn < GROUPS * GROUP_LENGTH {
        let mut byte = Zeroizing::new([0]);
        rng.try_fill_bytes(byte.as_mut_slice())
            .map_err(|_| PassphraseError::Randomness)?;
        // Bytes from 248, the largest multiple of 31, would make some letters more likely.
        let [byte] = *byte;
        let at = usize::from(byte) % LETTERS.len();
        let Some(letter) = LETTERS.get(at).filter(|_| byte < 248) else {
            continue;
        };
        if drawn > 0 && drawn % GROUP_LENGTH == 0 {
            text.push('-');
        }
        text.push(char::from(*letter));
        drawn += 1;
    }
    Ok(Passphrase(text))
}
