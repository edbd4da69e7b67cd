//! The owner of an authorized key, in the one form that matters here.

use crate::iam::{Account, account, oneof::account::Type};

impl Account {
    /// The service account `id`.
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

    /// The service account's id, when it is one and has one.
    pub fn service_account_id(&self) -> Option<&str> {
        match &self.r#type {
            Some(Type::ServiceAccount(owner)) if !owner.id.is_empty() => Some(&owner.id),
            _ => None,
        }
    }
}
