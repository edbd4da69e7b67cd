//! A line of the report.

use keyside_iam::{iam::auth_public_key_status::State, key_lifetime::Days};
use serde::Serialize;

use crate::upstream::Found;

const DAY_S: i64 = 24 * 60 * 60;

/// One key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    pub project: String,
    pub project_id: String,
    pub service_account: String,
    pub service_account_id: String,
    pub key_id: String,
    pub state: &'static str,
    pub description: String,
    /// RFC 3339, UTC.
    pub created: String,
    /// The account's ID; empty if it isn't known.
    pub created_by: String,
    pub age_days: i64,
    /// RFC 3339, UTC; empty if it never expires.
    pub expires: String,
    pub days_left: Option<i64>,
    /// Why the key is not as it should be; empty if it is.
    pub violations: String,
}

/// What the report fails on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// Fewer days left.
    pub fail_on: Option<Days>,
    /// A longer lifetime.
    pub max_lifetime: Option<Days>,
}

impl Row {
    /// The line about a key at `now_s`, in Unix seconds.
    pub fn new(found: Found, created_by: Option<String>, limits: Limits, now_s: i64) -> Self {
        let Found {
            key,
            project,
            account_name,
        } = found;
        let created_s = key.metadata.created_at.seconds;
        let expires_s = key.spec.expires_at.as_option().map(|at| at.seconds);
        let violation = limits.max_lifetime.and_then(|max| match expires_s {
            None => Some(format!("never expires, but {} days are allowed", max.get())),
            Some(at) if at - created_s > i64::from(max.get()) * DAY_S => Some(format!(
                "lives for {} days, but {} are allowed",
                (at - created_s) / DAY_S,
                max.get()
            )),
            Some(_) => None,
        });
        let account_id = key.spec.account.service_account_id().unwrap_or_default();
        Self {
            project: project.metadata.name.clone(),
            project_id: project.metadata.id.clone(),
            service_account: account_name.unwrap_or_default(),
            service_account_id: account_id.to_owned(),
            key_id: key.metadata.id.clone(),
            state: state(key.status.state.as_known()),
            description: key.spec.description.clone(),
            created: time(created_s),
            created_by: created_by.unwrap_or_default(),
            age_days: (now_s - created_s).div_euclid(DAY_S),
            expires: expires_s.map(time).unwrap_or_default(),
            days_left: expires_s.map(|at| (at - now_s).div_euclid(DAY_S)),
            violations: violation.unwrap_or_default(),
        }
    }

    /// Whether somebody should do something about the key. Inactive and expired ones can wait.
    pub fn is_urgent(&self, limits: Limits) -> bool {
        let ends_soon = limits.fail_on.is_some_and(|days| {
            self.days_left
                .is_some_and(|left| left < i64::from(days.get()))
        });
        self.state == "active" && (ends_soon || !self.violations.is_empty())
    }

    /// The same for a table program, in which a text must not become a formula.
    pub fn for_csv(mut self) -> Self {
        for text in [
            &mut self.project,
            &mut self.service_account,
            &mut self.description,
        ] {
            if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
                text.insert(0, '\'');
            }
        }
        self
    }
}

fn state(state: Option<State>) -> &'static str {
    match state {
        Some(State::ACTIVE) => "active",
        Some(State::INACTIVE) => "inactive",
        Some(State::EXPIRED) => "expired",
        Some(State::DELETING) => "being deleted",
        Some(State::DELETED) => "deleted",
        _ => "unknown",
    }
}

fn time(at_s: i64) -> String {
    jiff::Timestamp::from_second(at_s).map_or_else(|_| String::new(), |at| at.to_string())
}
