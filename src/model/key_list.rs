//! The list of keys: search, filter and order.

use std::collections::HashMap;

use keyside_iam::iam::{AuthPublicKey, auth_public_key_status::State as KeyState};

use crate::{api::KeyChange, text::lower_case};

/// A key that expires within this many seconds is highlighted: 30 days.
const SOON_S: i64 = 30 * 24 * 3600;

/// A key in the list, without its PEM, which would take most of the memory.
#[derive(Clone, PartialEq, Debug)]
pub struct ListedKey {
    pub id: String,
    /// The service account's ID, or empty.
    pub account_id: String,
    /// As the API reports it.
    pub fingerprint: String,
    /// As the API reports it, such as `RSA 4096`.
    pub algorithm: String,
    /// May be empty.
    pub description: String,
    /// `None`: a state unknown to this page.
    pub state: Option<KeyState>,
    /// Seconds since 1970, UTC; 0 if unknown.
    pub created_s: i64,
    /// Seconds since 1970, UTC; `None`: never.
    pub expires_s: Option<i64>,
    /// The text that searches match, in lower case.
    haystack: String,
}

impl From<AuthPublicKey> for ListedKey {
    fn from(key: AuthPublicKey) -> Self {
        let account_id = key
            .spec
            .account
            .service_account_id()
            .unwrap_or_default()
            .to_owned();
        let (metadata, spec, status) = (&key.metadata, &key.spec, &key.status);
        let haystack = [
            metadata.id.as_str(),
            &account_id,
            &status.fingerprint,
            &spec.description,
        ]
        .join("\n");
        Self {
            id: metadata.id.clone(),
            fingerprint: status.fingerprint.clone(),
            algorithm: format!("{} {}", status.algorithm, status.key_size),
            description: spec.description.clone(),
            state: status.state.as_known(),
            created_s: metadata.created_at.as_option().map_or(0, |t| t.seconds),
            expires_s: spec.expires_at.as_option().map(|t| t.seconds),
            haystack: lower_case(&haystack),
            account_id,
        }
    }
}

impl ListedKey {
    /// The key after a change, for when the API can't be queried.
    pub fn after(mut self, change: KeyChange) -> Self {
        self.state = Some(match change {
            KeyChange::Activate => KeyState::ACTIVE,
            KeyChange::Deactivate => KeyState::INACTIVE,
            KeyChange::Delete => KeyState::DELETED,
        });
        self
    }

    /// How to describe its expiration.
    pub fn ending(&self, now_s: i64) -> Ending {
        match self.expires_s {
            None => Ending::Never,
            Some(at) if at <= now_s => Ending::Past,
            Some(at) if at - now_s <= SOON_S => Ending::Soon {
                days: (at - now_s) / (24 * 3600),
            },
            Some(_) => Ending::Later,
        }
    }

    /// Whether it can be used, now or once activated.
    pub fn is_alive(&self) -> bool {
        matches!(self.state, Some(KeyState::ACTIVE | KeyState::INACTIVE))
    }

    /// Whether a new key can take its place: one that is deactivated was replaced or given up before.
    pub fn is_rotatable(&self) -> bool {
        matches!(self.state, Some(KeyState::ACTIVE | KeyState::EXPIRED))
    }
}

/// When a key expires, for display.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    Never,
    Past,
    /// It expires within 30 days.
    Soon {
        /// Whole days from now.
        days: i64,
    },
    /// It expires in more than 30 days.
    Later,
}

/// A value with its name in the document and its label.
type Named<T> = (T, &'static str, &'static str);

/// The value with this name.
pub fn by_name<T: Copy>(all: &[Named<T>], name: &str) -> Option<T> {
    let found = all.iter().find(|(_, each, _)| *each == name);
    found.map(|(value, _, _)| *value)
}

/// The value's name.
pub fn name_of<T: PartialEq>(all: &[Named<T>], value: &T) -> &'static str {
    let found = all.iter().find(|(each, _, _)| each == value);
    found.map_or("", |(_, name, _)| name)
}

/// A filter of the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Filter {
    /// All keys.
    #[default]
    All,
    Active,
    Inactive,
    Expired,
    /// Usable, and expiring within 30 days.
    Soon,
    /// Usable, without an expiration date.
    Never,
}

