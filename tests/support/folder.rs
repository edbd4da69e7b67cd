//! A folder that the page saves into (File System Access).

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};

use crate::browser::Browser;

/// WebDriver cannot work the browser's own dialogue: in its place, a real folder of the browser's
/// private file system is chosen, or none, by `window.chooses`. `window.refuses` has the next file
/// take no content, `window.waits` has it wait for the promise.
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

/// Has the next file wait, until [`let_go`].
pub async fn hold_back(browser: &Browser) {
    let script = "window.waits = new Promise((go) => { window.goes = go; });";
    browser.run(script).await;
}

/// Has the file that waits be written.
pub async fn let_go(browser: &Browser) {
    browser.run("window.goes()").await;
}

/// What is in the folder: names and contents.
pub async fn in_folder(browser: &Browser) -> Vec<(String, Vec<u8>)> {
    // The browser's own file beside the one that is written may go while one looks.
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

/// Waits until it holds a file of such a name, whole: it takes its content at once, at the end.
///
/// # Panics
/// When it does not come.
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

/// Every flow ends with a look at what is stored.
pub async fn remove(browser: &Browser) {
    let script = "const root = await navigator.storage.getDirectory();
        await root.removeEntry('keys of the flow', { recursive: true }); done();";
    browser.run_until_done(script).await;
}
