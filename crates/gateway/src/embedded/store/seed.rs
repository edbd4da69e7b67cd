//! The first tenant, project and service account, so that a new database can be used at once.

use rusqlite::{Connection, Result, Transaction};

use super::super::{
    ids::{make_id, prefix},
    time::Micros,
};

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
