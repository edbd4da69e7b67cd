//! Every flow ends with a check for stored data; this one proves that the check finds it.

use keyside_e2e::{browser::Browser, gateway::Gateway, page};

/// What is planted, where it must be found, and how it's removed.
const PLANTED: [(&str, &str, &str); 8] = [
    (
        "document.cookie = 'planted=1';",
        "cookie",
        "document.cookie = 'planted=; max-age=0';",
    ),
    (
        "localStorage.setItem('planted', 1);",
        "local storage",
        "localStorage.clear();",
    ),
    (
        "sessionStorage.setItem('planted', 1);",
        "session storage",
        "sessionStorage.clear();",
    ),
    (
        "await new Promise((resolve) => {
            const opening = indexedDB.open('planted');
            opening.onsuccess = () => { opening.result.close(); resolve(); };
        });",
        "IndexedDB",
        "await new Promise((resolve) => {
            indexedDB.deleteDatabase('planted').onsuccess = resolve;
        });",
    ),
    (
        "await caches.open('planted');",
        "cache",
        "await caches.delete('planted');",
    ),
    (
        "const folder = await navigator.storage.getDirectory();
        await folder.getFileHandle('planted', { create: true });",
        "private file",
        "const folder = await navigator.storage.getDirectory();
        await folder.removeEntry('planted');",
    ),
    (
        "history.replaceState({ planted: 1 }, '');",
        "history state",
        "history.replaceState(null, '');",
    ),
    (
        "window.name = 'planted';",
        "window name",
        "window.name = '';",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn anything_stored_is_found() {
    let gateway = Gateway::start();
    finds_what_is_stored(&page::connected(&gateway).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anything_stored_in_firefox_is_found() {
    let gateway = Gateway::start();
    finds_what_is_stored(&page::connected_in_firefox(&gateway).await).await;
}

async fn finds_what_is_stored(browser: &Browser) {
    assert_eq!(browser.stored().await, Vec::<String>::new());
    for (plant, place, remove) in PLANTED {
        browser.run_until_done(&format!("{plant} done();")).await;
        let found = browser.stored().await;
        assert_eq!(found.len(), 1, "{place}: {found:?}");
        assert!(found[0].starts_with(place), "{place}: {found:?}");
        browser.run_until_done(&format!("{remove} done();")).await;
        assert_eq!(browser.stored().await, Vec::<String>::new(), "{place}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_or_a_violation_on_the_console_is_found() {
    let gateway = Gateway::start();
    finds_what_is_on_the_console(&page::connected(&gateway).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_or_a_violation_on_the_console_of_firefox_is_found() {
    let gateway = Gateway::start();
    finds_what_is_on_the_console(&page::connected_in_firefox(&gateway).await).await;
}

async fn finds_what_is_on_the_console(browser: &Browser) {
    assert_eq!(browser.wrong_at_end().unwrap(), Vec::<String>::new());
    for line in [
        "console.log('-----BEGIN PRIVATE KEY-----')",
        "console.log('in\\nmany lines\\n-----BEGIN PRIVATE KEY-----')",
        "console.debug('eyJhbGciOiJSUzI1NiJ9')",
        "new Image().src = 'http://127.0.0.1:9/'",
    ] {
        browser.run(line).await;
        // The browser writes its own messages a moment later.
        let mut found = Vec::new();
        for _ in 0..50 {
            found = browser.wrong_at_end().unwrap();
            if !found.is_empty() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(found.len(), 1, "{line}: {found:?}");
    }
}
