//! Keys in JSON: JSON Web Keys and their sets (RFC 7517), credentials files, strings.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{
    Algorithm, Item, KeyFile, OtherFile, PrivateForm, PrivateKind, PublicForm, Refusal,
    base64::decode_url, contains, numbers, text::combine,
};
use crate::wrapping::wipe;

/// The member that identifies a credentials file.
pub const CREDENTIALS: &str = "subject-credentials";

/// What a JSON text contains.
pub enum Json {
    /// A key, a credentials file or an error.
    Item(Item),
    /// All its strings, in which keys may be found.
    Strings(Strings),
}

/// The strings of a JSON text. They overwrite themselves when dropped.
pub struct Strings {
    /// All strings, one per line.
    pub joined: Zeroizing<String>,
    /// Each string, after the names and positions that lead to it.
    pub each: Vec<(String, Zeroizing<String>)>,
}

/// Reads `text`; none if it isn't JSON.
pub fn read(text: &[u8]) -> Option<Json> {
    let text = text.trim_ascii();
    if is_edited_credentials(text) {
        return Some(Json::Item(Item::Other(KeyFile::Credentials)));
    }
    if !matches!(text.first(), Some(b'{' | b'[' | b'"')) {
        return None;
    }
    let value = match serde_json::from_slice(text) {
        Ok(value) => Wiped(value),
        Err(error) => return invalid(text, &error).map(Json::Item),
    };
    if let Some(item) = value.0.as_object().and_then(object) {
        return Some(Json::Item(item));
    }
    if let Some(keys) = value.0.as_array()
        && let Some(item) = set(keys)
    {
        return Some(Json::Item(item));
    }
    let mut strings = Strings {
        joined: Zeroizing::new(String::with_capacity(text.len() * 2)),
        each: Vec::new(),
    };
    strings.collect(&value.0, "");
    Some(Json::Strings(strings))
}

/// Whether a text is a credentials file with a comment before its object.
fn is_edited_credentials(text: &[u8]) -> bool {
    let is_comment = [&b"//"[..], b"#", b"/*"]
        .iter()
        .any(|mark| text.starts_with(mark));
    is_comment && crate::inspect::starts_with_object(text) && contains(text, CREDENTIALS.as_bytes())
}

/// Recognizes a credentials file or a JWK in invalid JSON.
fn invalid(text: &[u8], error: &serde_json::Error) -> Option<Item> {
    if text.starts_with(b"{") && contains(text, CREDENTIALS.as_bytes()) {
        return Some(Item::Other(KeyFile::Credentials));
    }
    (!text.starts_with(b"\"") && contains(text, b"\"kty\"")).then(|| {
        let refusal = if error.is_eof() {
            Refusal::CutShort
        } else {
            Refusal::Damaged
        };
        refusal.into()
    })
}

fn object(members: &Map<String, Value>) -> Option<Item> {
    if members.get("sops").is_some_and(Value::is_object) {
        return Some(Refusal::Locked("SOPS").into());
    }
    // The object alone lacks only its wrapper.
    let is_inner = members.contains_key("private-key")
        && ["kid", "iss", "sub"]
            .iter()
            .any(|name| members.contains_key(*name));
    if members.contains_key(CREDENTIALS) || is_inner {
        return Some(Item::Other(KeyFile::Credentials));
    }
    if members.contains_key("kty") {
        return Some(jwk(members));
    }
    members
        .get("keys")
        .and_then(Value::as_array)
        .and_then(|keys| set(keys))
}

fn set(keys: &[Value]) -> Option<Item> {
    let mut keys: Vec<_> = keys
        .iter()
        .filter_map(Value::as_object)
        .filter(|key| key.contains_key("kty"))
        .map(jwk)
        .collect();
    match keys.len() {
        0 => None,
        1 => keys.pop(),
        _ => Some(combine(keys)),
    }
}

/// Whether a member is there: one that is null counts as absent.
fn has(key: &Map<String, Value>, name: &str) -> bool {
    key.get(name).is_some_and(|value| !value.is_null())
}

fn is_private(key: &Map<String, Value>) -> bool {
    ["d", "k", "p", "q"].iter().any(|name| has(key, name))
}

fn jwk(key: &Map<String, Value>) -> Item {
    let algorithm = match key.get("kty").and_then(Value::as_str) {
        Some("RSA") => return rsa(key),
        Some("oct") => return Refusal::Private(PrivateKind::Symmetric).into(),
        Some("EC") => Algorithm::Ec,
        Some("OKP") => match key.get("crv").and_then(Value::as_str) {
            Some("X25519" | "X448") => Algorithm::Montgomery,
            _ => Algorithm::Edwards,
        },
        _ => Algorithm::Other,
    };
    if is_private(key) {
        Refusal::Private(PrivateKind::Algorithm(algorithm)).into()
    } else {
        Refusal::Algorithm(algorithm).into()
    }
}

fn rsa(key: &Map<String, Value>) -> Item {
    let number = |name: &str| key.get(name).and_then(Value::as_str).and_then(decode_url);
    let (Some(n), Some(e)) = (number("n"), number("e")) else {
        return if is_private(key) {
            Refusal::Private(PrivateKind::Jwk).into()
        } else {
            Refusal::Damaged.into()
        };
    };
    if !is_private(key) {
        return match numbers::public(&n, &e) {
            Ok(key) => Item::Public(key, PublicForm::Jwk),
            Err(refusal) => refusal.into(),
        };
    }
    match (number("d"), number("p"), number("q")) {
        (Some(d), Some(p), Some(q)) => {
            Item::Other(numbers::private_of(&n, &e, &d, [&p, &q], PrivateForm::Jwk))
        }
        _ => Refusal::Private(PrivateKind::Jwk).into(),
    }
}

impl Strings {
    /// Adds all strings of the value at `path`.
    fn collect(&mut self, value: &Value, path: &str) {
        // Longer paths aren't shown, and repeated for each string, they could use up the memory.
        const MAX_PATH: usize = 60;
        let below = |name: &str| match path {
            _ if path.len() + name.len() > MAX_PATH => "\u{2026}".to_owned(),
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        match value {
            Value::String(text) => {
                self.joined.push_str(text);
                self.joined.push('\n');
                self.each
                    .push((path.to_owned(), Zeroizing::new(text.clone())));
            }
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.collect(item, &below(&at.to_string()));
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    self.collect(value, &below(name));
                }
            }
            _ => {}
        }
    }
}

/// A value whose strings overwrite themselves when dropped.
struct Wiped(Value);

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// The refusal of a JSON text without a key.
pub fn without_key() -> Refusal {
    Refusal::NotAKey(OtherFile::Json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_not_repeated_for_each_string() {
        let text = serde_json::json!({ "n".repeat(60_000): vec![""; 20_000] }).to_string();
        let Some(Json::Strings(strings)) = read(text.as_bytes()) else {
            panic!("no strings");
        };
        assert_eq!(strings.each.len(), 20_000);
        assert!(strings.each.iter().all(|(path, _)| path.len() < 100));
    }
}
