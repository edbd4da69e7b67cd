//! Checks at the end of every flow, in Chromium and in Firefox.

use std::io;

use serde_json::{Value, json};

use super::{Browser, Kind, firefox};
use crate::gateway::ADMIN_TOKEN;

/// JavaScript: everything that the page's origin and tab have stored.
const STORED: &str = "const done = arguments[arguments.length - 1];
    // A screen and its state: IDs, a search, the names of a filter and an order.
    const isAddress = (hash) => {
        const found = /^#\\/(?:create|keys(?:\\/publickey-[a-z0-9]+)?|inspect)?(?:\\?(.*))?$/.exec(hash);
        const isId = /^(tenant|project|serviceaccount|publickey)-[a-z0-9]+$/;
        const isRight = ([name, value]) => ['tenant', 'project', 'account', 'replaces'].includes(name)
            ? isId.test(value)
            : ['q', 'show', 'sort'].includes(name) && value.length < 100;
        return hash === '' || (found && [...new URLSearchParams(found[1] ?? '')].every(isRight));
    };
    (async () => {
        const found = [];
        const note = (place, value) => {
            if (value !== null && String(value) !== '') found.push(`${place}: ${value}`);
        };
        if (!location.protocol.startsWith('http')) return found;
        note('cookie', document.cookie);
        note('local storage', JSON.stringify({ ...localStorage }).replace('{}', ''));
        note('session storage', JSON.stringify({ ...sessionStorage }).replace('{}', ''));
        note('IndexedDB', (await indexedDB.databases()).map((db) => db.name));
        if (isSecureContext) {
            note('cache', await caches.keys());
            note('service worker', await navigator.serviceWorker.getRegistrations());
            const folder = await navigator.storage.getDirectory();
            for await (const name of folder.keys()) note('private file', name);
        }
        // The router numbers the addresses that it writes.
        const { id, kind, ...more } = history.state ?? {};
        const isNumber = kind === 'gloo_history_state' && Number.isInteger(id)
            && Object.keys(more).length === 0;
        note('history state', isNumber || !history.state ? null : JSON.stringify(history.state));
        note('window name', window.name);
        note('fragment', isAddress(location.hash) ? null : location.hash);
        return found;
    })().then(done, (error) => done([String(error)]));";

/// Prefixes of secrets, and the messages of Chromium and Firefox about policy violations.
const NEVER_ON_THE_CONSOLE: [&str; 7] = [
    ADMIN_TOKEN,
    "PRIVATE KEY",
    "eyJ",
    "Content Security Policy",
    "Content-Security-Policy",
    "TrustedScript",
    "Permissions policy violation",
];

/// See [`Browser::take_console`].
pub(super) struct Console {
    /// The console's entries; only the first line of long entries in Firefox.
    pub(super) entries: Vec<String>,
    /// What else Firefox printed, including the other lines of those entries.
    around: Vec<String>,
}

impl Browser {
    /// Everything that the page's origin and tab have stored; empty if all is well.
    pub async fn stored(&self) -> Vec<String> {
        let stored = self.client.execute_async(STORED, Vec::new()).await.unwrap();
        serde_json::from_value(stored).unwrap()
    }

    /// What is wrong at the end of a flow: anything stored, or a secret or a violation of the page's
    /// policy on the console.
    ///
    /// # Errors
    /// If the browser no longer answers.
    pub fn wrong_at_end(&self) -> io::Result<Vec<String>> {
        let script = json!({ "script": STORED, "args": [] });
        let stored = self.ask("POST", "/execute/async", Some(&script))?;
        // An error is an object: a question is open, or the tab is gone.
        let mut wrong: Vec<String> = serde_json::from_value(stored).unwrap_or_default();
        let is_wrong = |line: &String| {
            NEVER_ON_THE_CONSOLE
                .iter()
                .any(|secret| line.contains(secret))
        };
        let console = self.take_console()?;
        let lines = console.entries.into_iter().chain(console.around);
        let lines = lines.filter(is_wrong);
        wrong.extend(lines.map(|line| format!("console: {line}")));
        Ok(wrong)
    }

    /// Empties the console and returns its content.
    pub(super) fn take_console(&self) -> io::Result<Console> {
        let (printed, log) = match self.kind {
            Kind::SharedChromium | Kind::OwnChromium => {
                let kind = json!({ "type": "browser" });
                let log = self.ask("POST", "/se/log", Some(&kind))?;
                (Vec::new(), log)
            }
            Kind::Firefox(_) => {
                let script = json!({ "script": firefox::TAKE_MESSAGES, "args": [] });
                let context = |name| {
                    let context = json!({ "context": name });
                    self.ask("POST", "/moz/context", Some(&context))
                };
                context("chrome")?;
                let messages = self.ask("POST", "/execute/sync", Some(&script))?;
                context("content")?;
                (self.process().take_printed(), messages)
            }
        };
        // Firefox prints what pages write to the console.
        let (mut entries, around): (Vec<_>, Vec<_>) = printed
            .into_iter()
            .partition(|line| line.starts_with("console."));
        let log = log.as_array().cloned().unwrap_or_default();
        let text = |entry: &Value| {
            entry["message"]
                .as_str()
                .or(entry.as_str())
                .map(str::to_owned)
        };
        entries.extend(log.iter().filter_map(text));
        Ok(Console { entries, around })
    }

    /// Sends a WebDriver command where nothing can be awaited.
    pub(super) fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Value> {
        self.process().ask(method, path, body)
    }
}
