//! Reads the three IDs: which is the key's, which the service account's.

use super::{Field, Finding, fields::Fields};
use crate::check_id;

const KEY: &str = "publickey-";
const ACCOUNT: &str = "serviceaccount-";
/// Prefixes of other IDs of the API.
const OTHERS: [&str; 4] = ["project-", "tenant-", "group-", "tenantuseraccount-"];
/// Maximum length of an ID that is shown: a longer text may be something else.
const MAX_SHOWN_LENGTH: usize = 64;

/// The valid IDs.
pub struct Ids {
    pub key_id: Option<String>,
    pub service_account_id: Option<String>,
}

/// Decides which ID is which.
pub fn resolve(fields: &Fields, findings: &mut Vec<Finding>) -> Ids {
    let kid = fields
        .kid
        .as_deref()
        .and_then(|text| valid(text, Field::Kid, false, findings));
    let account = account(fields, findings);
    let starts = |id: &Option<String>, prefix| id.as_ref().is_some_and(|id| id.starts_with(prefix));
    if starts(&kid, ACCOUNT) && starts(&account, KEY) {
        findings.push(Finding::Swapped);
        return Ids {
            key_id: account,
            service_account_id: kid,
        };
    }
    Ids {
        key_id: of_kind(kid, Field::Kid, ACCOUNT, findings),
        service_account_id: of_kind(account, Field::Sub, KEY, findings),
    }
}

/// The ID, unless it has the prefix of another kind.
fn of_kind(
    id: Option<String>,
    field: Field,
    other: &str,
    findings: &mut Vec<Finding>,
) -> Option<String> {
    let id = id?;
    if id.starts_with(other) || OTHERS.iter().any(|prefix| id.starts_with(prefix)) {
        findings.push(Finding::WrongIdKind { field });
        return None;
    }
    Some(id)
}

fn account(fields: &Fields, findings: &mut Vec<Finding>) -> Option<String> {
    match (&fields.iss, &fields.sub) {
        (Ok(iss), Ok(sub)) if iss == sub => valid(sub, Field::Sub, false, findings),
        (Ok(iss), Ok(sub)) if iss.trim() == sub.trim() => {
            let field = if iss.trim() == iss.as_str() {
                Field::Sub
            } else {
                Field::Iss
            };
            let text = if field == Field::Sub { sub } else { iss };
            valid(text, field, true, findings)
        }
        (Ok(iss), Ok(sub)) => differing(iss.trim(), sub.trim(), findings),
        (Ok(iss), Err(error)) => {
            let account = valid(iss, Field::Iss, false, findings);
            findings.push(error.finding(Field::Sub, account.is_some()));
            account
        }
        (Err(error), Ok(sub)) => {
            let account = valid(sub, Field::Sub, false, findings);
            findings.push(error.finding(Field::Iss, account.is_some()));
            account
        }
        (Err(iss), Err(sub)) => {
            findings.push(iss.finding(Field::Iss, false));
            findings.push(sub.finding(Field::Sub, false));
            None
        }
    }
}

/// The one with the prefix of a service account's ID, if the other hasn't got it.
fn differing(iss: &str, sub: &str, findings: &mut Vec<Finding>) -> Option<String> {
    let is_account = |id: &str| id.starts_with(ACCOUNT) && check_id(id).is_ok();
    let account = match (is_account(iss), is_account(sub)) {
        (true, false) => Some(iss),
        (false, true) => Some(sub),
        _ => None,
    };
    findings.push(Finding::IssuerSubjectMismatch {
        iss: showable(iss),
        sub: showable(sub),
        repairable: account.is_some(),
    });
    account.map(str::to_owned)
}

/// The text without whitespace around it, if it's a valid ID.
fn valid(text: &str, field: Field, mismatch: bool, findings: &mut Vec<Finding>) -> Option<String> {
    let id = text.trim();
    if let Err(error) = check_id(id) {
        findings.push(Finding::Id { field, error });
        // A mismatch of iss and sub is reported as well, since the SDK rejects it.
        if !mismatch {
            return None;
        }
    }
    if id != text {
        findings.push(Finding::Whitespace { field, mismatch });
    }
    check_id(id).is_ok().then(|| id.to_owned())
}

/// The ID, if it looks like one: `kind-…`. Standard base64 has no hyphen.
fn showable(id: &str) -> Option<String> {
    let (kind, _) = id.split_once('-')?;
    let plain = !kind.is_empty() && kind.chars().all(|c| c.is_ascii_lowercase());
    (plain && id.len() <= MAX_SHOWN_LENGTH && check_id(id).is_ok()).then(|| id.to_owned())
}
