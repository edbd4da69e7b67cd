//! Outside influence on the page: a browser that translates it, and hostile names and descriptions.

use keyside_e2e::{accessible::assert_fits, gateway::Gateway, made, outcome, page};
use serde_json::json;

/// Imitates a browser's translation: replaces each text that may be translated by a changed one inside
/// two elements, also when it's added later.
const TRANSLATE: &str = "const turn = (root) => {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        const found = [];
        while (walker.nextNode()) {
            const text = walker.currentNode;
            const around = text.parentElement;
            const isKept = !around.translate || around.closest('script, style, textarea, code, pre, font');
            if (text.nodeValue.trim() && !isKept) found.push(text);
        }
        for (const text of found) {
            const [outer, inner] = ['font', 'font'].map((name) => document.createElement(name));
            inner.textContent = text.nodeValue.replaceAll('e', 'ee');
            outer.append(inner);
            text.replaceWith(outer);
        }
    };
    turn(document.body);
    new MutationObserver((changes) => {
        for (const node of changes.flatMap((change) => [...change.addedNodes])) {
            if (node.nodeName !== 'FONT') turn(node.parentNode ?? node);
        }
    }).observe(document.body, { childList: true, subtree: true });";

/// Translation would replace the text nodes that the page updates, and leave outdated text behind. So
/// the page asks browsers not to translate it.
#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_translates_leaves_the_page_unchanged() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let browser = page::connected(&gateway).await;
    browser.find("#account-list input:checked").await;
    // Control: text that may be translated is.
    let control = "const extra = document.createElement('p'); extra.id = 'extra';
        extra.translate = true; extra.append('here'); document.body.append(extra);";
    browser.run(control).await;
    browser.run(TRANSLATE).await;
    assert_eq!(browser.text("#extra").await, "heeree");
    page::create(&browser).await;
    page::verified(&browser).await;
    let key_id = browser.text("#key-id").await;
    let fingerprint = browser.text("#fingerprint").await;
    let files = page::download(&browser, &account, &key_id).await;
    outcome::files_are_right(&files, &fingerprint, &account, &key_id);
    page::go(&browser, "keys").await;
    browser.wait_for_text("#all-keys", &key_id).await;
    browser.fill("#key-search", "nothing like it").await;
    browser.wait_for_text("#key-count", "0 of 1 key.").await;
    assert!(!browser.has("#app font").await);
    let console = browser.console().await;
    assert!(console.is_empty(), "{console:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_and_descriptions_are_shown_as_text() {
    let gateway = Gateway::start();
    let hostile = [
        (
            "a\u{202e}nimda\u{2066}",
            "\u{202e}drawkcab \u{200b}\u{200d}".to_owned(),
        ),
        ("b-long", "no-blank-in-it-".repeat(260)),
        (
            "c-markup",
            "<b>bold</b><img src=x onerror=alert(1)>&amp;".to_owned(),
        ),
    ];
    let project = gateway.printed("project");
    for (name, description) in &hostile {
        let operation = made::call(
            &gateway,
            "ServiceAccountService/Create",
            &json!({
                "metadata": { "parentId": project, "name": name },
                "spec": { "description": description },
            }),
        );
        let account = operation["resourceId"].as_str().unwrap();
        let key = made::Key::new(&gateway, account, description, None);
        assert!(key.id.starts_with("publickey-"));
    }
    let browser = page::connected(&gateway).await;
    browser.find("#account-list li:nth-child(4)").await;
    assert_fits(&browser, "foreign-create").await;
    let longest = "return Math.max(...[...document.querySelectorAll('#account-list bdi')]
        .map((text) => [...text.textContent].length))";
    let longest = browser.run(longest).await.as_u64().unwrap();
    assert!(longest <= 201, "{longest} characters");
    page::go(&browser, "keys").await;
    browser.find("#all-keys tbody tr:nth-child(3)").await;
    assert_fits(&browser, "foreign-keys").await;
    // Characters that change the writing direction affect only their own text.
    let bare = "const bare = [];
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const text = walker.currentNode;
            if (/[\\u202e\\u2066]/.test(text.nodeValue) && !text.parentElement.closest('bdi, option')) {
                bare.push(text.nodeValue);
            }
        }
        return bare;";
    assert_eq!(browser.run(bare).await, json!([]));
    assert!(!browser.has("#page img").await);
    // The key's own page shows it in full.
    browser.click("#all-keys tbody tr:nth-child(2) th a").await;
    browser.wait_for_text("#key-page", &hostile[1].1).await;
    assert_fits(&browser, "foreign-key").await;
    let console = browser.console().await;
    assert!(console.is_empty(), "{console:?}");
}
