//! Pages of a list: `page_size` and the opaque `page_token`.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};

use rusqlite::{Connection, Row};

use crate::error::IamError;

/// The API's default.
const DEFAULT_SIZE: i64 = 10;
const LARGEST_SIZE: i64 = 1000;

/// What a list is read from: the rows of a table that have one value in a column. Each such pair
/// has an index in the rows' order, so that a page costs as much as it holds.
#[derive(Clone, Copy)]
pub enum List {
    Containers,
    ServiceAccounts,
    KeysOfProject,
    KeysOfAccount,
    Groups,
    Members,
    /// Memberships, by the member.
    GroupsOfMember,
    Operations,
}

impl List {
    /// The column is compared with `?1`, the number of the row before the page is `?2`, and how
    /// many rows there are at the most is `?3`.
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

/// Which rows a call asks for: those after the row `after`, `size` of them at the most.
pub struct Page {
    after: i64,
    size: usize,
}

impl Page {
    /// Reads the request's fields. A size of 0 is the default, sizes over 1000 count as 1000.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for a negative size, or a token that no list has given out;
    /// UNIMPLEMENTED for a filter.
    pub fn new(size: i64, token: &str, filter: &str) -> Result<Self, IamError> {
        if !filter.is_empty() {
            return Err(IamError::Unsupported("filters in lists"));
        }
        let size = match size {
            0 => DEFAULT_SIZE,
            1.. => size.min(LARGEST_SIZE),
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
                .ok_or_else(|| IamError::invalid("page_token", "not one that a list gave out"))?
        };
        Ok(Self {
            after,
            size: usize::try_from(size).unwrap_or_default(),
        })
    }

    /// Reads the page of the rows of `list` whose column is `value`; gives the items and the token
    /// of the next page, empty at the end.
    ///
    /// # Errors
    /// When the database or `from_row` fails.
    pub fn of<T, E>(
        &self,
        db: &Connection,
        list: List,
        value: &str,
        from_row: impl Fn(&Row<'_>) -> Result<T, E>,
    ) -> Result<(Vec<T>, String), IamError>
    where
        IamError: From<E>,
    {
        // One row more than the page holds tells whether there is a next page.
        let limit = i64::try_from(self.size)
            .unwrap_or(i64::MAX)
            .saturating_add(1);
        let mut statement = db.prepare_cached(&list.sql())?;
        let mut found = statement.query((value, self.after, limit))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push((row.get("seq")?, from_row(row)?));
        }
        Ok(self.cut(rows))
    }

    /// Cuts `rows` (row number and item, in order) to the page; gives its items and the token
    /// of the next page, empty at the end.
    fn cut<T>(&self, mut rows: Vec<(i64, T)>) -> (Vec<T>, String) {
        let more = rows.len() > self.size;
        rows.truncate(self.size);
        let next = match rows.last() {
            Some((row, _)) if more => BASE64_URL_SAFE_NO_PAD.encode(row.to_be_bytes()),
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
    use crate::embedded::store::STEPS;

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
        for step in STEPS {
            db.execute_batch(step).unwrap();
        }
        db
    }

    #[test]
    fn every_list_is_read_by_an_index_and_not_sorted() {
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
    fn the_last_page_of_many_keys_costs_what_the_first_does() {
        const KEYS: i64 = 10_000;
        const SIZE: i64 = 500;
        let db = database();
        // The rows of two projects and of 2000 accounts, mixed.
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
        fn a_token_that_was_given_out_leads_to_the_row_after(row in 1..i64::MAX) {
            let first = Page::new(1, "", "").unwrap();
            let (items, token) = first.cut(vec![(row, 'a'), (row, 'b')]);
            prop_assert_eq!(items, ['a']);
            prop_assert_eq!(Page::new(1, &token, "").unwrap().after, row);
        }
    }
}
