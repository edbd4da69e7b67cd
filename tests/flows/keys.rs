//! The Keys screen: the list matches the API, and changes do what was confirmed.

mod changes;
mod read;
mod screens;
mod ten_thousand;
mod times;

use fantoccini::Locator;
use keyside_e2e::{
    browser::Browser, filled::filled_gateway, gateway::Gateway, page, waiting::Waiting,
};
use serde_json::Value;

use self::read::Listed;

/// JavaScript helpers that read the table.
const ROWS: &str = "
    const at = (css) => document.querySelector(css);
    const turn = () => new Promise((go) => setTimeout(go));
    const ids = () => [...document.querySelectorAll('#all-keys tbody th > a > code')]
        .map((code) => code.textContent);";

/// A browser on the Keys screen of the gateway's only project.
async fn at_keys(gateway: &Gateway) -> Browser {
    let browser = page::connected(gateway).await;
    page::go(&browser, "keys").await;
    browser.find("#all-keys tbody tr").await;
    browser
}

async fn choose(browser: &Browser, css: &str, value: &str) {
    let select = browser.find(css).await;
    select.select_by_value(value).await.unwrap();
}

/// Waits until the page shows this number of keys found.
async fn wait_for_count(browser: &Browser, found: usize, all: usize) {
    let expected = if found == all {
        format!("{all} keys.")
    } else {
        format!("{found} of {all} keys.")
    };
    let mut waiting = Waiting::begin();
    loop {
        let count = browser.text("#key-count").await;
        if count.replace(',', "").starts_with(&expected) {
            return;
        }
        waiting.again(|| format!("{expected} {count}")).await;
    }
}

/// The IDs in all parts of the list, from the visible part to the last; no part has more than 50
/// rows.
async fn all_parts(browser: &Browser) -> Vec<String> {
    let walk = "const all = []; let most = 0;
        for (;;) {
            const now = ids();
            most = Math.max(most, document.querySelectorAll('#all-keys tbody tr').length);
            all.push(...now);
            const next = at('#next-keys');
            if (!next || next.disabled) break;
            next.click();
            while (ids()[0] === now[0]) await turn();
        }
        done({ all, most });";
    let seen = browser.run_until_done(&format!("{ROWS} {walk}")).await;
    let most = seen["most"].as_u64();
    assert!(most.is_some_and(|most| most <= 50), "{most:?} rows: {seen}");
    serde_json::from_value(seen["all"].clone()).unwrap()
}

fn ids(keys: &[Listed]) -> Vec<String> {
    keys.iter().map(|key| key.id.clone()).collect()
}

fn assert_same(seen: &[String], expected: &[String], what: &str) {
    let differs = seen.iter().zip(expected).position(|(a, b)| a != b);
    assert_eq!(differs, None, "{what}: the first place where they differ");
    assert_eq!(seen.len(), expected.len(), "{what}");
}

async fn sort_by_head(browser: &Browser, head: &str) {
    let xpath = format!("//th/button[contains(., '{head}')]");
    let button = browser.client.find(Locator::XPath(&xpath)).await.unwrap();
    button.click().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_starts_at_its_first_part_and_the_chosen_order_is_shown() {
    let gateway = filled_gateway(4, 1_200);
    let keys = read::keys(&gateway, &gateway.printed("project"));
    let browser = at_keys(&gateway).await;
    for _ in 0..4 {
        browser.click("#next-keys").await;
    }
    browser
        .wait_for_text("#key-count", "Showing 201 to 250.")
        .await;
    browser.fill("#key-search", "machine-0000").await;
    browser
        .wait_for_text("#key-count", "1,200 of 1,200 keys. Showing 1 to 50.")
        .await;
    assert_same(&all_parts(&browser).await, &ids(&keys), "from the first");
    // Also after an order was chosen in the list.
    choose(&browser, "#key-order", "oldest").await;
    for (head, order) in [
        ("Expires", "expires"),
        ("Expires", "expires-last"),
        ("State", "state"),
        // The reverse order isn't offered.
        ("State", ""),
    ] {
        sort_by_head(&browser, head).await;
        let shown = "return document.querySelector('#key-order').value";
        assert_eq!(browser.run(shown).await, order, "{head}");
    }
}

/// The text of a key's row, if the table has one.
async fn row(browser: &Browser, id: &str) -> Option<String> {
    let row = format!(
        "return [...document.querySelectorAll('#all-keys tbody tr')]
            .find((row) => row.cells[0].innerText.startsWith({id:?}))?.innerText ?? null;"
    );
    let text: Value = browser.run(&row).await;
    text.as_str().map(str::to_owned)
}
