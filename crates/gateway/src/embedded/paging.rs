//! Paging of lists by `page_size` and the opaque `page_token`.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};

use rusqlite::{Connection, Row};

use crate::error::IamError;

/// The API's default.
const DEFAULT_PAGE_SIZE: i64 = 10;
const MAX_PAGE_SIZE: i64 = 1000;

/// The lists: rows of a table with a given value in one column. Each pair of table and column has an index
/// in the rows' order, so reading a page costs the same wherever it is.
#[derive(Clone, Copy)]
pub enum List {
    Containers,
    ServiceAccounts,
    KeysOfProject,
    KeysOfAccount,
    Groups,
    Members,
    /// Memberships by member.
    GroupsOfMember,
    Operations,
}

impl List {
    /// The query. Its parameters are the column's value, the number of the row before the page, and the
    /// maximum number of rows.
    fn sql(self) -> String {
        let (table, column) = match self {
            Self::Containers => ("containers", "parent_id"),
            Self::ServiceAccounts => ("service_accounts", "parent_id"),
            Self::KeysOfProject => ("auth_public_keys", "parent_id"),
            Self::KeysOfAccount => ("auth_public_keys", "service_account_id"),
            Self::Groups => ("groups", "parent_id"),
            Self::Members => ("group_memberships", "parent_id"),
            Self::GroupsOfMember => ("group_memberships", "member_id"),
            Self::Operations => ("operations", "resource_id"),
        };
        format!("SELECT * FROM {table} WHERE {column} = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3")
    }
}

/// The requested page: at most `size` rows after the row `after`.
pub struct Page {
    after: i64,
    size: usize,
}

impl Page {
    /// Parses the request's fields. A size of 0 means the default, and larger sizes are limited to 1000.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for a negative size or an invalid token, UNIMPLEMENTED for a filter.
    pub fn new(size: i64, token: &str, filter: &str) -> Result<Self, IamError> {
        if !filter.is_empty() {
            return Err(IamError::Unsupported("list filters"));
        }
        let size = match size {
            0 => DEFAULT_PAGE_SIZE,
            1.. => size.min(MAX_PAGE_SIZE),
            _ => return Err(IamError::invalid("page_size", "must not be negative")),
        };
        let after = if token.is_empty() {
            0
        } else {
            BASE64_URL_SAFE_NO_PAD
                .decode(token)
                .ok()
                .and_then(|bytes| Some(i64::from_be_bytes(bytes.try_into().ok()?)))
                .filter(|row| *row > 0)
                .ok_or_else(|| {
                    IamError::invalid("page_token", "must be a next_page_token from this list")
                })?
        };
        Ok(Self {
            after,
            size: usize::try_from(size).unwrap_or_default(),
        })
    }

    /// Reads this page of the rows of `list` whose column is `value`. Returns the items and the token of
    /// the next page, which is empty at the end.
    ///
    /// # Errors
    /// Returns an error if the database or `from_row` fails.
    pub fn read<T, E>(
        &self,
        db: &Connection,
        list: List,
        value: &str,
        from_row: impl Fn(&Row<'_>) -> Result<T, E>,
    ) -> Result<(Vec<T>, String), IamError>
    where
        IamError: From<E>,
    {
        // One extra row shows whether there is a next page.
        let limit = i64::try_from(self.size)
            .unwrap_or(i64::MAX)
            .saturating_add(1);
        let mut statement = db.prepare_cached(&list.sql())?;
        let mut found = statement.query((value, self.after, limit))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push((row.get("seq")?, from_row(row)?));
        }
        Ok(self.truncate(rows))
    }

    /// Truncates `rows` (row number and item, in order) to the page. Returns its items and the token of
    /// the next page, which is empty at the end.
    fn truncate<T>(&self, mut rows: Vec<(i64, T)>) -> (Vec<T>, String) {
        let has_more = rows.len() > self.size;
        rows.truncate(self.size);
        let next = match rows.last() {
            Some((row, _)) if has_more => BASE64_URL_SAFE_NO_PAD.encode(row.to_be_bytes()),
            _ => String::new(),
        };
        (rows.into_iter().map(|(_, item)| item).collect(), next)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::StatementStatus;

    use super::*;
    use crate::embedded::store::MIGRATIONS;

    const LISTS: [List; 8] = [
        List::Containers,
        List::ServiceAccounts,
        List::KeysOfProject,
        List::KeysOfAccount,
        List::Groups,
        List::Members,
        List::GroupsOfMember,
        List::Operations,
    ];

    fn database() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        for migration in MIGRATIONS {
            db.execute_batch(migration).unwrap();
        }
        db
    }

    #[test]
    fn every_list_uses_an_index_and_no_sorting() {
        let db = database();
        for list in LISTS {
            let plan: Vec<String> = db
                .prepare(&format!("EXPLAIN QUERY PLAN {}", list.sql()))
                .unwrap()
                .query_map(("x", 0, 10), |row| row.get("detail"))
                .unwrap()
                .collect::<Result<_, _>>()
                .unwrap();
            let [step] = plan.as_slice() else {
                panic!("{plan:?}")
            };
            assert!(step.starts_with("SEARCH "), "{step}");
            assert!(step.ends_with("=? AND seq>?)"), "{step}");
        }
    }

    #[test]
    fn every_page_of_many_keys_costs_the_same() {
        const KEYS: i64 = 10_000;
        const SIZE: i64 = 500;
        let db = database();
        // Rows of two projects and 2000 accounts, mixed.
        db.execute_batch(&format!(
            "PRAGMA foreign_keys = OFF;
             WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2 * {KEYS})
             INSERT INTO auth_public_keys
                 SELECT n, 'key-' || n, 'project-' || (n % 2), 'account-' || (n % 2000), '', '{{}}',
                     '', '', '', 4096, NULL, 1, 1, 0, 0 FROM n"
        ))
        .unwrap();
        let mut statement = db.prepare(&List::KeysOfProject.sql()).unwrap();
        let (mut after, mut read, mut costs) = (0, 0, Vec::new());
        while read < KEYS {
            statement.reset_status(StatementStatus::VmStep);
            let rows = statement.query_map(("project-1", after, SIZE), |row| row.get("seq"));
            let rows: Vec<i64> = rows.unwrap().collect::<Result<_, _>>().unwrap();
            assert_eq!(rows.len() as i64, SIZE);
            read += SIZE;
            after = rows[rows.len() - 1];
            costs.push(statement.get_status(StatementStatus::VmStep));
        }
        assert_eq!(after, 2 * KEYS - 1, "the last row of the project");
        assert_eq!(costs.iter().min(), costs.iter().max(), "{costs:?}");
        for counter in [StatementStatus::FullscanStep, StatementStatus::Sort] {
            assert_eq!(statement.get_status(counter), 0);
        }
    }

    proptest! {
        #[test]
        fn arbitrary_tokens_and_sizes_never_panic(size in any::<i64>(), token in "\\PC{0,40}") {
            if let Ok(page) = Page::new(size, &token, "") {
                prop_assert!((1..=1000).contains(&page.size));
            }
        }

        #[test]
        fn a_page_token_continues_after_the_last_row(row in 1..i64::MAX) {
            let first = Page::new(1, "", "").unwrap();
            let (items, token) = first.truncate(vec![(row, 'a'), (row, 'b')]);
            prop_assert_eq!(items, ['a']);
            prop_assert_eq!(Page::new(1, &token, "").unwrap().after, row);
        }
    }
}
