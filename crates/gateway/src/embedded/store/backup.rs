//! `keyside backup`: copies the database into one complete file, also while a gateway uses it.

use std::{
    fmt,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};

use super::VERSION;
use crate::data_folder::private_file;

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("can't create {}: {cause}. Choose a new file in a writable folder.", path.display())]
    Create { path: PathBuf, cause: io::Error },
    #[error(
        "can't read the database {}: {cause}. Set --data to the data folder of the embedded IAM.",
        path.display()
    )]
    Read {
        path: PathBuf,
        cause: rusqlite::Error,
    },
    #[error(
        "the database {} has version {found}, and this program makes backups of version {VERSION}. Use \
         the version of Keyside that the gateway runs.",
        path.display()
    )]
    OtherVersion { path: PathBuf, found: i64 },
    #[error(
        "the copy {} is not intact: {problem}. It was deleted. Check the disk, and restore an earlier \
         backup if the database is damaged.",
        path.display()
    )]
    Damaged { path: PathBuf, problem: String },
}

/// A complete and intact copy.
#[derive(Debug, PartialEq, Eq)]
pub struct Backup {
    path: PathBuf,
    service_accounts: i64,
    keys: i64,
}

impl fmt::Display for Backup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} has all {} service accounts and {} authorized keys, and is intact. It doesn't have the admin \
             token. To restore it, stop Keyside, remove iam.sqlite3-wal and iam.sqlite3-shm from the data \
             folder, and copy it there as iam.sqlite3.",
            self.path.display(),
            self.service_accounts,
            self.keys
        )
    }
}

/// Copies the database `from` into the new file `to` with mode 0600, and checks the copy.
///
/// # Errors
/// Returns an error if there is no intact copy. Then there is no file, either.
pub fn backup(from: &Path, to: &Path) -> Result<Backup, BackupError> {
    let unreadable = |cause| BackupError::Read {
        path: from.to_owned(),
        cause,
    };
    // Read-only, so that nothing is moved out of the log of a gateway that crashed.
    let db =
        Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(unreadable)?;
    let found = db
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(unreadable)?;
    if found != VERSION {
        return Err(BackupError::OtherVersion {
            path: from.to_owned(),
            found,
        });
    }
    let failed = |cause| BackupError::Create {
        path: to.to_owned(),
        cause,
    };
    let created = private_file().write(true).create_new(true).open(to);
    created.map_err(failed)?;
    let copied = db
        .execute("VACUUM INTO ?1", [to.to_string_lossy()])
        .map_err(unreadable)
        .and_then(|_| check(to))
        .and_then(|backup| sync(to).map(|()| backup).map_err(failed));
    if copied.is_err() {
        // Nobody should take it for a backup. The first error is the one to report.
        let _ = fs::remove_file(to);
    }
    copied
}

/// Marks the copy as complete, and checks it.
fn check(copy: &Path) -> Result<Backup, BackupError> {
    let damaged = |problem: String| BackupError::Damaged {
        path: copy.to_owned(),
        problem,
    };
    let failed = |cause: rusqlite::Error| damaged(cause.to_string());
    let db = Connection::open(copy).map_err(failed)?;
    db.execute("UPDATE state SET is_open = 0", [])
        .map_err(failed)?;
    let verdict: String = db
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .map_err(failed)?;
    if verdict != "ok" {
        return Err(damaged(verdict));
    }
    let count = |table: &str| {
        let query = format!("SELECT COUNT(*) FROM {table}");
        db.query_row(&query, [], |row| row.get(0)).map_err(failed)
    };
    Ok(Backup {
        path: copy.to_owned(),
        service_accounts: count("service_accounts")?,
        keys: count("auth_public_keys")?,
    })
}

fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
