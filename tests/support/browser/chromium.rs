//! What Chromium is started with.

use std::path::Path;

use serde_json::{Value, json};

use crate::setting;

/// With its profile, its network log and its downloads in `folder`.
pub(super) fn capabilities(folder: &Path) -> Value {
    let in_folder = |name: &str| folder.join(name).display().to_string();
    json!({
        "goog:chromeOptions": {
            "binary": setting("KEYSIDE_CHROME"),
            "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
                "--window-size=1280,1000", "--lang=en-GB",
                format!("--user-data-dir={}", in_folder("profile")),
                format!("--log-net-log={}", in_folder("netlog.json")),
                "--net-log-capture-mode=Everything",
            ],
            "prefs": {
                "download.default_directory": in_folder("downloads"),
                "download.prompt_for_download": false,
                "profile.default_content_setting_values.automatic_downloads": 1,
            },
        },
        "goog:loggingPrefs": { "browser": "ALL" },
    })
}
