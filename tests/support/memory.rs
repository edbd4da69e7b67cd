//! Reads the tab's memory with the debugger's protocol, for Chromium.

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};

use crate::browser::Browser;

/// JavaScript: the bytes of all given `WebAssembly.Memory` objects, in base64, in parts.
const READ_MEMORY: &str = "function (memories, from, length) {
    const all = [...memories].map((memory) => new Uint8Array(memory.buffer));
    let at = from;
    for (const bytes of all) {
        if (at < bytes.length) {
            let text = '';
            const part = bytes.subarray(at, at + length);
            for (let i = 0; i < part.length; i += 8192) {
                text += String.fromCharCode(...part.subarray(i, i + 8192));
            }
            return btoa(text);
        }
        at -= bytes.length;
    }
    return '';
}";

/// The content of the page's WebAssembly memories, without those of the workers.
pub async fn webassembly_memory(browser: &Browser) -> Vec<u8> {
    const PART: usize = 1 << 20;
    let call = |value: Value| browser.devtools("Runtime.callFunctionOn", value);
    let prototype = json!({ "expression": "WebAssembly.Memory.prototype" });
    let prototype = browser.devtools("Runtime.evaluate", prototype).await;
    let id = &prototype["result"]["objectId"];
    let memories = browser
        .devtools("Runtime.queryObjects", json!({ "prototypeObjectId": id }))
        .await;
    let memories = &memories["objects"]["objectId"];
    let mut all = Vec::new();
    loop {
        let part = call(json!({
            "objectId": memories,
            "functionDeclaration": READ_MEMORY,
            "arguments": [{ "objectId": memories }, { "value": all.len() }, { "value": PART }],
            "returnByValue": true,
        }))
        .await;
        let part = part["result"]["value"].as_str().unwrap();
        if part.is_empty() {
            return all;
        }
        all.extend(BASE64_STANDARD.decode(part).unwrap());
    }
}

/// The tab's workers.
pub async fn workers(browser: &Browser) -> usize {
    let targets = browser.devtools("Target.getTargets", json!({})).await;
    let targets = targets["targetInfos"].as_array().unwrap();
    targets
        .iter()
        .filter(|target| target["type"] == "worker")
        .count()
}
