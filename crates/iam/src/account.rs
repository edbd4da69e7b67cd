//! Constructor and accessor for accounts that are service accounts.

use crate::iam::{Account, account, oneof::account::Type};

impl Account {
    /// An account that refers to the service account `id`.
    pub fn of_service_account(id: impl Into<String>) -> Self {
        Self {
            r#type: account::ServiceAccount {
                id: id.into(),
                ..Default::default()
            }
            .into(),
            ..Default::default()
        }
    }

    /// The service account's ID, or `None` for other kinds of accounts and for an empty ID.
    pub fn service_account_id(&self) -> Option<&str> {
        match &self.r#type {
            Some(Type::ServiceAccount(owner)) if !owner.id.is_empty() => Some(&owner.id),
            _ => None,
        }
    }
}
