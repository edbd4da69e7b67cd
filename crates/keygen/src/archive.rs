//! One ZIP of several secret files, open or under a passphrase (WinZip's AES-256, AE-2).
//!
//! The format is written here, over RustCrypto's primitives, and not by the crate `zip`: that one
//! draws its salts from the operating system itself, where everything here draws from the generator
//! that it is given; and it keeps buffers of the files that do not overwrite themselves.
//!
//! | part | source |
//! |---|---|
//! | headers, their order, names in UTF-8 | APPNOTE.TXT 6.3.10, sections 4.3 and 4.4.4 |
//! | extra field 0x9901, AE-2, key derivation | WinZip, "AE-1 and AE-2", sections II and III |

mod aes;
mod date;
mod format;

use rsa::rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use self::format::{Entry, Writer};
use crate::{IdError, Passphrase, check_id};

/// The most files, and the most bytes in all: beyond them the format has other fields.
const MOST_FILES: usize = 0xfffe;
const MOST_BYTES: usize = 0x7fff_ffff;

/// Why there is no archive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// There is nothing to put into it.
    #[error("No file was chosen, so there is nothing to put into an archive. Choose one.")]
    Nothing,
    /// A file's name is not plain.
    #[error("A file cannot have that name in an archive. {0}")]
    Name(#[from] IdError),
    /// Two files would have one name.
    #[error(
        "Two of the files are named {0}; only one of them would come out of the archive. Save one \
         of them by itself."
    )]
    Duplicate(String),
    /// More than the plain format can hold.
    #[error(
        "The files are too many or too large for one archive (65,534 files, 2 GiB). Make several."
    )]
    TooLarge,
    /// The generator of salts failed.
    #[error(
        "The random generator failed, so no archive was made: its salt would not be random. Load \
         the page again; if that does not help, use another browser."
    )]
    Randomness,
    /// A fault of the program.
    #[error("The archive could not be written. The keys are still here; try again, and report it.")]
    Fault,
}

/// An archive of `files`, each a name and its bytes, all of them last changed at `modified`
/// (seconds since 1970, UTC; told to two seconds, and as 1980 when it is earlier). Names are plain,
/// as ids are: [`check_id`]. Who unpacks it on Unix is alone in being able to read them (mode
/// 0600). They are stored, not compressed: they are small.
///
/// With a passphrase each file is encrypted by AES-256 in counter mode and authenticated by
/// HMAC-SHA-1 (AE-2); the names stay readable. The format derives the keys by 1,000 rounds of
/// PBKDF2 with HMAC-SHA-1, which slows nobody down who guesses: only a passphrase that cannot be
/// guessed protects, such as [`make_passphrase`](crate::make_passphrase) makes. 7-Zip, bsdtar and
/// WinZip open it; `unzip` does not, nor do most systems' built-in programs.
///
/// # Errors
/// [`ArchiveError`].
pub fn expose_zip<R: TryCryptoRng + ?Sized>(
    files: &[(&str, &[u8])],
    passphrase: Option<&Passphrase>,
    modified: u64,
    rng: &mut R,
) -> Result<Zeroizing<Vec<u8>>, ArchiveError> {
    check(files)?;
    let sizes = files.iter().map(|(name, bytes)| format::room(name, bytes));
    let room = sizes.fold(format::END, usize::saturating_add);
    if files.len() > MOST_FILES || room > MOST_BYTES {
        return Err(ArchiveError::TooLarge);
    }
    let mut writer = Writer::new(room, date::dos(modified));
    for (name, bytes) in files {
        let sealed = match passphrase {
            Some(passphrase) => {
                let salt = aes::make_salt(rng).map_err(|_| ArchiveError::Randomness)?;
                Some(aes::seal(bytes, passphrase, salt).map_err(|_| ArchiveError::Fault)?)
            }
            None => None,
        };
        let entry = Entry {
            name,
            data: sealed.as_ref().map_or(bytes, |sealed| sealed),
            length: bytes.len(),
            checksum: if sealed.is_some() {
                0
            } else {
                crc32fast::hash(bytes)
            },
            encrypted: sealed.is_some(),
        };
        writer.add(&entry).ok_or(ArchiveError::TooLarge)?;
    }
    writer.finish().ok_or(ArchiveError::TooLarge)
}

fn check(files: &[(&str, &[u8])]) -> Result<(), ArchiveError> {
    if files.is_empty() {
        return Err(ArchiveError::Nothing);
    }
    let mut names = std::collections::BTreeSet::new();
    for (name, _) in files {
        check_id(name)?;
        // Where capitals do not count, the second would overwrite the first.
        if !names.insert(name.to_ascii_lowercase()) {
            return Err(ArchiveError::Duplicate((*name).to_owned()));
        }
    }
    Ok(())
}

// Where proptest does not run, these have nothing to add: no browser is in it.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
