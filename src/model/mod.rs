//! State behind the screens: service accounts, keys, creations, batches and rotations.

pub mod batch;
pub mod batch_work;
pub mod calendar;
pub mod creation;
pub mod issue;
pub mod key_list;
pub mod key_match;
pub mod proof;
pub mod rotation;
pub mod upload;

use std::collections::BTreeMap;

use keyside_iam::iam::ServiceAccount;

/// A service account that a key is for.
#[derive(Clone, PartialEq, Debug)]
pub struct ChosenAccount {
    /// `serviceaccount-…`
    pub id: String,
    /// The name, if known.
    pub name: Option<String>,
    /// The project, if known.
    pub project_id: Option<String>,
}

/// Chosen service accounts by ID.
pub type Chosen = BTreeMap<String, ChosenAccount>;

impl ChosenAccount {
    /// An account of which only the ID is known.
    pub fn of_id(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: None,
            project_id: None,
        }
    }

    /// The name, or the ID if the name is unknown.
    pub fn label(&self) -> &str {
        self.name
            .as_deref()
            .filter(|name| !name.is_empty())
            .unwrap_or(&self.id)
    }
}

impl From<&ServiceAccount> for ChosenAccount {
    fn from(account: &ServiceAccount) -> Self {
        Self {
            id: account.metadata.id.clone(),
            name: Some(account.metadata.name.clone()),
            project_id: Some(account.metadata.parent_id.clone()),
        }
    }
}

/// An authorized key with a pair's public key.
#[derive(Clone, PartialEq, Debug)]
pub struct Uploaded {
    /// The key ID, which is the `kid`.
    pub key_id: String,
    pub service_account_id: String,
    /// When it expires, in seconds since 1970, if it does and that is known.
    pub expires_s: Option<i64>,
    /// A remark to display with it.
    pub note: Option<&'static str>,
}

impl Uploaded {
    /// A key of which only the IDs are known.
    pub fn new(key_id: impl Into<String>, service_account_id: impl Into<String>) -> Self {
        Self {
            key_id: key_id.into(),
            service_account_id: service_account_id.into(),
            expires_s: None,
            note: None,
        }
    }
}
