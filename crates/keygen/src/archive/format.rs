//! The part of the ZIP format that an archive of small, uncompressed files needs.

use zeroize::Zeroizing;

use super::{aes, date::Dos};

const LOCAL: usize = 30;
const CENTRAL: usize = 46;
/// Length of the end record, in bytes.
pub const END: usize = 22;
const EXTRA: usize = AES_EXTRA.len();

/// Made on Unix, with version 6.3 of the format.
const MADE_BY: u16 = 3 << 8 | 63;
/// A regular file that only its owner can read and write.
const MODE: u32 = 0o100_600 << 16;
const NAME_IS_UTF_8: u16 = 1 << 11;
const IS_ENCRYPTED: u16 = 1;
const STORED: u16 = 0;
const AES: u16 = 99;
/// Versions that are needed to extract: 2.0, and 5.1 for AES.
const PLAIN_VERSION: u16 = 20;
const AES_VERSION: u16 = 51;
/// Field 0x9901 with seven bytes: AE-2, vendor "AE", strength 3 (AES-256), method stored.
const AES_EXTRA: [u8; 11] = [0x01, 0x99, 7, 0, 2, 0, b'A', b'E', 3, 0, 0];

/// A file in the archive.
pub struct Entry<'a> {
    pub name: &'a str,
    /// The stored bytes, encrypted or not.
    pub data: &'a [u8],
    /// Length of the unencrypted file, in bytes.
    pub length: usize,
    /// CRC-32 of the file; zero if it's encrypted, since a checksum would leak information.
    pub checksum: u32,
    pub encrypted: bool,
}

/// Maximum size of a file in an archive, in bytes.
pub fn max_size(name: &str, bytes: &[u8]) -> usize {
    let headers = LOCAL + CENTRAL + 2 * (name.len() + EXTRA);
    bytes.len().saturating_add(headers + aes::OVERHEAD)
}

/// Writes an archive. Methods return `None` when a value exceeds its field.
pub struct Writer {
    archive: Zeroizing<Vec<u8>>,
    directory: Vec<u8>,
    modified: Dos,
    files: u16,
}

impl Writer {
    /// `capacity`: enough for the whole archive, since a growing buffer would leave copies of
    /// secrets in memory.
    pub fn new(capacity: usize, modified: Dos) -> Self {
        Self {
            archive: Zeroizing::new(Vec::with_capacity(capacity)),
            directory: Vec::new(),
            modified,
            files: 0,
        }
    }

    pub fn add(&mut self, entry: &Entry<'_>) -> Option<()> {
        let start = u32::try_from(self.archive.len()).ok()?;
        let common = self.common(entry)?;
        let extra: &[u8] = if entry.encrypted { &AES_EXTRA } else { &[] };
        // Section 4.3.7.
        self.archive.extend_from_slice(b"PK\x03\x04");
        self.archive.extend_from_slice(&common);
        self.archive.extend_from_slice(entry.name.as_bytes());
        self.archive.extend_from_slice(extra);
        self.archive.extend_from_slice(entry.data);
        // Section 4.3.12: no comment, the first disk, no internal attributes.
        self.directory.extend_from_slice(b"PK\x01\x02");
        self.directory.extend_from_slice(&MADE_BY.to_le_bytes());
        self.directory.extend_from_slice(&common);
        self.directory.extend_from_slice(&[0; 6]);
        self.directory.extend_from_slice(&MODE.to_le_bytes());
        self.directory.extend_from_slice(&start.to_le_bytes());
        self.directory.extend_from_slice(entry.name.as_bytes());
        self.directory.extend_from_slice(extra);
        self.files = self.files.checked_add(1)?;
        Some(())
    }

    /// The common part of both headers, from the version to the length of the extra field.
    fn common(&self, entry: &Entry<'_>) -> Option<Vec<u8>> {
        let (version, flags, method, extra) = if entry.encrypted {
            (
                AES_VERSION,
                NAME_IS_UTF_8 | IS_ENCRYPTED,
                AES,
                AES_EXTRA.len(),
            )
        } else {
            (PLAIN_VERSION, NAME_IS_UTF_8, STORED, 0)
        };
        let mut common = Vec::with_capacity(LOCAL);
        for number in [
            version,
            flags,
            method,
            self.modified.time,
            self.modified.date,
        ] {
            common.extend_from_slice(&number.to_le_bytes());
        }
        common.extend_from_slice(&entry.checksum.to_le_bytes());
        for length in [entry.data.len(), entry.length] {
            common.extend_from_slice(&u32::try_from(length).ok()?.to_le_bytes());
        }
        for length in [entry.name.len(), extra] {
            common.extend_from_slice(&u16::try_from(length).ok()?.to_le_bytes());
        }
        Some(common)
    }

    /// Appends the directory and the end record (section 4.3.16).
    pub fn finish(mut self) -> Option<Zeroizing<Vec<u8>>> {
        let start = u32::try_from(self.archive.len()).ok()?;
        let length = u32::try_from(self.directory.len()).ok()?;
        self.archive.extend_from_slice(&self.directory);
        self.archive.extend_from_slice(b"PK\x05\x06");
        self.archive.extend_from_slice(&[0; 4]);
        for _ in ["on this disk", "in all"] {
            self.archive.extend_from_slice(&self.files.to_le_bytes());
        }
        self.archive.extend_from_slice(&length.to_le_bytes());
        self.archive.extend_from_slice(&start.to_le_bytes());
        self.archive.extend_from_slice(&[0; 2]);
        Some(self.archive)
    }
}
