//! After *Forget the key* the workers are gone, and the tab's memory holds nothing of the key.

use keyside_e2e::{browser::Browser, gateway::Gateway, needles::Needles, page};
use serde_json::{Value, json};

/// Given `[WebAssembly.Memory]`: the bytes of all of them, in base64, a part at a time.
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

/// All that the tab's WebAssembly memories hold, by the debugger's protocol.
async fn webassembly_memory(browser: &Browser) -> Vec<u8> {
    use base64::prelude::{BASE64_STANDARD, Engine};
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

/// The workers that the tab has, by the debugger's protocol.
async fn workers(browser: &Browser) -> usize {
    let targets = browser.devtools("Target.getTargets", json!({})).await;
    let targets = targets["targetInfos"].as_array().unwrap();
    targets
        .iter()
        .filter(|target| target["type"] == "worker")
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_forget_no_memory_of_the_tab_holds_the_key() {
    let gateway = Gateway::start();
    let browser = page::ready_to_upload(&gateway).await;
    page::upload(&browser).await;
    browser.click("#download-private").await;
    let pem = browser.download("private.pem").await;
    let pem = String::from_utf8(pem).unwrap();
    browser.click("#download-public").await;
    let public = browser.download("public.pem").await;
    let public = String::from_utf8(public).unwrap();
    browser.click("#download-credentials").await;
    browser.click("#verify").await;
    browser
        .wait_for_text("#verify-result", "These credentials work")
        .await;
    let private = Needles::private(&pem);
    // Not even before: the page's own memory never holds it.
    let memory = webassembly_memory(&browser).await;
    assert!(
        !Needles::public(&public).in_bytes(&memory).is_empty(),
        "the public key is in the {} bytes, so the search can find",
        memory.len()
    );
    assert_eq!(private.in_bytes(&memory), Vec::<&str>::new());
    let before = workers(&browser).await;
    assert!(before >= 1, "the keeper");
    browser
        .run(
            "window.ended = 0; const terminate = Worker.prototype.terminate;
            Worker.prototype.terminate = function () { window.ended += 1; terminate.call(this); };",
        )
        .await;
    browser.click("#forget").await;
    browser.find("#generate").await;
    let ended = browser.run("return window.ended").await;
    assert!(ended.as_u64() >= Some(1), "{ended}");
    let memory = webassembly_memory(&browser).await;
    assert_eq!(private.in_bytes(&memory), Vec::<&str>::new());
}
