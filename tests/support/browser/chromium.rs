//! Chromium's capabilities and its own protocol.

use std::path::Path;

use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::{Value, json};

use super::Browser;
use crate::setting;

const ARGUMENTS: [&str; 15] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1280,1000",
    "--lang=en-GB",
    // Saves two processes and a quarter of the startup time.
    "--in-process-gpu",
    "--enable-features=NetworkServiceInProcess2",
    // The browser's own pages for suggestions, which it loads in advance.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup",
    // Chromium ends with its driver, however that ends.
    "--remote-debugging-pipe",
];

/// Capabilities that put the profile, the downloads and perhaps a network log into `folder`.
pub(super) fn capabilities(folder: &Path, with_network_log: bool) -> Value {
    let in_folder = |name: &str| folder.join(name).display().to_string();
    let mut arguments = ARGUMENTS.map(str::to_owned).to_vec();
    arguments.push(format!("--user-data-dir={}", in_folder("profile")));
    if with_network_log {
        arguments.push(format!("--log-net-log={}", in_folder("netlog.json")));
        arguments.push("--net-log-capture-mode=Everything".to_owned());
    }
    json!({
        "goog:chromeOptions": {
            "binary": setting("KEYSIDE_CHROME"),
            "args": arguments,
            "prefs": {
                "download.default_directory": in_folder("downloads"),
                "download.prompt_for_download": false,
                "profile.default_content_setting_values.automatic_downloads": 1,
            },
        },
        "goog:loggingPrefs": { "browser": "ALL" },
    })
}

impl Browser {
    /// Runs a command of the Chrome DevTools protocol, which Firefox doesn't support.
    pub async fn devtools(&self, method: &str, params: Value) -> Value {
        let command = Devtools(json!({ "cmd": method, "params": params }));
        self.client.issue_cmd(command).await.unwrap()
    }
}

#[derive(Debug)]
struct Devtools(Value);

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap()))
    }

    fn method_and_body(&self, _url: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.0.to_string()))
    }
}
