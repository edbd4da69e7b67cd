//! What a gateway's policy lets a caller do, and what keys must be like: decided by the gateway, shown by the
//! page.
//!
//! The gateway sends it with the answer of `ProfileService/Get`, as JSON in the header [`HEADER`].

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::key_lifetime::Days;

/// The response header. In its JSON, characters other than ASCII are escaped.
pub const HEADER: &str = "keyside-permissions";

/// What a caller wants to do. The API's other methods belong to the nearest of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// See accounts, keys and groups.
    Read,
    /// Create keys and accounts, add accounts to groups, and change descriptions.
    Create,
    /// Create a key for an account that already has one.
    Rotate,
    /// Deactivate and activate keys, and revoke tokens.
    Deactivate,
    /// Delete keys, accounts and memberships.
    Delete,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 5] = [
        Self::Read,
        Self::Create,
        Self::Rotate,
        Self::Deactivate,
        Self::Delete,
    ];

    /// Its name in a policy.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Rotate => "rotate",
            Self::Deactivate => "deactivate",
            Self::Delete => "delete",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error for text that names no [`Action`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" isn't an action. Use read, create, rotate, deactivate or delete")]
pub struct ActionError(String);

impl FromStr for Action {
    type Err = ActionError;

    fn from_str(text: &str) -> Result<Self, ActionError> {
        let found = Self::ALL.into_iter().find(|action| action.name() == text);
        found.ok_or_else(|| ActionError(text.to_owned()))
    }
}

/// Allows actions, everywhere or in some places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// The actions.
    pub may: Vec<Action>,
    /// The projects that it's limited to.
    pub projects: Option<Vec<String>>,
    /// The service accounts that it's limited to. Without these and projects, it holds everywhere.
    pub accounts: Option<Vec<String>>,
}

impl Permission {
    /// Whether it holds everywhere.
    #[must_use]
    pub const fn is_unlimited(&self) -> bool {
        self.projects.is_none() && self.accounts.is_none()
    }

    /// Whether it allows the action on something in this project that belongs to this account, as far as these
    /// are known.
    #[must_use]
    pub fn allows(&self, action: Action, project: Option<&str>, account: Option<&str>) -> bool {
        let is_in = |list: &Option<Vec<String>>, id: Option<&str>| match (list, id) {
            (Some(list), Some(id)) => list.iter().any(|listed| listed == id),
            _ => false,
        };
        let is_covered =
            self.is_unlimited() || is_in(&self.projects, project) || is_in(&self.accounts, account);
        is_covered && self.may.contains(&action)
    }
}

/// What new keys must be like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeyRules {
    /// Maximum lifetime.
    pub max_lifetime: Option<Days>,
    /// A regular expression that matches a part of every description.
    pub description: Option<String>,
    /// Maximum number of active keys of an account.
    pub max_active: Option<usize>,
    /// Names or IDs of groups that no account with keys may be in.
    pub not_in_groups: Vec<String>,
}

/// All that a policy says about a caller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions {
    /// What isn't allowed by any of these is denied.
    pub allow: Vec<Permission>,
    /// What new keys must be like.
    #[serde(default)]
    pub keys: KeyRules,
}

impl Permissions {
    /// Whether the caller may do this to something in this project that belongs to this account.
    #[must_use]
    pub fn allows(&self, action: Action, project: Option<&str>, account: Option<&str>) -> bool {
        let mut permissions = self.allow.iter();
        permissions.any(|permission| permission.allows(action, project, account))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_holds_in_its_projects_and_for_its_accounts() {
        let mut permission = Permission {
            may: vec![Action::Create],
            projects: None,
            accounts: None,
        };
        assert!(permission.allows(Action::Create, None, None));
        assert!(!permission.allows(Action::Delete, None, None));
        permission.accounts = Some(vec!["a".to_owned()]);
        assert!(permission.allows(Action::Create, Some("p"), Some("a")));
        assert!(!permission.allows(Action::Create, Some("p"), Some("b")));
        assert!(!permission.allows(Action::Create, None, None));
        permission.projects = Some(vec!["p".to_owned()]);
        assert!(permission.allows(Action::Create, Some("p"), Some("b")));
        assert!(!permission.allows(Action::Create, Some("a"), Some("p")));
    }

    #[test]
    fn every_action_is_read_by_its_name() {
        for action in Action::ALL {
            assert_eq!(action.name().parse(), Ok(action));
        }
        assert!("Read".parse::<Action>().is_err());
    }
}
