//! The three ids: which is the key's, which the service account's.

use super::{Field, Finding, fields::Fields};
use crate::check_id;

const KEY: &str = "publickey-";
const ACCOUNT: &str = "serviceaccount-";
/// What other ids of the API begin with.
const OTHERS: [&str; 4] = ["project-", "tenant-", "group-", "tenantuseraccount-"];
/// Longer ones are not shown: they may be something else.
const LONGEST_SHOWN: usize = 64;

/// The ids that can be used.
pub struct Ids {
    pub key_id: Option<String>,
    pub service_account_id: Option<String>,
}

/// Settles which id is which.
pub fn settle(fields: &Fields, findings: &mut Vec<Finding>) -> Ids {
    let kid = fields
        .kid
        .as_deref()
        .and_then(|text| usable(text, Field::Kid, false, findings));
    let account = account(fields, findings);
    let begins = |id: &Option<String>, prefix| id.as_ref().is_some_and(|id| id.starts_with(prefix));
    if begins(&kid, ACCOUNT) && begins(&account, KEY) {
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

/// The id, unless it begins like one of another kind.
fn of_kind(
    id: Option<String>,
    field: Field,
    other: &str,
    findings: &mut Vec<Finding>,
) -> Option<String> {
    let id = id?;
    if id.starts_with(other) || OTHERS.iter().any(|prefix| id.starts_with(prefix)) {
        findings.push(Finding::OtherKind { field });
        return None;
    }
    Some(id)
}

fn account(fields: &Fields, findings: &mut Vec<Finding>) -> Option<String> {
    match (&fields.iss, &fields.sub) {
        (Ok(iss), Ok(sub)) if iss == sub => usable(sub, Field::Sub, false, findings),
        (Ok(iss), Ok(sub)) if iss.trim() == sub.trim() => {
            let field = if iss.trim() == iss.as_str() {
                Field::Sub
            } else {
                Field::Iss
            };
            let text = if field == Field::Sub { sub } else { iss };
            usable(text, field, true, findings)
        }
        (Ok(iss), Ok(sub)) => differing(iss.trim(), sub.trim(), findings),
        (Ok(iss), Err(instead)) => {
            let account = usable(iss, Field::Iss, false, findings);
            findings.push(instead.finding(Field::Sub, account.is_some()));
            account
        }
        (Err(instead), Ok(sub)) => {
            let account = usable(sub, Field::Sub, false, findings);
            findings.push(instead.finding(Field::Iss, account.is_some()));
            account
        }
        (Err(iss), Err(sub)) => {
            findings.push(iss.finding(Field::Iss, false));
            findings.push(sub.finding(Field::Sub, false));
            None
        }
    }
}

/// The one that is a service account's by its prefix, if the other is not.
fn differing(iss: &str, sub: &str, findings: &mut Vec<Finding>) -> Option<String> {
    let is_account = |id: &str| id.starts_with(ACCOUNT) && check_id(id).is_ok();
    let account = match (is_account(iss), is_account(sub)) {
        (true, false) => Some(iss),
        (false, true) => Some(sub),
        _ => None,
    };
    findings.push(Finding::IssuerUnlikeSubject {
        iss: shown(iss),
        sub: shown(sub),
        mended: account.is_some(),
    });
    account.map(str::to_owned)
}

/// The text without blanks around it, if it can be an id.
fn usable(text: &str, field: Field, unlike: bool, findings: &mut Vec<Finding>) -> Option<String> {
    let id = text.trim();
    if let Err(error) = check_id(id) {
        findings.push(Finding::Id { field, error });
        // What the SDK says to iss and sub that are not the same is to be told all the same.
        if !unlike {
            return None;
        }
    }
    if id != text {
        findings.push(Finding::Blanks { field, unlike });
    }
    check_id(id).is_ok().then(|| id.to_owned())
}

/// The id, if it looks like one: `kind-…`. Standard base64 has no hyphen.
fn shown(id: &str) -> Option<String> {
    let (kind, _) = id.split_once('-')?;
    let plain = !kind.is_empty() && kind.chars().all(|c| c.is_ascii_lowercase());
    (plain && id.len() <= LONGEST_SHOWN && check_id(id).is_ok()).then(|| id.to_owned())
}
