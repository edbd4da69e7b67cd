//! A folder that the page saves into (File System Access).

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};

use crate::browser::Browser;

/// WebDriver can't use the browser's folder picker. This replaces it: `window.chooses` selects a real
/// folder of the browser's private file system, or none. `window.refuses` makes the next file refuse
/// content, and `window.waits` makes it wait for the promise.
pub const PICKER: &str = "
    window.chooses = true; window.refuses = false; window.asked = [];
    window.showDirectoryPicker = async (options) => {
        window.asked.push(options);
        if (!window.chooses) throw new DOMException('The user aborted a request.', 'AbortError');
        const root = await navigator.storage.getDirectory();
        return root.getDirectoryHandle('keys of the flow', { create: true });
    };
    const real = FileSystemFileHandle.prototype.createWritable;
    FileSystemFileHandle.prototype.createWritable = async function (...options) {
        await window.waits;
        if (window.refuses) throw new DOMException('not allowed', 'NotAllowedError');
        return real.apply(this, options);
    };";

/// Makes the next file wait until [`let_go`].
pub async fn hold_back(browser: &Browser) {
    let script = "window.waits = new Promise((go) => { window.goes = go; });";
    browser.run(script).await;
}

/// Lets the waiting file be written.
pub async fn let_go(browser: &Browser) {
    browser.run("window.goes()").await;
}

/// The names and contents of the folder's files.
pub async fn in_folder(browser: &Browser) -> Vec<(String, Vec<u8>)> {
    // The browser's temporary file beside the one being written may disappear meanwhile.
    let script = "const look = async () => {
            const root = await navigator.storage.getDirectory();
            const folder = await root.getDirectoryHandle('keys of the flow', { create: true });
            const found = [];
            for await (const [name, handle] of folder) {
                const bytes = await (await handle.getFile()).arrayBuffer();
                found.push([name, btoa(String.fromCharCode(...new Uint8Array(bytes)))]);
            }
            return found.sort();
        };
        const again = (error) => {
            if (error.name !== 'NotFoundError') throw error;
            return new Promise((later) => setTimeout(later, 20)).then(() => look().catch(again));
        };
        done(await look().catch(again));";
    let found = browser.run_until_done(script).await;
    let found: Vec<(String, String)> = serde_json::from_value(found).unwrap();
    found
        .into_iter()
        .map(|(name, bytes)| (name, BASE64_STANDARD.decode(bytes).unwrap()))
        .collect()
}

/// Waits until the folder has a complete file with a matching name. A file gets its content at once, at
/// the end.
///
/// # Panics
/// If it doesn't appear in time.
pub async fn wait_for_file(browser: &Browser, is_it: impl Fn(&str) -> bool) -> (String, Vec<u8>) {
    for _ in 0..200 {
        let found = in_folder(browser).await;
        let mut whole = found.into_iter().filter(|(_, bytes)| !bytes.is_empty());
        if let Some(file) = whole.find(|(found, _)| is_it(found)) {
            return file;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no such file in the folder");
}

/// Removes the folder, because every flow ends with a check for stored data.
pub async fn remove(browser: &Browser) {
    let script = "const root = await navigator.storage.getDirectory();
        await root.removeEntry('keys of the flow', { recursive: true }); done();";
    browser.run_until_done(script).await;
}
