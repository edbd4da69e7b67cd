//! Finds the object with the fields, and reads the fields.

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::{
    Field, Finding, Kind,
    json::{self, Object},
};

/// The fields that the SDKs know.
const INNER: [Field; 6] = [
    Field::Type,
    Field::Alg,
    Field::PrivateKey,
    Field::Kid,
    Field::Iss,
    Field::Sub,
];
/// Maximum length of a name that is shown.
const MAX_NAME_LENGTH: usize = 32;

/// The values that were found.
pub struct Fields {
    pub private_key: Option<Zeroizing<String>>,
    pub kid: Option<Zeroizing<String>>,
    pub iss: Result<Zeroizing<String>, NoString>,
    pub sub: Result<Zeroizing<String>, NoString>,
}

/// Why a field has no string.
#[derive(Clone, Copy)]
pub enum NoString {
    Missing,
    WrongKind(Kind),
}

impl NoString {
    /// `repairable`: the right value is known.
    pub fn finding(self, field: Field, repairable: bool) -> Finding {
        match self {
            Self::Missing => Finding::Missing { field, repairable },
            Self::WrongKind(kind) => Finding::WrongKind {
                field,
                kind,
                repairable,
            },
        }
    }
}

/// Reads the fields of `outer`.
pub fn read(outer: &Object<'_>, findings: &mut Vec<Finding>) -> Result<Fields, Finding> {
    let has = |name: &str| outer.0.iter().any(|(other, _)| other == name);
    if has("kty") || (has("keys") && outer.0.len() == 1) {
        return Err(Finding::Jwk);
    }
    if has("sops") {
        return Err(Finding::Locked { program: "SOPS" });
    }
    if has("client_email") || has("client_x509_cert_url") {
        let name = "Google Cloud";
        return Err(Finding::OtherCloud { name });
    }
    if has("key_algorithm") && has("service_account_id") {
        let name = "Yandex Cloud";
        return Err(Finding::OtherCloud { name });
    }
    let known = |field: Field| outer.0.iter().any(|(name, _)| is_almost(name, field));
    if known(Field::SubjectCredentials) {
        let value = take(outer, &[Field::SubjectCredentials], findings)
            .into_iter()
            .next()
            .flatten()
            .ok_or(Finding::NotCredentials)?;
        let kind = json::kind(value);
        if kind != Kind::Object {
            let (field, repairable) = (Field::SubjectCredentials, false);
            return Err(NoString::WrongKind(kind).finding(field, repairable));
        }
        Ok(read_inner(&json::entries(value)?, findings))
    } else if INNER[1..].iter().any(|field| known(*field)) {
        findings.push(Finding::NoWrapper);
        Ok(read_inner(outer, findings))
    } else {
        Err(Finding::NotCredentials)
    }
}

fn read_inner(object: &Object<'_>, findings: &mut Vec<Finding>) -> Fields {
    let mut values = take(object, &INNER, findings).into_iter();
    let mut next = || match values.next().flatten() {
        Some(value) => json::string(value).map_err(NoString::WrongKind),
        None => Err(NoString::Missing),
    };
    match next() {
        Ok(text) if *text == "JWT" => {}
        Ok(text) => findings.push(Finding::Type {
            empty: text.is_empty(),
        }),
        Err(NoString::Missing) => {}
        Err(error) => findings.push(error.finding(Field::Type, true)),
    }
    match next() {
        Ok(text) if *text == "RS256" => {}
        Ok(text) => findings.push(Finding::Alg {
            name: algorithm(&text),
        }),
        Err(error) => findings.push(error.finding(Field::Alg, true)),
    }
    let mut required = |field| match next() {
        Ok(text) => Some(text),
        Err(error) => {
            findings.push(error.finding(field, false));
            None
        }
    };
    Fields {
        private_key: required(Field::PrivateKey),
        kid: required(Field::Kid),
        iss: next(),
        sub: next(),
    }
}

/// The value of each of `fields`; of duplicates the last, as in Python. Reports names that are
/// misspelled or not in `fields`.
fn take<'a>(
    object: &Object<'a>,
    fields: &[Field],
    findings: &mut Vec<Finding>,
) -> Vec<Option<&'a RawValue>> {
    let mut used = vec![false; object.0.len()];
    let mut found = Vec::new();
    for field in fields {
        let mut matching = |is: &dyn Fn(&str) -> bool| {
            let (mut last, mut count) = (None, 0);
            for ((name, value), used) in object.0.iter().zip(&mut used) {
                if is(name) {
                    (last, count, *used) = (Some(*value), count + 1, true);
                }
            }
            (last, count)
        };
        let (mut value, mut count) = matching(&|name| name == field.name());
        if count == 0 {
            (value, count) = matching(&|name| is_almost(name, *field));
            if count > 0 {
                findings.push(Finding::Misnamed { field: *field });
            }
        }
        if count > 1 {
            findings.push(Finding::Duplicate { field: *field });
        }
        found.push(value);
    }
    for ((name, _), _) in object.0.iter().zip(used).filter(|(_, used)| !used) {
        findings.push(Finding::Extra {
            name: is_showable(name).then(|| name.clone()),
        });
    }
    found
}

fn is_almost(name: &str, field: Field) -> bool {
    let plain = name.trim().to_ascii_lowercase().replace(['_', ' '], "-");
    plain == field.name()
}

/// Whether a name consists of lower-case words: a part of a key has digits and capital letters.
fn is_showable(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || matches!(c, '-' | '_');
    !name.is_empty() && name.len() <= MAX_NAME_LENGTH && name.chars().all(plain)
}

/// The registered name of an algorithm (RFC 7518 section 3.1, RFC 8037).
fn algorithm(text: &str) -> Option<&'static str> {
    const NAMES: [&str; 14] = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "HS256",
        "HS384", "HS512", "EdDSA", "none",
    ];
    NAMES
        .into_iter()
        .find(|name| text.trim().eq_ignore_ascii_case(name))
}
