//! The calendar file with a key's expiration, read by a Python iCalendar parser.

use std::path::Path;

use keyside_e2e::{gateway::Gateway, made, page, tools};
use serde_json::{Value, json};

/// What the parser finds in the file.
fn parsed(file: &Path) -> Value {
    let output = tools::python("calendar_file.py")
        .arg(file)
        .output()
        .expect("Python starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_expiration_of_a_new_key_and_of_a_listed_one_go_into_a_calendar() {
    let gateway = Gateway::start();
    // A name that would break a file that isn't escaped.
    let name = "shop; staging, \u{e4}\u{1F511}";
    let account = made::account(&gateway, name);
    let browser = page::connected(&gateway).await;
    // Chosen by an address, after the list was read.
    browser.wait_for_text("#account-list", name).await;
    browser
        .open(&format!(
            "{}#/create?project={}&account={account}",
            gateway.url(),
            gateway.printed("project")
        ))
        .await;
    browser.find("#account-list input:checked").await;
    let id = page::create(&browser).await;
    browser.click("#add-to-calendar").await;
    let file = format!("{id}-expires.ics");
    browser.download(&file).await;
    let expires = made::read(&gateway, &id)["spec"]["expiresAt"].clone();
    let expected = json!({
        "uid": format!("{id}.expiration@keyside"),
        "start": expires,
        "summary": format!("Authorized key {id} of {name} expires"),
        "alarm_days": -14,
        "errors": [],
    });
    assert_eq!(parsed(&browser.download_path(&file)), expected);
    std::fs::remove_file(browser.download_path(&file)).unwrap();

    browser.click("#view-key").await;
    browser.wait_for_text("#page-key-id", &id).await;
    browser.click("#add-to-calendar").await;
    browser.download(&file).await;
    assert_eq!(parsed(&browser.download_path(&file)), expected);

    // A key that never expires has nothing to remind of.
    let never = made::Key::new(&gateway, &account, "no end", None);
    browser
        .open(&format!("{}#/keys/{}", gateway.url(), never.id))
        .await;
    browser.wait_for_text("#page-key-id", &never.id).await;
    assert!(!browser.has("#add-to-calendar").await);
}
