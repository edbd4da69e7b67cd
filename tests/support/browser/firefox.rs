//! What Firefox is started with, and how it is asked for what it tells of the page.

use std::path::Path;

use serde_json::{Value, json};

use crate::setting;

/// With its downloads in `folder`; all that it sends goes through the SOCKS proxy on this port.
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
    // Of pages, not of the browser's own scripts.
    let console = json!({
        "devtools.console.stdout.content": true,
        "devtools.console.stdout.chrome": false,
    });
    // Nothing is asked for but what the page asks for. geckodriver sees to the rest.
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

/// JavaScript, run as the browser itself, that gives and forgets what the browser has told of pages
/// and workers: errors, and violations of a policy. It tells of a preload, too, when the machine is
/// slow.
pub(super) const TAKE_MESSAGES: &str = "
    const own = /^(chrome|resource|moz-src|moz-extension|about):/;
    const messages = Services.console.getMessageArray()
        .filter((entry) => entry instanceof Ci.nsIScriptError && !own.test(entry.sourceName)
            && !entry.errorMessage.includes('preloaded with link preload was not used within'))
        .map((entry) => `${entry.sourceName} ${entry.category}: ${entry.errorMessage}`);
    Services.console.reset();
    return messages;";
