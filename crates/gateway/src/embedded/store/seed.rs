//! The first tenant, project and service account of a new database, and the tenant's default groups.

use keyside_iam::common::ResourceMetadata;
use rusqlite::{Connection, OptionalExtension, Result, Transaction};

use super::super::{
    group_memberships, groups,
    ids::{new_id, prefix},
    principal::USER_ID,
    time::Micros,
};
use crate::error::StartError;

/// The IDs that are printed at the start.
pub struct Seed {
    pub tenant_id: String,
    pub project_id: String,
    pub service_account_id: String,
}

impl Seed {
    /// Generates the IDs.
    pub fn generate() -> Result<Self, getrandom::Error> {
        Ok(Self {
            tenant_id: new_id(prefix::TENANT)?,
            project_id: new_id(prefix::PROJECT)?,
            service_account_id: new_id(prefix::SERVICE_ACCOUNT)?,
        })
    }

    /// Inserts the first rows.
    pub fn insert(&self, tx: &Transaction<'_>) -> Result<()> {
        let now = Micros::now();
        let mut containers = tx.prepare(
            "INSERT INTO containers (id, parent_id, name, region, version, created_at, updated_at)
             VALUES (?1, ?2, ?3, 'local', 1, ?4, ?4)",
        )?;
        containers.execute((&self.tenant_id, "", "local-tenant", now))?;
        containers.execute((&self.project_id, &self.tenant_id, "default-project", now))?;
        tx.execute(
            "INSERT INTO service_accounts
                 (id, parent_id, name, labels, description, version, created_at, updated_at)
             VALUES (?1, ?2, 'first-service-account', '{}', 'Created at the first start', 1, ?3, ?3)",
            (&self.service_account_id, &self.project_id, now),
        )?;
        Ok(())
    }

    /// Reads the IDs of the oldest rows. The service account is empty if all have been deleted.
    pub fn read(db: &Connection) -> Result<Self> {
        let first = |sql| db.query_row(sql, (), |row| row.get::<_, Option<String>>(0));
        Ok(Self {
            tenant_id: first("SELECT id FROM containers WHERE parent_id = '' ORDER BY seq")?
                .unwrap_or_default(),
            project_id: first("SELECT id FROM containers WHERE parent_id <> '' ORDER BY seq")?
                .unwrap_or_default(),
            service_account_id: first(
                "SELECT (SELECT id FROM service_accounts ORDER BY seq LIMIT 1)",
            )?
            .unwrap_or_default(),
        })
    }
}

/// Adds missing default groups to the tenant, and the user to the admins. This runs at every start, so that
/// users can't lock themselves out. It's safe because anyone who can start the gateway can edit the file.
///
/// # Errors
/// Returns an error if the database (mapped by `failed`) or the random number generator fails.
pub fn add_default_groups(
    tx: &Transaction<'_>,
    tenant_id: &str,
    failed: impl Fn(rusqlite::Error) -> StartError,
) -> Result<(), StartError> {
    let now = Micros::now();
    for name in groups::DEFAULT {
        let existing: Option<String> = tx
            .query_row(
                "SELECT id FROM groups WHERE parent_id = ?1 AND name = ?2",
                (tenant_id, name),
                |row| row.get(0),
            )
            .optional()
            .map_err(&failed)?;
        let id = match existing {
            Some(id) => id,
            None => {
                let id = new_id(prefix::GROUP).map_err(StartError::Randomness)?;
                tx.execute(
                    "INSERT INTO groups (id, parent_id, name, version, created_at, updated_at)
                     VALUES (?1, ?2, ?3, 1, ?4, ?4)",
                    (&id, tenant_id, name, now),
                )
                .map_err(&failed)?;
                id
            }
        };
        if name == groups::ADMINS
            && group_memberships::find(tx, &id, USER_ID)
                .map_err(&failed)?
                .is_none()
        {
            let membership = new_id(prefix::GROUP_MEMBERSHIP).map_err(StartError::Randomness)?;
            let metadata = ResourceMetadata {
                parent_id: id,
                ..Default::default()
            };
            group_memberships::insert(tx, &membership, &metadata, USER_ID, now).map_err(&failed)?;
        }
    }
    Ok(())
}
