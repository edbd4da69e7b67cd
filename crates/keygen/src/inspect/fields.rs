//! The file's shape: which object has the fields, and which fields it has.

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::{
    Field, Finding, Kind,
    json::{self, Object},
};

/// What the readers know.
const INNER: [Field; 6] = [
    Field::Type,
    Field::Alg,
    Field::PrivateKey,
    Field::Kid,
    Field::Iss,
    Field::Sub,
];
/// Names that are longer than this are not shown.
const LONGEST_NAME: usize = 32;

/// The texts that were found.
pub struct Fields {
    pub private_key: Option<Zeroizing<String>>,
    pub kid: Option<Zeroizing<String>>,
    /// Or what is in its place.
    pub iss: Result<Zeroizing<String>, Instead>,
    /// Or what is in its place.
    pub sub: Result<Zeroizing<String>, Instead>,
}

/// What is in the place of a text.
#[derive(Clone, Copy)]
pub enum Instead {
    Nothing,
    Other(Kind),
}

impl Instead {
    /// `mended`: what belongs there is known.
    pub fn finding(self, field: Field, mended: bool) -> Finding {
        match self {
            Self::Nothing => Finding::Missing { field, mended },
            Self::Other(kind) => Finding::WrongKind {
                field,
                kind,
                mended,
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
            .ok_or(Finding::OtherShape)?;
        let kind = json::kind(value);
        if kind != Kind::Object {
            let (field, mended) = (Field::SubjectCredentials, false);
            return Err(Instead::Other(kind).finding(field, mended));
        }
        Ok(read_inner(&json::entries(value)?, findings))
    } else if INNER[1..].iter().any(|field| known(*field)) {
        findings.push(Finding::NoWrapper);
        Ok(read_inner(outer, findings))
    } else {
        Err(Finding::OtherShape)
    }
}

fn read_inner(object: &Object<'_>, findings: &mut Vec<Finding>) -> Fields {
    let mut values = take(object, &INNER, findings).into_iter();
    let mut next = || match values.next().flatten() {
        Some(value) => json::text(value).map_err(Instead::Other),
        None => Err(Instead::Nothing),
    };
    match next() {
        Ok(text) if *text == "JWT" => {}
        Ok(text) => findings.push(Finding::Type {
            empty: text.is_empty(),
        }),
        Err(Instead::Nothing) => {}
        Err(other) => findings.push(other.finding(Field::Type, true)),
    }
    match next() {
        Ok(text) if *text == "RS256" => {}
        Ok(text) => findings.push(Finding::Alg {
            name: algorithm(&text),
        }),
        Err(instead) => findings.push(instead.finding(Field::Alg, true)),
    }
    let mut needed = |field| match next() {
        Ok(text) => Some(text),
        Err(instead) => {
            findings.push(instead.finding(field, false));
            None
        }
    };
    Fields {
        private_key: needed(Field::PrivateKey),
        kid: needed(Field::Kid),
        iss: next(),
        sub: next(),
    }
}

/// The value of each of `fields`, the last of several, as Python takes it; tells of names that are
/// not quite right, or none of `fields`.
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

/// Words of small letters: a piece of a key has digits and capitals.
fn is_showable(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || matches!(c, '-' | '_');
    !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(plain)
}

/// The name of an algorithm that exists (RFC 7518 section 3.1, RFC 8037).
fn algorithm(text: &str) -> Option<&'static str> {
    const NAMES: [&str; 14] = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "HS256",
        "HS384", "HS512", "EdDSA", "none",
    ];
    NAMES
        .into_iter()
        .find(|name| text.trim().eq_ignore_ascii_case(name))
}
