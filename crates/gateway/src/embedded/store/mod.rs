//! The SQLite file: opening it, its first rows, and running work on it off the async threads.

mod seed;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use self::seed::Seed;
use crate::error::{IamError, StartError};

/// Each leads from one version of the database to the next. They stay as they are: there are files
/// that went through the first ones only.
pub const STEPS: [&str; 2] = [include_str!("schema.sql"), include_str!("groups.sql")];
const VERSION: i64 = STEPS.len() as i64;

/// One connection: SQLite writes one at a time in any case.
pub struct Store {
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens the file, making it and its first rows where they are missing; one of an earlier
    /// version is brought to this one, with all that is in it.
    ///
    /// Write-ahead log with a sync at every commit: once a change is answered, it survives a
    /// crash of the process and of the machine.
    ///
    /// # Errors
    /// When the file cannot be used, or comes from a newer version of this program.
    pub fn open(path: &Path) -> Result<(Self, Seed), StartError> {
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
        let steps = usize::try_from(found).ok().and_then(|at| STEPS.get(at..));
        let Some(steps) = steps else {
            return Err(StartError::NewerDatabase {
                path: path.to_owned(),
                found,
                known: VERSION,
            });
        };
        for step in steps {
            tx.execute_batch(step).map_err(failed)?;
        }
        if !steps.is_empty() {
            tx.pragma_update(None, "user_version", VERSION)
                .map_err(failed)?;
        }
        if found == 0 {
            let seed = Seed::make().map_err(StartError::Randomness)?;
            seed.plant(&tx).map_err(failed)?;
        }
        let seed = Seed::read(&tx).map_err(failed)?;
        seed::complete_groups(&tx, &seed.tenant_id, failed)?;
        tx.commit().map_err(failed)?;
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

    /// Runs `f` in a transaction, committed when it succeeds and undone when it fails.
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
            // A panic in `f` undoes its transaction, so the connection itself is sound.
            let mut db = store
                .connection
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            f(&mut db)
        })
        .await
        .unwrap_or(Err(IamError::Precondition(
            "the embedded IAM failed in this call; it changed nothing",
        )))
    }
}
