//! Keys in JSON: JSON Web Keys and their sets (RFC 7517), credentials files, strings.

use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use super::{
    Algorithm, Item, KeyFile, MAX_KEYS, OtherFile, PrivateForm, PrivateKind, PublicForm, Refusal,
    base64::decode_url, contains, numbers,
};

/// The member that identifies a credentials file.
const CREDENTIALS: &str = "subject-credentials";

/// What a JSON text contains.
pub enum Json {
    /// A key, a credentials file or an error.
    Item(Item),
    /// All its strings, one per line, in which keys may be found.
    Strings(Zeroizing<String>),
}

/// Reads `text`; none if it isn't JSON.
pub fn read(text: &[u8]) -> Option<Json> {
    let text = text.trim_ascii();
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
    let mut strings = Zeroizing::new(String::with_capacity(text.len() * 2));
    collect_strings(&value.0, &mut strings);
    Some(Json::Strings(strings))
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
    if members.contains_key(CREDENTIALS) {
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
    let keys: Vec<_> = keys
        .iter()
        .filter_map(Value::as_object)
        .filter(|key| key.contains_key("kty"))
        .collect();
    match &*keys {
        [] => None,
        [one] => Some(jwk(one)),
        several if several.iter().any(|key| is_private(key)) => {
            Some(Refusal::Private(PrivateKind::Several).into())
        }
        several => Some(
            Refusal::SeveralKeys {
                count: several.len().min(MAX_KEYS),
            }
            .into(),
        ),
    }
}

fn is_private(key: &Map<String, Value>) -> bool {
    ["d", "k", "p", "q"]
        .iter()
        .any(|name| key.contains_key(*name))
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

/// Appends all strings of `value`, each followed by a line break.
fn collect_strings(value: &Value, strings: &mut Zeroizing<String>) {
    match value {
        Value::String(text) => {
            strings.push_str(text);
            strings.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| collect_strings(item, strings)),
        Value::Object(members) => members
            .values()
            .for_each(|value| collect_strings(value, strings)),
        _ => {}
    }
}

/// A value whose strings overwrite themselves when dropped.
struct Wiped(Value);

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        _ => {}
    }
}

/// The refusal of a JSON text without a key.
pub fn without_key() -> Refusal {
    Refusal::NotAKey(OtherFile::Json)
}
