//! The screen of a project's keys: ten thousand of them are at hand soon, and are found, sorted and
//! told as the API has them.

mod changes;
mod read;
mod screens;

use fantoccini::Locator;
use keyside_e2e::{
    browser::{Browser, PATIENCE},
    filled::filled_gateway,
    gateway::Gateway,
    page, tools,
};
use serde_json::{Value, json};

use self::read::Listed;

/// JavaScript for what is in the table.
const ROWS: &str = "
    const at = (css) => document.querySelector(css);
    const turn = () => new Promise((go) => setTimeout(go));
    const ids = () => [...document.querySelectorAll('#all-keys tbody th code:first-child')]
        .filter((code) => code.parentElement.localName === 'th').map((code) => code.textContent);";

/// A browser at the keys of the gateway's only project.
async fn at_keys(gateway: &Gateway) -> Browser {
    let browser = page::connected(gateway).await;
    browser.click("nav a[href='#keys']").await;
    browser.find("#all-keys tbody tr").await;
    browser
}

async fn choose(browser: &Browser, css: &str, value: &str) {
    let select = browser.find(css).await;
    select.select_by_value(value).await.unwrap();
}

/// Waits until the page says that so many of all keys are found.
async fn wait_for_count(browser: &Browser, found: usize, all: usize) {
    let expected = if found == all {
        format!("{all} keys.")
    } else {
        format!("{found} of {all} keys.")
    };
    let give_up = std::time::Instant::now() + PATIENCE;
    loop {
        let told = browser.text("#key-count").await;
        if told.replace(',', "").starts_with(&expected) {
            return;
        }
        assert!(std::time::Instant::now() < give_up, "{expected} {told}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// The ids in all parts of the list, from the part that is seen to the last; no part has more
/// than 50 rows.
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

/// How many pages of the list the gateway has given out.
fn pages_read(gateway: &Gateway) -> usize {
    let log = gateway.output();
    let log = String::from_utf8_lossy(&log);
    log.matches("AuthPublicKeyService/List\" code=").count()
}

fn ids(keys: &[Listed]) -> Vec<String> {
    keys.iter().map(|key| key.id.clone()).collect()
}

fn assert_same(seen: &[String], expected: &[String], what: &str) {
    let differs = seen.iter().zip(expected).position(|(a, b)| a != b);
    assert_eq!(differs, None, "{what}: the first place where they differ");
    assert_eq!(seen.len(), expected.len(), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_keys_are_searched_filtered_and_sorted_as_the_api_has_them() {
    let gateway = filled_gateway(2_000, 9_999);
    let project = gateway.printed("project");
    // The only key whose service account's name is not in its description as well.
    let apart = read::make_key(&gateway, &project, &gateway.printed("service account"));
    let keys = read::keys(&gateway, &project);
    assert_eq!(keys.len(), 10_000);
    let before = pages_read(&gateway);
    let browser = at_keys(&gateway).await;

    // One page, until a row of the next is near.
    browser
        .wait_for_text("#key-count", "200 keys read so far; there are more")
        .await;
    assert!(!browser.has("#stop-keys").await);
    for _ in 0..3 {
        assert_eq!(pages_read(&gateway) - before, 1);
        browser.click("#next-keys").await;
    }
    browser
        .wait_for_text("#key-count", "400 keys read so far; there are more")
        .await;
    assert_eq!(pages_read(&gateway) - before, 2);
    let part = browser
        .run_until_done(&format!("{ROWS} done(ids());"))
        .await;
    assert_eq!(part, json!(ids(&keys[150..200])));

    reading_is_stopped_and_goes_on(&browser, &gateway, &keys, before).await;

    for filter in ["active", "expired", "soon", "never", "all"] {
        choose(&browser, "#key-filter", filter).await;
        let expected = read::filtered(&keys, filter);
        wait_for_count(&browser, expected.len(), keys.len()).await;
        assert_same(&all_parts(&browser).await, &expected, filter);
    }
    // Each page was read once.
    assert_eq!(pages_read(&gateway) - before, 10_000 / 200);
    for order in [
        "expires",
        "expires-last",
        "newest",
        "oldest",
        "state",
        "account",
        "",
    ] {
        choose(&browser, "#key-order", order).await;
        assert_same(
            &all_parts(&browser).await,
            &read::sorted(&keys, order),
            order,
        );
    }
    the_heads_sort_both_ways(&browser, &keys).await;
    searches_find(&browser, &keys, &apart).await;
    the_page_stays_quick(&browser).await;
    browser.picture("keys-of-ten-thousand", 1280, false).await;
}

async fn reading_is_stopped_and_goes_on(
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
    assert_eq!(offered, "Read the rest");
    // The page that was on its way may still come; ten more would have by then.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let pages = pages_read(gateway) - before;
    assert!(pages < 10, "{pages} pages, and it was stopped");
    let read = pages * 200;
    let told = browser.text("#key-count").await;
    assert!(
        told.contains(&format!("of the {} read so far", thousands(read))),
        "{told}"
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

async fn the_heads_sort_both_ways(browser: &Browser, keys: &[Listed]) {
    for (head, order, sort) in [
        ("Service account", "account", "ascending"),
        ("Expires", "expires", "ascending"),
        ("Expires", "expires-last", "descending"),
    ] {
        sort_by_head(browser, head).await;
        let sorted = "done([ids(), [...document.querySelectorAll('[aria-sort]')]
            .map((th) => th.ariaSort).filter((sort) => sort !== 'none')]);";
        let told = browser.run_until_done(&format!("{ROWS} {sorted}")).await;
        let expected = &read::sorted(keys, order)[..50];
        assert_eq!(told, json!([expected, [sort]]), "{head}");
    }
    // Chosen by the heads last, so that another one has to be chosen first.
    choose(browser, "#key-order", "state").await;
    choose(browser, "#key-order", "").await;
}

async fn sort_by_head(browser: &Browser, head: &str) {
    let xpath = format!("//th/button[contains(., '{head}')]");
    let button = browser.client.find(Locator::XPath(&xpath)).await.unwrap();
    button.click().await.unwrap();
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
    // All three at once.
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

/// Rounds of typing and sorting; a busy machine makes some of them slow, but not most.
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

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_soon_or_never_stands_out_and_times_are_local_and_utc() {
    const ZONE: &str = "Asia/Kathmandu";
    let gateway = filled_gateway(3, 40);
    let keys = read::keys(&gateway, &gateway.printed("project"));
    let browser = page::connected(&gateway).await;
    let zone = json!({ "timezoneId": ZONE });
    browser
        .devtools("Emulation.setTimezoneOverride", zone)
        .await;
    let british = json!({ "locale": "en-GB" });
    browser
        .devtools("Emulation.setLocaleOverride", british)
        .await;
    browser.click("nav a[href='#keys']").await;
    browser.wait_for_text("#key-count", "40 keys.").await;
    browser.wait_for_text("#all-keys", "machine-00002").await;
    let table = "return [...document.querySelectorAll('#all-keys tbody tr')].map((row) =>
        Object.fromEntries([['Key', row.cells[0]], ...[...row.cells].map((cell) =>
            [cell.dataset.label ?? 'Change', cell])].map(([label, cell]) => [label, {
                text: cell.innerText, local: cell.querySelector('.local')?.textContent,
                utc: cell.querySelector('.utc')?.textContent,
                warning: cell.querySelector('.badge.warn')?.textContent }])));";
    let rows = browser.run(table).await;
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 40);
    let day = |moments: &[&str]| -> Vec<i64> {
        let seconds = tools::dates(moments, "UTC", "%s");
        seconds.iter().map(|s| s.parse::<i64>().unwrap()).collect()
    };
    let now_s = day(&["now"])[0];
    let mut seen = std::collections::BTreeSet::new();
    for (key, row) in keys.iter().zip(rows) {
        let part = |cell: &str, part: &str| row[cell][part].as_str().unwrap_or("").to_owned();
        assert!(part("Key", "text").starts_with(&key.id), "{row}");
        assert!(part("Key", "text").contains(&key.description), "{row}");
        assert!(
            part("Service account", "text").contains(&key.account),
            "{row}"
        );
        assert_eq!(part("State", "text"), key.state.to_lowercase());
        seen.insert(key.state.clone());
        let moments = [Some(&key.created), key.expires.as_ref()];
        for (cell, moment) in ["Created", "Expires"].into_iter().zip(moments) {
            let Some(moment) = moment else {
                assert_eq!(part(cell, "utc"), "", "{row}");
                continue;
            };
            let utc = format!("{}Z", moment);
            let expected = tools::dates(&[&utc], "UTC", "%F %H:%M UTC").remove(0);
            assert_eq!(part(cell, "utc"), expected);
            // The months' short names differ between tools.
            let local = tools::dates(&[&utc], ZONE, "%-d |%Y, %H:%M").remove(0);
            let (day, rest) = local.split_once('|').unwrap();
            let told = part(cell, "local");
            assert!(
                told.starts_with(day) && told.ends_with(rest),
                "{told}: {local}"
            );
        }
        let left_s = key
            .expires
            .as_ref()
            .map(|at| day(&[&format!("{at}Z")])[0] - now_s);
        let warning = match left_s {
            None => "never expires".to_owned(),
            Some(..=0) => "has expired".to_owned(),
            Some(86_400..172_800) => "expires in 1 day".to_owned(),
            Some(s @ ..86_400) if s > 0 => "expires within a day".to_owned(),
            Some(s @ ..2_592_000) => format!("expires in {} days", s / 86_400),
            Some(_) => String::new(),
        };
        assert_eq!(part("Expires", "warning"), warning, "{row}");
        seen.insert(warning);
    }
    assert!(seen.len() >= 3 + 4, "all kinds are there: {seen:?}");
    browser.picture("keys", 1280, false).await;
    browser.picture("keys-narrow", 360, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_begins_at_its_first_part_and_the_chosen_order_is_shown() {
    let gateway = filled_gateway(4, 1_200);
    let keys = read::keys(&gateway, &gateway.printed("project"));
    let browser = at_keys(&gateway).await;
    for _ in 0..4 {
        browser.click("#next-keys").await;
    }
    browser
        .wait_for_text("#key-count", "201 to 250 are shown")
        .await;
    browser.fill("#key-search", "machine-0000").await;
    browser
        .wait_for_text("#key-count", "1,200 of 1,200 keys. 1 to 50 are shown.")
        .await;
    assert_same(&all_parts(&browser).await, &ids(&keys), "from the first");
    // Also once a person chose one by hand.
    choose(&browser, "#key-order", "oldest").await;
    for (head, order) in [
        ("Expires", "expires"),
        ("Expires", "expires-last"),
        ("State", "state"),
        // The other way round is not on offer.
        ("State", ""),
    ] {
        sort_by_head(&browser, head).await;
        let shown = "return document.querySelector('#key-order').value";
        assert_eq!(browser.run(shown).await, order, "{head}");
    }
}

/// What the table tells of a key; nothing when it has no such row.
async fn row(browser: &Browser, id: &str) -> Option<String> {
    let row = format!(
        "return [...document.querySelectorAll('#all-keys tbody tr')]
            .find((row) => row.cells[0].innerText.startsWith({id:?}))?.innerText ?? null;"
    );
    let text: Value = browser.run(&row).await;
    text.as_str().map(str::to_owned)
}
