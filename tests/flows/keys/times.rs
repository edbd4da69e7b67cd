//! Each key's row shows its state, local time and UTC, and marks keys that expire soon or never.

use keyside_e2e::{filled::filled_gateway, page, tools};
use serde_json::json;

use super::read;

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
    page::go(&browser, "keys").await;
    browser.wait_for_text("#key-count", "40 keys.").await;
    browser.wait_for_text("#all-keys", "machine-00002").await;
    let table = "return [...document.querySelectorAll('#all-keys tbody tr')].map((row) =>
        Object.fromEntries([['Key', row.cells[0]], ...[...row.cells].map((cell) =>
            [cell.dataset.label ?? 'Actions', cell])].map(([label, cell]) => [label, {
                text: cell.innerText, local: cell.querySelector('.local')?.textContent,
                utc: cell.querySelector('.utc')?.textContent,
                warning: cell.querySelector('.badge')?.textContent }])));";
    let rows = browser.run(table).await;
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 40);
    let seconds = |moment: &str| -> i64 {
        let seconds = tools::dates(&[moment], "UTC", "%s");
        seconds[0].parse().unwrap()
    };
    let now_s = seconds("now");
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
            let utc = format!("{moment}Z");
            let expected = tools::dates(&[&utc], "UTC", "%F %H:%M UTC").remove(0);
            assert_eq!(part(cell, "utc"), expected);
            // Abbreviated month names differ between tools.
            let local = tools::dates(&[&utc], ZONE, "%-d |%Y, %H:%M").remove(0);
            let (day, rest) = local.split_once('|').unwrap();
            let text = part(cell, "local");
            assert!(
                text.starts_with(day) && text.ends_with(rest),
                "{text}: {local}"
            );
        }
        let left_s = key
            .expires
            .as_ref()
            .map(|at| seconds(&format!("{at}Z")) - now_s);
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