impl Filter {
    /// Each filter.
    pub const ALL: [Named<Self>; 6] = [
        (Self::All, "all", "All keys"),
        (Self::Active, "active", "Active"),
        (Self::Inactive, "inactive", "Inactive"),
        (Self::Expired, "expired", "Expired"),
        (Self::Soon, "soon", "Expiring within 30 days"),
        (Self::Never, "never", "Never expiring"),
    ];

    fn matches(self, key: &ListedKey, now_s: i64) -> bool {
        match self {
            Self::All => true,
            Self::Active => key.state == Some(KeyState::ACTIVE),
            Self::Inactive => key.state == Some(KeyState::INACTIVE),
            Self::Expired => key.state == Some(KeyState::EXPIRED),
            Self::Soon => key.is_alive() && matches!(key.ending(now_s), Ending::Soon { .. }),
            Self::Never => key.is_alive() && key.ending(now_s) == Ending::Never,
        }
    }
}

/// A column to sort by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Column {
    Account,
    /// Active, inactive, expired, then the rest.
    State,
    Created,
    /// The expiration date; keys that never expire come last.
    Expires,
}

/// A sort order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Order {
    pub column: Column,
    /// Whether the lowest value comes first.
    pub ascending: bool,
}

impl Order {
    /// Each order; `None` keeps the API's.
    pub const ALL: [Named<Option<Self>>; 7] = [
        (None, "", "As the API lists them"),
        (
            Self::by(Column::Expires, true),
            "expires",
            "Expiration, soonest first",
        ),
        (
            Self::by(Column::Expires, false),
            "expires-last",
            "Expiration, latest first",
        ),
        (Self::by(Column::Created, false), "newest", "Newest first"),
        (Self::by(Column::Created, true), "oldest", "Oldest first"),
        (Self::by(Column::State, true), "state", "State"),
        (
            Self::by(Column::Account, true),
            "account",
            "Service account",
        ),
    ];

    const fn by(column: Column, ascending: bool) -> Option<Self> {
        Some(Self { column, ascending })
    }
}

/// A search, a filter and an order.
#[derive(Clone, PartialEq, Default)]
pub struct Selection {
    /// As typed.
    pub search: String,
    pub filter: Filter,
    /// `None`: the API's order.
    pub order: Option<Order>,
}

impl Selection {
    /// Whether it needs the whole list.
    pub fn needs_all(&self) -> bool {
        self.is_filtered() || self.order.is_some()
    }

    /// Whether it may leave out keys.
    pub fn is_filtered(&self) -> bool {
        self.filter != Filter::All || !self.search.trim().is_empty()
    }

    /// The indexes in `keys` of the matching keys, sorted. `names` has the service accounts' names in lower
    /// case, by ID.
    pub fn apply(
        &self,
        keys: &[ListedKey],
        names: &HashMap<String, String>,
        now_s: i64,
    ) -> Vec<usize> {
        let search = lower_case(self.search.trim());
        let name = |key: &ListedKey| names.get(&key.account_id).map_or("", String::as_str);
        let is_found = |key: &ListedKey| {
            self.filter.matches(key, now_s)
                && (search.is_empty()
                    || key.haystack.contains(&search)
                    || name(key).contains(&search))
        };
        let mut found: Vec<usize> = (0..keys.len()).filter(|at| is_found(&keys[*at])).collect();
        if let Some(Order { column, ascending }) = self.order {
            let compare = |a: &ListedKey, b: &ListedKey| match column {
                Column::Account => name(a)
                    .cmp(name(b))
                    .then_with(|| a.account_id.cmp(&b.account_id)),
                Column::State => rank(a).cmp(&rank(b)),
                Column::Created => a.created_s.cmp(&b.created_s),
                Column::Expires => {
                    let end = |key: &ListedKey| key.expires_s.unwrap_or(i64::MAX);
                    end(a).cmp(&end(b))
                }
            };
            found.sort_by(|a, b| {
                let by_column = compare(&keys[*a], &keys[*b]);
                let by_column = if ascending {
                    by_column
                } else {
                    by_column.reverse()
                };
                by_column.then_with(|| a.cmp(b))
            });
        }
        found
    }
}

