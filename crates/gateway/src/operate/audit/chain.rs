//! Chains the audit log's lines: each has its number and the hash of the line before it, and a file beside
//! the log has the number and the hash of the last line. So a line that is changed, removed or inserted is
//! found.
//!
//! The file also has the hash of a line that is being written. So after a crash, it's known whether that was
//! the last line.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

use rsa::sha2::{Digest, Sha256};
use serde::{Deserialize, Serialize};

use crate::{data_folder::private_file, error::StartError};

/// The end of a chain: the number of its last line, which is the number of lines, and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub record: u64,
    pub sha256: Hash,
}

/// SHA-256 of a line without its line feed, in lowercase hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hash(String);

impl Hash {
    pub fn of(line: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(line)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a line says about its place.
#[derive(Deserialize, Debug, PartialEq, Eq)]
pub struct Place {
    pub record: u64,
    pub previous: Hash,
}

impl Head {
    /// Before the first line.
    pub fn start() -> Self {
        Self {
            record: 0,
            sha256: Hash("0".repeat(64)),
        }
    }

    /// The head after this line, and what the line says about its place; none if it isn't a record.
    pub fn after(line: &[u8]) -> Option<(Self, Place)> {
        let place: Place = serde_json::from_slice(line).ok()?;
        let head = Self {
            record: place.record,
            sha256: Hash::of(line),
        };
        Some((head, place))
    }

    /// Whether a line with this place follows.
    pub fn precedes(&self, place: &Place) -> bool {
        self.record.checked_add(1) == Some(place.record) && self.sha256 == place.previous
    }
}

/// The content of the file beside the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// After the last line that was written completely.
    pub head: Head,
    /// The hash of the next line, while it's being written.
    pub next: Option<Hash>,
}

impl Saved {
    /// Whether a log with this last line has all lines and no others.
    pub fn allows(&self, last: &Head, place: &Place) -> bool {
        *last == self.head || self.head.precedes(place) && self.next.as_ref() == Some(&last.sha256)
    }

    /// Always of the same length, so that a new one overwrites the old one completely.
    fn to_line(&self) -> String {
        let none = Head::start().sha256;
        let next = self.next.as_ref().unwrap_or(&none);
        format!(
            "{:020} {} {}\n",
            self.head.record, self.head.sha256.0, next.0
        )
    }
}

impl FromStr for Saved {
    type Err = io::Error;

    fn from_str(line: &str) -> io::Result<Self> {
        let hash = |text: &str| {
            let is_hash = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_hash.then(|| Hash(text.to_owned()))
        };
        let mut parts = line.trim_end().splitn(3, ' ');
        let mut part = || parts.next().unwrap_or_default();
        let (record, sha256, next) = (part().parse(), hash(part()), hash(part()));
        match (record, sha256, next) {
            (Ok(record), Some(sha256), Some(next)) => Ok(Self {
                head: Head { record, sha256 },
                next: Some(next).filter(|next| *next != Head::start().sha256),
            }),
            _ => {
                let message = "its .head file has other content than a number and two hashes";
                Err(io::Error::new(io::ErrorKind::InvalidData, message))
            }
        }
    }
}

/// The file beside a log that holds its head.
pub fn head_path(log: &Path) -> PathBuf {
    let mut path = log.as_os_str().to_owned();
    path.push(".head");
    path.into()
}

/// The log, open for more lines.
pub struct Chain {
    path: PathBuf,
    log: File,
    head_file: File,
    head: Head,
}

#[derive(Serialize)]
struct Linked<'a, T> {
    record: u64,
    previous: &'a Hash,
    #[serde(flatten)]
    line: &'a T,
}

impl Chain {
    /// Opens the log for appending. Creates it with mode 0600 if it's missing.
    ///
    /// # Errors
    /// If a file can't be used, or if another gateway writes to the log.
    pub fn open(path: &Path) -> Result<Self, StartError> {
        let error = |cause| StartError::AuditLog {
            path: path.to_owned(),
            cause,
        };
        let mut head_file = private_file()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(head_path(path))
            .map_err(error)?;
        // Two writers would break the chain.
        head_file
            .try_lock()
            .map_err(|_| StartError::AuditLogInUse(path.to_owned()))?;
        let mut saved = String::new();
        head_file.read_to_string(&mut saved).map_err(error)?;
        let last = finish_last_line(path).map_err(error)?;
        let head = match saved.is_empty() {
            true => last.map_or_else(Head::start, |(head, _)| head),
            false => {
                let saved: Saved = saved.parse().map_err(error)?;
                match last {
                    Some((last, place)) if saved.allows(&last, &place) => last,
                    _ => saved.head,
                }
            }
        };
        let mut chain = Self {
            path: path.to_owned(),
            log: append(path).map_err(error)?,
            head_file,
            head,
        };
        chain.save(None).map_err(error)?;
        Ok(chain)
    }

    /// Adds a line; returns its hash.
    ///
    /// # Errors
    /// If it can't be written. Then the log is as before.
    pub fn add(&mut self, line: &impl Serialize) -> io::Result<&Hash> {
        self.reopen_if_rotated()?;
        let line = serde_json::to_vec(&Linked {
            record: self.head.record + 1,
            previous: &self.head.sha256,
            line,
        })?;
        let head = Head {
            record: self.head.record + 1,
            sha256: Hash::of(&line),
        };
        let end = self.log.metadata()?.len();
        self.save(Some(head.sha256.clone()))?;
        let with_end = [&line, &b"\n"[..]].concat();
        if let Err(error) = self.log.write_all(&with_end) {
            // Removes a part of the line; if that fails too, the verification reports the part.
            let _ = self.log.set_len(end);
            return Err(error);
        }
        self.head = head;
        self.save(None)?;
        Ok(&self.head.sha256)
    }

    fn save(&mut self, next: Option<Hash>) -> io::Result<()> {
        let head = self.head.clone();
        self.head_file.seek(SeekFrom::Start(0))?;
        self.head_file
            .write_all(Saved { head, next }.to_line().as_bytes())
    }

    /// Continues in a new file if the log was renamed or deleted, as logrotate does.
    fn reopen_if_rotated(&mut self) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let id = |file: fs::Metadata| (file.dev(), file.ino());
            let there = fs::metadata(&self.path).map(id).ok();
            if there != Some(id(self.log.metadata()?)) {
                self.log = append(&self.path)?;
            }
        }
        Ok(())
    }
}

fn append(path: &Path) -> io::Result<File> {
    private_file().append(true).create(true).open(path)
}

/// Reads the log's last line, and ends it if a crash has cut it off, so that the next one stands alone.
fn finish_last_line(path: &Path) -> io::Result<Option<(Head, Place)>> {
    // Longer than any line.
    const TAIL: u64 = 64 * 1024;
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    match tail.strip_suffix(b"\n") {
        Some(lines) => {
            let last = lines.rsplit(|byte| *byte == b'\n').next();
            Ok(last.and_then(Head::after))
        }
        None if tail.is_empty() => Ok(None),
        None => append(path)?.write_all(b"\n").map(|()| None),
    }
}
