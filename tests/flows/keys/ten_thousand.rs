//! Ten thousand keys: the first are shown after one page, and all are searched, filtered and sorted
//! as curl reads them.

use keyside_e2e::{browser::Browser, filled::filled_gateway, gateway::Gateway};
use serde_json::{Value, json};

use super::{
    ROWS, all_parts, assert_same, at_keys, choose, ids,
    read::{self, Listed},
    sort_by_head, wait_for_count,
};

/// How many pages of the list the gateway has served.
fn pages_read(gateway: &Gateway) -> usize {
    let log = gateway.output();
    let log = String::from_utf8_lossy(&log);
    log.matches("AuthPublicKeyService/List\" code=").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_keys_are_searched_filtered_and_sorted_as_the_api_has_them() {
    let gateway = filled_gateway(2_000, 9_999);
    let project = gateway.printed("project");
    // The only key whose description doesn't contain its service account's name.
    let apart = read::make_key(&gateway, &project, &gateway.printed("service account"));
    let keys = read::keys(&gateway, &project);
    assert_eq!(keys.len(), 10_000);
    let before = pages_read(&gateway);
    let browser = at_keys(&gateway).await;

    // One page is read until a row of the next comes near.
    browser
        .wait_for_text("#key-count", "200 keys loaded so far; there are more")
        .await;
    assert!(!browser.has("#stop-keys").await);
    for _ in 0..3 {
        assert_eq!(pages_read(&gateway) - before, 1);
        browser.click("#next-keys").await;
    }
    browser
        .wait_for_text("#key-count", "400 keys loaded so far; there are more")
        .await;
    assert_eq!(pages_read(&gateway) - before, 2);
    assert_eq!(part(&browser).await, json!(ids(&keys[150..200])));

    reading_stops_and_continues(&browser, &gateway, &keys, before).await;

    for filter in ["active", "expired", "soon", "never", "all"] {
        choose(&browser, "#key-filter", filter).await;
        let expected = read::filtered(&keys, filter);
        wait_for_count(&browser, expected.len(), keys.len()).await;
        assert_same(&all_parts(&browser).await, &expected, filter);
    }
    // Each page was read once.
    assert_eq!(pages_read(&gateway) - before, 10_000 / 200);
    every_order_is_right(&browser, &keys).await;
    the_heads_sort_both_ways(&browser, &keys).await;
    searches_find(&browser, &keys, &apart).await;
    browser.picture("keys-of-ten-thousand", 1280, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn typing_and_sorting_stay_quick_with_ten_thousand_keys() {
    let gateway = filled_gateway(2_000, 10_000);
    let browser = at_keys(&gateway).await;
    // The search reads all of them.
    browser.fill("#key-search", "no such key").await;
    wait_for_count(&browser, 0, 10_000).await;
    clear_search(&browser).await;
    wait_for_count(&browser, 10_000, 10_000).await;
    the_page_stays_quick(&browser).await;
}

/// The IDs of the keys in the part of the list that is shown.
async fn part(browser: &Browser) -> Value {
    browser
        .run_until_done(&format!("{ROWS} done(ids());"))
        .await
}

async fn reading_stops_and_continues(
    browser: &Browser,
    gateway: &Gateway,
    keys: &[Listed],
    before: usize,
) {
    let stop = "const filter = at('#key-filter');
        filter.value = 'inactive';
        filter.dispatchEvent(new Event('change', { bubbles: true }));
        while (!at('#stop-keys')) await turn();
        at('#stop-keys').click();
        while (!at('#more-keys')) await turn();
        done(at('#more-keys').textContent);";
    let offered = browser.run_until_done(&format!("{ROWS} {stop}")).await;
    assert_eq!(offered, "Load the rest");
    // A page already requested may still arrive; without the stop, ten more would have.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let pages = pages_read(gateway) - before;
    assert!(pages < 10, "{pages} pages, and it was stopped");
    let read = pages * 200;
    let seen = browser.text("#key-count").await;
    assert!(
        seen.contains(&format!("of the {} loaded so far", thousands(read))),
        "{seen}"
    );
    let inactive = read::filtered(&keys[..read], "inactive");
    assert_same(&all_parts(browser).await, &inactive, "of what was read");
    browser.click("#more-keys").await;
    let inactive = read::filtered(keys, "inactive");
    wait_for_count(browser, inactive.len(), keys.len()).await;
    assert!(!browser.has("#more-keys").await && !browser.has("#stop-keys").await);
    choose(browser, "#key-filter", "all").await;
    choose(browser, "#key-filter", "inactive").await;
    assert_same(&all_parts(browser).await, &inactive, "inactive");
}

fn thousands(n: usize) -> String {
    match (n / 1000, n % 1000) {
        (0, n) => format!("{n} keys"),
        (k, n) => format!("{k},{n:03} keys"),
    }
}

async fn every_order_is_right(browser: &Browser, keys: &[Listed]) {
    choose(browser, "#key-order", "expires").await;
    let sorted = read::sorted(keys, "expires");
    assert_same(&all_parts(browser).await, &sorted, "all by their end");
    // The first part of every order, and all parts of some.
    let some: Vec<_> = keys
        .iter()
        .filter(|key| key.account.starts_with("machine-000"))
        .cloned()
        .collect();
    for order in ["expires-last", "newest", "oldest", "state", "account", ""] {
        choose(browser, "#key-order", order).await;
        let first = part(browser).await;
        assert_eq!(first, json!(read::sorted(keys, order)[..50]), "{order}");
        browser.fill("#key-search", "machine-000").await;
        wait_for_count(browser, some.len(), keys.len()).await;
        let sorted = read::sorted(&some, order);
        assert_same(&all_parts(browser).await, &sorted, order);
        clear_search(browser).await;
        wait_for_count(browser, keys.len(), keys.len()).await;
    }
}

/// Clears the search with the keyboard, as a person does.
async fn clear_search(browser: &Browser) {
    let field = browser.find("#key-search").await;
    field
        .send_keys(&format!("{}", fantoccini::key::Key::Escape))
        .await
        .unwrap();
}

async fn the_heads_sort_both_ways(browser: &Browser, keys: &[Listed]) {
    for (head, order, sort) in [
        ("Service account", "account", "ascending"),
        ("Expires", "expires", "ascending"),
        ("Expires", "expires-last", "descending"),
    ] {
        sort_by_head(browser, head).await;
        let sorted = "done([ids(), [...document.querySelectorAll('[aria-sort]')]
            .map((th) => th.ariaSort).filter((sort) => sort !== 'none')]);";
        let seen = browser.run_until_done(&format!("{ROWS} {sorted}")).await;
        let expected = &read::sorted(keys, order)[..50];
        assert_eq!(seen, json!([expected, [sort]]), "{head}");
    }
    // The headings set the order last, so another one has to be chosen first.
    choose(browser, "#key-order", "state").await;
    choose(browser, "#key-order", "").await;
}

async fn searches_find(browser: &Browser, keys: &[Listed], apart: &str) {
    let some = &keys[4_321];
    let is_described = |key: &&Listed| key.description.contains("key 123");
    let described: Vec<_> = keys.iter().filter(is_described).cloned().collect();
    assert_eq!(described.len(), 11);
    let of_account = |key: &&Listed| key.account_id == some.account_id;
    let of_account: Vec<_> = keys.iter().filter(of_account).cloned().collect();
    assert_eq!(of_account.len(), 5);
    let fingerprint = some.fingerprint.to_lowercase();
    for (search, expected) in [
        (some.id.as_str(), vec![some.id.clone()]),
        (" KEY 123 ", ids(&described)),
        (some.account.as_str(), ids(&of_account)),
        (some.account_id.as_str(), ids(&of_account)),
        ("First-Service", vec![apart.to_owned()]),
        (&fingerprint, vec![some.id.clone()]),
        ("no such key", vec![]),
    ] {
        browser.fill("#key-search", search).await;
        wait_for_count(browser, expected.len(), keys.len()).await;
        if !expected.is_empty() {
            assert_same(&all_parts(browser).await, &expected, search);
        }
    }
    // Search, filter and order together.
    browser.fill("#key-search", "of machine-0000").await;
    choose(browser, "#key-filter", "soon").await;
    choose(browser, "#key-order", "newest").await;
    let first_ten = |key: &&Listed| key.description.contains("of machine-0000");
    let first_ten: Vec<_> = keys.iter().filter(first_ten).cloned().collect();
    let soon = read::filtered(&first_ten, "soon");
    let newest = read::sorted(&first_ten, "newest");
    let expected: Vec<_> = newest.into_iter().filter(|id| soon.contains(id)).collect();
    assert!(expected.len() > 1, "{expected:?}");
    wait_for_count(browser, expected.len(), keys.len()).await;
    assert_same(&all_parts(browser).await, &expected, "all three");
    choose(browser, "#key-filter", "all").await;
    choose(browser, "#key-order", "").await;
}

/// Types and sorts in several rounds; a busy machine slows down some of them, but not most.
async fn the_page_stays_quick(browser: &Browser) {
    const LONGEST_MS: f64 = 100.0;
    let rounds = "
        const set = (css, value, kind) => {
            at(css).value = value;
            at(css).dispatchEvent(new Event(kind, { bubbles: true }));
        };
        const rounds = [];
        for (let round = 0; round < 6; round++) {
            const tasks = [];
            const observer = new PerformanceObserver((list) =>
                tasks.push(...list.getEntries().map((entry) => entry.duration)));
            observer.observe({ type: 'longtask' });
            for (const text of ['m', 'ma', 'machine-0', 'machine-01', '']) {
                set('#key-search', text, 'input');
                await turn();
            }
            for (const order of ['account', 'expires', 'newest', '']) {
                set('#key-order', order, 'change');
                await turn();
            }
            await new Promise((go) => setTimeout(go, 300));
            observer.disconnect();
            rounds.push(tasks);
        }
        done(rounds);";
    let rounds = browser.run_until_done(&format!("{ROWS} {rounds}")).await;
    let rounds: Vec<Vec<f64>> = serde_json::from_value(rounds).unwrap();
    eprintln!("tasks of 50 ms and more: {rounds:?}");
    let is_quick = |tasks: &&Vec<f64>| tasks.iter().all(|ms| *ms < LONGEST_MS);
    let quick = rounds.iter().filter(is_quick).count();
    assert!(quick >= 3, "tasks of so many ms: {rounds:?}");
}
