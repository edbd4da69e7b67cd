//! Firefox's capabilities, and how its messages about the page are read.

use std::path::Path;

use serde_json::{Value, json};

use crate::setting;

/// Capabilities that put downloads into `folder` and send all traffic through the SOCKS proxy on this
/// port.
pub(super) fn capabilities(folder: &Path, proxy_port: u16) -> Value {
    let downloads = json!({
        "browser.download.folderList": 2,
        "browser.download.dir": folder.join("downloads"),
        "browser.download.always_ask_before_handling_new_types": false,
        "browser.download.alwaysOpenPanel": false,
    });
    let proxy = json!({
        "network.proxy.type": 1,
        "network.proxy.socks": "127.0.0.1",
        "network.proxy.socks_port": proxy_port,
        "network.proxy.socks_version": 5,
        "network.proxy.socks_remote_dns": true,
        "network.proxy.allow_hijacking_localhost": true,
        "network.proxy.failover_direct": false,
        "network.http.http3.enable": false,
    });
    // Messages of pages, not of the browser's own scripts.
    let console = json!({
        "devtools.console.stdout.content": true,
        "devtools.console.stdout.chrome": false,
    });
    // Only the page may send requests. geckodriver sets the remaining preferences.
    let silence = json!({
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
        "messaging-system.log": "off",
        "services.settings.server": "data:,#remote-settings-dummy/v1",
    });
    let mut prefs = downloads;
    for more in [proxy, console, silence] {
        if let (Value::Object(prefs), Value::Object(more)) = (&mut prefs, more) {
            prefs.extend(more);
        }
    }
    json!({ "moz:firefoxOptions": {
        "binary": setting("KEYSIDE_FIREFOX"),
        "args": ["-headless"],
        "prefs": prefs,
    } })
}

/// JavaScript, run with the browser's privileges: returns and clears the browser's messages about
/// pages and workers, such as errors and policy violations. It skips the warning about preloads that
/// appears on slow machines.
pub(super) const TAKE_MESSAGES: &str = "
    const own = /^(chrome|resource|moz-src|moz-extension|about):/;
    const messages = Services.console.getMessageArray()
        .filter((entry) => entry instanceof Ci.nsIScriptError && !own.test(entry.sourceName)
            && !entry.errorMessage.includes('preloaded with link preload was not used within'))
        .map((entry) => `${entry.sourceName} ${entry.category}: ${entry.errorMessage}`);
    Services.console.reset();
    return messages;";
