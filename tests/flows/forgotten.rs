//! *Create another key* discards the previous key: the workers are gone, and nothing of the key is
//! left in the tab's memory.

use keyside_e2e::{
    gateway::Gateway,
    memory::{webassembly_memory, workers},
    needles::Needles,
    page,
};

#[tokio::test(flavor = "multi_thread")]
async fn after_a_key_is_discarded_no_memory_of_the_tab_holds_it() {
    let gateway = Gateway::start();
    let browser = page::ready_to_upload(&gateway).await;
    page::upload(&browser).await;
    page::unfold(&browser, "#more-formats").await;
    browser.click("#download-private").await;
    let pem = browser.download("private.pem").await;
    let pem = String::from_utf8(pem).unwrap();
    browser.click("#download-public").await;
    let public = browser.download("public.pem").await;
    let public = String::from_utf8(public).unwrap();
    browser.click("#download-credentials").await;
    page::verified(&browser).await;
    let private = Needles::private(&pem);
    // The page's own memory never holds it, not even before.
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
    browser.click("#create-another").await;
    browser.find("#create").await;
    let ended = browser.run("return window.ended").await;
    assert!(ended.as_u64() >= Some(1), "{ended}");
    let memory = webassembly_memory(&browser).await;
    assert_eq!(private.in_bytes(&memory), Vec::<&str>::new());
}