fn rank(key: &ListedKey) -> u8 {
    match key.state {
        Some(KeyState::ACTIVE) => 0,
        Some(KeyState::INACTIVE) => 1,
        Some(KeyState::EXPIRED) => 2,
        _ => 3,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use keyside_iam::{
        MessageField, Timestamp,
        common::ResourceMetadata,
        iam::{Account, AuthPublicKeySpec, AuthPublicKeyStatus},
    };
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const NOW: i64 = 1_800_000_000;
    const DAY: i64 = 24 * 3600;

    /// A key as the API lists it.
    pub fn listed(
        id: &str,
        account: &str,
        description: &str,
        state: KeyState,
        created_s: i64,
        expires_s: Option<i64>,
    ) -> ListedKey {
        let message = AuthPublicKey {
            metadata: MessageField::some(ResourceMetadata {
                id: id.to_owned(),
                created_at: MessageField::some(Timestamp::from_unix_secs(created_s)),
                ..Default::default()
            }),
            spec: MessageField::some(AuthPublicKeySpec {
                account: MessageField::some(Account::of_service_account(account)),
                expires_at: expires_s.map(Timestamp::from_unix_secs).into(),
                description: description.to_owned(),
                ..Default::default()
            }),
            status: MessageField::some(AuthPublicKeyStatus {
                state: state.into(),
                ..Default::default()
            }),
            ..Default::default()
        };
        message.into()
    }

    fn key(id: &str, state: KeyState, created_s: i64, expires_s: Option<i64>) -> ListedKey {
        listed(
            &format!("publickey-{id}"),
            &format!("serviceaccount-{id}"),
            &format!("Laptop of {}", id.to_uppercase()),
            state,
            created_s,
            expires_s,
        )
    }

    fn keys() -> Vec<ListedKey> {
        vec![
            key("a", KeyState::EXPIRED, 30, Some(NOW - 1)),
            key("b", KeyState::ACTIVE, 10, Some(NOW + 29 * DAY + 1)),
            key("c", KeyState::INACTIVE, 40, None),
            key("d", KeyState::ACTIVE, 20, Some(NOW + 31 * DAY)),
            key("e", KeyState::DELETING, 50, Some(NOW + DAY)),
        ]
    }

    fn ids(selection: &Selection) -> String {
        let names = HashMap::from([("serviceaccount-b".to_owned(), "build".to_owned())]);
        let keys = keys();
        let found = selection.apply(&keys, &names, NOW);
        let letter = |at: &usize| keys[*at].id.trim_start_matches("publickey-").to_owned();
        found.iter().map(letter).collect()
    }

    fn sorted(column: Column, ascending: bool) -> String {
        ids(&Selection {
            order: Some(Order { column, ascending }),
            ..Selection::default()
        })
    }

    #[test]
    fn expiration_is_classified() {
        let endings: Vec<_> = keys().iter().map(|key| key.ending(NOW)).collect();
        assert_eq!(
            endings,
            [
                Ending::Past,
                Ending::Soon { days: 29 },
                Ending::Never,
                Ending::Later,
                Ending::Soon { days: 1 }
            ]
        );
    }

    #[test]
    fn filters_select_their_keys() {
        let filtered = |filter| {
            ids(&Selection {
                filter,
                ..Selection::default()
            })
        };
        let all = Filter::ALL.map(|(filter, _, _)| filtered(filter));
        assert_eq!(all, ["abcde", "bd", "c", "a", "b", "c"]);
    }

    #[test]
    fn search_matches_ids_descriptions_and_account_names() {
        let search = |text: &str| {
            ids(&Selection {
                search: text.to_owned(),
                ..Selection::default()
            })
        };
        assert_eq!(search("publickey-c"), "c");
        assert_eq!(search(" Laptop of d "), "d");
        assert_eq!(search("build"), "b");
        assert_eq!(search("serviceaccount-"), "abcde");
        assert_eq!(search("nobody"), "");
    }

    #[test]
    fn columns_sort_both_ways_and_stably() {
        assert_eq!(sorted(Column::Created, true), "bdace");
        assert_eq!(sorted(Column::Created, false), "ecadb");
        assert_eq!(sorted(Column::Expires, true), "aebdc");
        assert_eq!(sorted(Column::State, true), "bdcae");
        assert_eq!(sorted(Column::State, false), "eacbd");
        assert_eq!(sorted(Column::Account, true), "acdeb");
    }

    #[test]
    fn only_the_default_view_works_with_a_partial_list() {
        assert!(!Selection::default().needs_all());
        let sorted = Selection {
            order: Some(Order {
                column: Column::Expires,
                ascending: true,
            }),
            ..Selection::default()
        };
        assert!(sorted.needs_all());
    }
}
