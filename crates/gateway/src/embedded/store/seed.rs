//! The first tenant, project and service account, so that a new database can be used at once; and
//! the tenant's groups.

use keyside_iam::common::ResourceMetadata;
use rusqlite::{Connection, OptionalExtension, Result, Transaction};

use super::super::{
    group_memberships, groups,
    ids::{make_id, prefix},
    principal::USER_ID,
    time::Micros,
};
use crate::error::StartError;

/// The ids that are printed at start.
pub struct Seed {
    pub tenant_id: String,
    pub project_id: String,
    pub service_account_id: String,
}

impl Seed {
    /// Draws the ids.
    pub fn make() -> Result<Self, getrandom::Error> {
        Ok(Self {
            tenant_id: make_id(prefix::TENANT)?,
            project_id: make_id(prefix::PROJECT)?,
            service_account_id: make_id(prefix::SERVICE_ACCOUNT)?,
        })
    }

    /// Writes the first rows.
    pub fn plant(&self, tx: &Transaction<'_>) -> Result<()> {
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
             VALUES (?1, ?2, 'first-service-account', '{}', 'Made at the first start', 1, ?3, ?3)",
            (&self.service_account_id, &self.project_id, now),
        )?;
        Ok(())
    }

    /// Reads the oldest rows. The service account is empty once all have been deleted.
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

/// Adds what the tenant lacks of its default groups, and puts the person into the admins. At every
/// start: who has this machine may do anything with the file, so this is a way back and no hole.
///
/// # Errors
/// When the database fails, by `failed`, or the generator of random numbers.
pub fn complete_groups(
    tx: &Transaction<'_>,
    tenant_id: &str,
    failed: impl Fn(rusqlite::Error) -> StartError,
) -> Result<(), StartError> {
    let now = Micros::now();
    for name in groups::DEFAULT {
        let known: Option<String> = tx
            .query_row(
                "SELECT id FROM groups WHERE parent_id = ?1 AND name = ?2",
                (tenant_id, name),
                |row| row.get(0),
            )
            .optional()
            .map_err(&failed)?;
        let id = match known {
            Some(id) => id,
            None => {
                let id = make_id(prefix::GROUP).map_err(StartError::Randomness)?;
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
            && !group_memberships::exists(tx, &id, USER_ID).map_err(&failed)?
        {
            let membership = make_id(prefix::GROUP_MEMBERSHIP).map_err(StartError::Randomness)?;
            let of_group = ResourceMetadata {
                parent_id: id,
                ..Default::default()
            };
            group_memberships::insert(tx, &membership, &of_group, USER_ID, now).map_err(&failed)?;
        }
    }
    Ok(())
}
