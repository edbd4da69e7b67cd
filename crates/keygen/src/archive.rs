//! Writes secret files to a ZIP archive, unencrypted or encrypted (WinZip's AES-256, AE-2).
//!
//! Built on RustCrypto's primitives instead of the crate `zip`, which draws its salts from the
//! operating system instead of the caller's generator, and keeps the files in buffers that don't
//! overwrite themselves.
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

/// Maximum number of files; the format needs other fields for more.
const MAX_FILES: usize = 0xfffe;
/// Maximum size in bytes; the format needs other fields for more.
const MAX_BYTES: usize = 0x7fff_ffff;

/// Why the archive wasn't written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// There are no files.
    #[error("There are no files for the archive. Choose at least one.")]
    Nothing,
    /// A file name isn't valid.
    #[error("A file name isn't valid in an archive. {0}")]
    Name(#[from] IdError),
    /// Two files have the same name, ignoring case.
    #[error(
        "Two files have the name {0}, so one would overwrite the other. Save one of them separately."
    )]
    Duplicate(String),
    /// The files exceed the limits of the format.
    #[error(
        "The files exceed the limits of an archive (65,534 files, 2 GiB). Save them to several \
         archives."
    )]
    TooLarge,
    /// The random generator failed.
    #[error(
        "The random generator failed, so no archive was created. Reload the page; if that \
         doesn't help, use another browser."
    )]
    Randomness,
    /// The archive can't be written, which is a bug.
    #[error(
        "The archive couldn't be written. The keys are still here: try again, and report the \
         problem if it happens again."
    )]
    Fault,
}

/// Writes an archive of `files`, each a name and its bytes. Names must pass [`check_id`].
/// `modified` is the modification time of all files, in seconds since 1970, UTC; the format stores
/// even seconds from 1980 on. On Unix, only the person who unpacks the files can read them (mode
/// 0600). The files aren't compressed: they are small.
///
/// With a passphrase, each file is encrypted with AES-256 in counter mode and authenticated with
/// HMAC-SHA-1 (AE-2); the names stay readable. The format derives the keys with 1,000 rounds of
/// PBKDF2 with HMAC-SHA-1, which hardly slows down guessing: only a passphrase that can't be
/// guessed protects the files, such as one from [`make_passphrase`](crate::make_passphrase). 7-Zip,
/// bsdtar and WinZip can open the archive; `unzip` and the built-in programs of most systems can't.
///
/// # Errors
/// [`ArchiveError`].
pub fn expose_zip<R: TryCryptoRng + ?Sized>(
    files: &[(&str, &[u8])],
    passphrase: Option<&Passphrase>,
    modified: u64,
    rng: &mut R,
) -> Result<Zeroizing<Vec<u8>>, ArchiveError> {
    check_names(files)?;
    let sizes = files
        .iter()
        .map(|(name, bytes)| format::max_size(name, bytes));
    let capacity = sizes.fold(format::END, usize::saturating_add);
    if files.len() > MAX_FILES || capacity > MAX_BYTES {
        return Err(ArchiveError::TooLarge);
    }
    let mut writer = Writer::new(capacity, date::dos(modified));
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

fn check_names(files: &[(&str, &[u8])]) -> Result<(), ArchiveError> {
    if files.is_empty() {
        return Err(ArchiveError::Nothing);
    }
    let mut names = std::collections::BTreeSet::new();
    for (name, _) in files {
        check_id(name)?;
        // On a file system that ignores case, the second would overwrite the first.
        if !names.insert(name.to_ascii_lowercase()) {
            return Err(ArchiveError::Duplicate((*name).to_owned()));
        }
    }
    Ok(())
}

// These need proptest, which doesn't run on wasm32, and nothing of a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
