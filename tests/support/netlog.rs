//! Reads Chromium's network log: every byte that the browser sent.

use std::collections::{BTreeMap, HashSet};

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::Value;

/// Everything that the browser sent, by connection.
///
/// # Panics
/// If it isn't a Chromium log.
#[must_use]
pub fn sent(log: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(log);
    // One event per line; the first line has the names of the event types.
    let mut lines = text.lines();
    let head = lines.next().expect("a log").trim_end_matches(',');
    let constants: Value =
        serde_json::from_str(&format!("{head}}}")).expect("the log begins with its constants");
    let types = constants["constants"]["logEventTypes"]
        .as_object()
        .expect("event types");
    let sending: HashSet<i64> = types
        .iter()
        .filter(|(name, _)| name.contains("SENT"))
        .map(|(_, number)| number.as_i64().unwrap())
        .collect();
    assert!(!sending.is_empty());
    let mut by_source: BTreeMap<i64, Vec<u8>> = BTreeMap::new();
    for line in lines {
        let Ok(event) = serde_json::from_str::<Value>(line.trim_end_matches([',', ']', '}']))
            .or_else(|_| serde_json::from_str::<Value>(line.trim_end_matches(',')))
        else {
            continue;
        };
        if event["type"]
            .as_i64()
            .is_some_and(|number| sending.contains(&number))
            && let Some(bytes) = event["params"]["bytes"].as_str()
        {
            let source = event["source"]["id"].as_i64().unwrap();
            by_source
                .entry(source)
                .or_default()
                .extend(BASE64_STANDARD.decode(bytes).unwrap());
        }
    }
    by_source.into_values().collect()
}
