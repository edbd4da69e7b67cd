//! A running browser with its driver, its WebDriver session and the folder that it writes to.

use std::{fs, io, path::Path};

use serde_json::{Value, json};

use super::{chromium, driver::Driver, firefox};
use crate::waiting::PATIENCE;

/// Ends when it is dropped, and at the latest when the program that runs the flows ends.
pub(super) struct Process {
    driver: Driver,
    session: String,
}

impl Process {
    /// Starts Chromium with an empty profile.
    pub(super) fn start_chromium(with_network_log: bool) -> Self {
        let driver = Driver::of_chromium();
        let capabilities = chromium::capabilities(driver.folder(), with_network_log);
        Self::drive(driver, capabilities)
    }

    /// Starts Firefox with an empty profile. All its traffic goes through the SOCKS proxy on this port.
    pub(super) fn start_firefox(proxy_port: u16) -> Self {
        let driver = Driver::of_firefox();
        let capabilities = firefox::capabilities(driver.folder(), proxy_port);
        Self::drive(driver, capabilities)
    }

    fn drive(driver: Driver, mut capabilities: Value) -> Self {
        fs::create_dir(driver.folder().join("downloads")).unwrap();
        capabilities["timeouts"] = json!({ "script": PATIENCE.as_millis() as u64 });
        // Tests that expect a dialog answer it themselves.
        capabilities["unhandledPromptBehavior"] =
            json!({ "default": "ignore", "beforeUnload": "accept" });
        let wanted = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let started = driver.ask("POST", "/session", Some(&wanted)).unwrap();
        let session = started["sessionId"].as_str();
        let session = session.unwrap_or_else(|| panic!("no browser session: {started}"));
        let session = session.to_owned();
        Self { driver, session }
    }

    /// The driver's URL and the session's ID.
    pub(super) fn address(&self) -> (String, &str) {
        (self.driver.url(), &self.session)
    }

    pub(super) fn folder(&self) -> &Path {
        self.driver.folder()
    }

    /// What the browser and its driver have printed so far.
    pub(super) fn printed(&self) -> Vec<u8> {
        self.driver.printed()
    }

    /// The lines that they printed since the last call.
    pub(super) fn take_printed(&self) -> Vec<String> {
        self.driver.take_printed()
    }

    /// Sends a WebDriver command of the session where nothing can be awaited; returns the answer's value,
    /// which is an object with `error` in it if the command failed.
    pub(super) fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Value> {
        let path = format!("/session/{}{path}", self.session);
        self.driver.ask(method, &path, body)
    }

    /// Replaces all windows by an empty one and deletes everything that pages have stored.
    ///
    /// # Errors
    /// If a command failed, for example because a dialog is open.
    pub(super) fn forget_pages(&self) -> io::Result<()> {
        let used = self.must("GET", "/window/handles", None)?;
        let empty = self.must("POST", "/window/new", Some(json!({ "type": "tab" })))?;
        for window in used.as_array().into_iter().flatten() {
            self.must("POST", "/window", Some(json!({ "handle": window })))?;
            self.must("DELETE", "/window", None)?;
        }
        self.must(
            "POST",
            "/window",
            Some(json!({ "handle": empty["handle"] })),
        )?;
        let everything = json!({ "origin": "*", "storageTypes": "all" });
        for (command, params) in [
            // New windows open in the background.
            ("Page.bringToFront", json!({})),
            ("Storage.clearDataForOrigin", everything),
            ("Network.clearBrowserCookies", json!({})),
            ("Network.clearBrowserCache", json!({})),
        ] {
            let command = json!({ "cmd": command, "params": params });
            self.must("POST", "/goog/cdp/execute", Some(command))?;
        }
        self.must("POST", "/se/log", Some(json!({ "type": "browser" })))?;
        let downloads = self.folder().join("downloads");
        fs::remove_dir_all(&downloads)?;
        fs::create_dir(&downloads)
    }

    /// Like [`Process::ask`], but a command that failed is an error.
    fn must(&self, method: &str, path: &str, body: Option<Value>) -> io::Result<Value> {
        let value = self.ask(method, path, body.as_ref())?;
        match value.get("error") {
            Some(_) => Err(io::Error::other(value.to_string())),
            None => Ok(value),
        }
    }

    /// Ends the browser; returns once it has ended.
    pub(super) fn end_session(&self) -> io::Result<()> {
        self.ask("DELETE", "", None).map(|_| ())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Best effort: Chromium ends with its driver anyway, Firefox doesn't.
        let _ = self.end_session();
    }
}
