//! The SQLite database: opens and migrates it, and runs queries outside the async threads.

mod backup;
mod seed;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use self::{
    backup::{Backup, BackupError, backup},
    seed::Seed,
};
use crate::error::{IamError, StartError};

/// Each migration leads from one version of the database to the next. They must not change, because there
/// are databases of every version.
pub const MIGRATIONS: [&str; 3] = [
    include_str!("schema.sql"),
    include_str!("groups.sql"),
    include_str!("state.sql"),
];
const VERSION: i64 = MIGRATIONS.len() as i64;

/// The database. It has one connection, because SQLite allows one writer at a time anyway.
pub struct Store {
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens the database. Creates it with its first rows if it's missing, and migrates earlier versions.
    ///
    /// Uses a write-ahead log with a sync at every commit, so that answered changes survive a crash of the
    /// process or the machine.
    ///
    /// # Errors
    /// Returns an error if the file can't be used, or if it's from a newer version of this program.
    pub fn open(path: &Path) -> Result<(Self, Seed), StartError> {
        // Opening the database creates it.
        let has_log = log_of(path).exists();
        let failed = |cause| StartError::Database {
            path: path.to_owned(),
            cause,
        };
        let mut db = Connection::open(path).map_err(failed)?;
        if db.is_readonly(rusqlite::MAIN_DB).map_err(failed)? {
            return Err(StartError::ReadOnlyDatabase(path.to_owned()));
        }
        db.pragma_update(None, "journal_mode", "WAL")
            .map_err(failed)?;
        db.pragma_update(None, "synchronous", "FULL")
            .map_err(failed)?;
        db.pragma_update(None, "foreign_keys", true)
            .map_err(failed)?;
        db.busy_timeout(std::time::Duration::from_secs(5))
            .map_err(failed)?;
        let tx = db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        let found: i64 = tx
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(failed)?;
        let pending = usize::try_from(found)
            .ok()
            .and_then(|version| MIGRATIONS.get(version..));
        let Some(pending) = pending else {
            return Err(StartError::NewerDatabase {
                path: path.to_owned(),
                found,
                supported: VERSION,
            });
        };
        for migration in pending {
            tx.execute_batch(migration).map_err(failed)?;
        }
        if !pending.is_empty() {
            tx.pragma_update(None, "user_version", VERSION)
                .map_err(failed)?;
        }
        if found == 0 {
            let seed = Seed::generate().map_err(StartError::Randomness)?;
            seed.insert(&tx).map_err(failed)?;
        }
        let is_open: bool = tx
            .query_row("SELECT is_open FROM state", [], |row| row.get(0))
            .map_err(failed)?;
        if is_open && !has_log {
            // Or another program has opened and closed it since, which moves the log to the main file.
            tracing::warn!(
                database = %path.display(),
                "this database wasn't closed properly, and its log is missing. If it's a copy, stop Keyside \
                 and copy the file ending in -wal from the same place too; it has the newest changes"
            );
        }
        tx.execute("UPDATE state SET is_open = 1", [])
            .map_err(failed)?;
        let seed = Seed::read(&tx).map_err(failed)?;
        seed::add_default_groups(&tx, &seed.tenant_id, failed)?;
        tx.commit().map_err(failed)?;
        // A copy of the main file alone must say that it's incomplete.
        checkpoint(&db).map_err(failed)?;
        Ok((
            Self {
                connection: Mutex::new(db),
            },
            seed,
        ))
    }

    /// Runs `f` on the connection.
    pub async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        f: impl FnOnce(&Connection) -> Result<T, IamError> + Send + 'static,
    ) -> Result<T, IamError> {
        self.run(|db| f(db)).await
    }

    /// Runs `f` in a transaction, which is committed if `f` succeeds and rolled back if it fails.
    pub async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, IamError> + Send + 'static,
    ) -> Result<T, IamError> {
        self.run(|db| {
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let answer = f(&tx)?;
            tx.commit()?;
            Ok(answer)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        f: impl FnOnce(&mut Connection) -> Result<T, IamError> + Send + 'static,
    ) -> Result<T, IamError> {
        let store = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            // A panic in `f` rolls its transaction back, so the connection is still usable.
            let mut db = store
                .connection
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            f(&mut db)
        })
        .await
        .unwrap_or(Err(IamError::Failed))
    }
}

impl Drop for Store {
    /// Moves everything to the main file and records that it's complete. If that fails, the log remains and is
    /// read at the next start.
    fn drop(&mut self) {
        let db = self
            .connection
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let closed = db
            .execute("UPDATE state SET is_open = 0", [])
            .and_then(|_| checkpoint(db));
        if let Err(error) = closed {
            tracing::warn!(
                %error,
                "couldn't close the database cleanly. If you copy it, also copy the file ending in -wal"
            );
        }
    }
}

/// Moves all changes from the log to the main file.
fn checkpoint(db: &Connection) -> rusqlite::Result<()> {
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// The write-ahead log of a database (<https://www.sqlite.org/wal.html>).
fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}
