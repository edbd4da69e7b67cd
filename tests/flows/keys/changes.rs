//! Keys are deactivated, activated and deleted after a confirmation that states the consequences. When
//! something fails, nothing is lost, and the page shows the API's state.

use fantoccini::key::Key;
use keyside_e2e::{
    browser::Browser,
    filled::filled_gateway,
    gateway::{ADMIN_TOKEN, Gateway},
    page, tools,
    waiting::Waiting,
};
use serde_json::json;

use super::{
    at_keys,
    read::{self, Listed},
    row,
};

const DIALOG: &str = "#change-dialog";

/// Clicks a button in a key's row; returns the dialog's text.
async fn ask(browser: &Browser, what: &str, key: &str) -> String {
    browser
        .click(&format!("button[aria-label='{what} {key}']"))
        .await;
    browser.text(DIALOG).await
}

async fn confirm(browser: &Browser) {
    browser.click("#confirm").await;
    browser.wait_gone(DIALOG).await;
}

async fn press_escape(browser: &Browser) {
    let active = browser.client.active_element().await.unwrap();
    active.send_keys(&Key::Escape.to_string()).await.unwrap();
    browser.wait_gone(DIALOG).await;
}

async fn wait_for_row(browser: &Browser, key: &str, is_right: impl Fn(Option<&str>) -> bool) {
    let mut waiting = Waiting::begin();
    loop {
        let row = row(browser, key).await;
        if is_right(row.as_deref()) {
            return;
        }
        waiting.again(|| format!("{key} stays {row:?}")).await;
    }
}

/// The label of the focused element.
async fn focused(browser: &Browser) -> String {
    let label = "const at = document.activeElement; return at.ariaLabel ?? at.id ?? at.localName;";
    browser.run(label).await.as_str().unwrap().to_owned()
}

/// The active keys of an account that has several.
fn active_of(keys: &[Listed], account: &str) -> Vec<Listed> {
    let is_it = |key: &&Listed| key.account == account && key.state == "ACTIVE";
    keys.iter().filter(is_it).cloned().collect()
}

fn active() -> Option<String> {
    Some("ACTIVE".to_owned())
}

fn inactive() -> Option<String> {
    Some("INACTIVE".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_changed_after_a_confirmation_that_says_what_stops() {
    let gateway = filled_gateway(2, 30);
    let keys = read::keys(&gateway, &gateway.printed("project"));
    let browser = at_keys(&gateway).await;
    let of_account = active_of(&keys, "machine-00000");
    let key = &of_account[0];
    let id = key.id.as_str();

    let text = ask(&browser, "Deactivate", id).await;
    for part in [
        id,
        "machine-00000",
        &key.account_id,
        &key.description,
        "can't get new access tokens",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let others = format!("has {} other active keys", of_account.len() - 1);
    browser.wait_for_text("#other-keys", &others).await;
    browser.picture("keys-deactivate", 1280, false).await;
    press_escape(&browser).await;
    assert_eq!(focused(&browser).await, format!("Deactivate {id}"));
    ask(&browser, "Deactivate", id).await;
    browser.click("#cancel-change").await;
    browser.wait_gone(DIALOG).await;
    assert_eq!(focused(&browser).await, format!("Deactivate {id}"));
    assert_eq!(read::state(&gateway, id), active());
    assert!(row(&browser, id).await.unwrap().contains("active"));

    ask(&browser, "Deactivate", id).await;
    confirm(&browser).await;
    browser
        .wait_for_text("#key-said", &format!("Key {id} is inactive."))
        .await;
    wait_for_row(&browser, id, |row| {
        row.is_some_and(|row| row.contains("inactive"))
    })
    .await;
    assert_eq!(read::state(&gateway, id), inactive());

    let text = ask(&browser, "Activate", id).await;
    assert!(
        text.contains("can authenticate as the service account again"),
        "{text}"
    );
    confirm(&browser).await;
    browser
        .wait_for_text("#key-said", &format!("Key {id} is active."))
        .await;
    wait_for_row(&browser, id, |row| {
        row.is_some_and(|row| !row.contains("inactive"))
    })
    .await;
    assert_eq!(read::state(&gateway, id), active());

    deleting_offers_to_deactivate_first(&browser, &gateway, key).await;

    let other = of_account[1].id.as_str();
    ask(&browser, "Delete", other).await;
    confirm(&browser).await;
    browser
        .wait_for_text("#key-said", &format!("Key {other} was deleted."))
        .await;
    wait_for_row(&browser, other, |row| row.is_none()).await;
    assert_eq!(read::state(&gateway, other), None);
    browser.wait_for_text("#key-count", "28 keys.").await;
    // Nothing else was touched.
    let left = read::keys(&gateway, &gateway.printed("project"));
    let untouched: Vec<_> = keys
        .iter()
        .filter(|k| k.id != id && k.id != other)
        .collect();
    assert_eq!(format!("{left:?}"), format!("{untouched:?}"));
}

async fn deleting_offers_to_deactivate_first(browser: &Browser, gateway: &Gateway, key: &Listed) {
    let id = key.id.as_str();
    let text = ask(browser, "Delete", id).await;
    assert!(text.contains("can't be undone"), "{text}");
    browser.find("#other-keys").await;
    let buttons = "return [...document.querySelectorAll('#change-dialog button')].map((b) => b.id)";
    let order = json!(["confirm-deactivate", "confirm", "cancel-change"]);
    assert_eq!(browser.run(buttons).await, order);
    browser.picture("keys-delete", 1280, false).await;
    browser.click("#confirm-deactivate").await;
    browser.wait_gone(DIALOG).await;
    browser
        .wait_for_text("#key-said", &format!("Key {id} is inactive."))
        .await;
    wait_for_row(browser, id, |row| {
        row.is_some_and(|row| row.contains("inactive"))
    })
    .await;
    assert_eq!(read::state(gateway, id), inactive());

    let text = ask(browser, "Delete", id).await;
    assert!(
        text.contains("already inactive, so nothing stops working"),
        "{text}"
    );
    assert_eq!(
        browser.run(buttons).await,
        json!(["confirm", "cancel-change"])
    );
    press_escape(browser).await;
    assert_eq!(read::state(gateway, id), inactive());
    ask(browser, "Delete", id).await;
    confirm(browser).await;
    browser
        .wait_for_text("#key-said", &format!("Key {id} was deleted."))
        .await;
    wait_for_row(browser, id, |row| row.is_none()).await;
    assert_eq!(read::state(gateway, id), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_change_is_reported_in_the_dialog_and_can_be_retried() {
    let mut gateway = filled_gateway(1, 10);
    let project = gateway.printed("project");
    let account = gateway.printed("service account");
    let last = read::make_key(&gateway, &project, &account);
    let keys = read::keys(&gateway, &project);
    let of_machine = active_of(&keys, "machine-00000");
    let browser = at_keys(&gateway).await;

    // The account's last active key.
    for what in ["Deactivate", "Delete"] {
        ask(&browser, what, &last).await;
        let warning = browser.text("#last-key").await;
        assert!(warning.contains("only active key"), "{warning}");
        assert!(!browser.has("#other-keys").await);
        press_escape(&browser).await;
    }
    assert_eq!(page::keys_of(&gateway, ADMIN_TOKEN, &account), [last]);

    // Somebody else deleted it first.
    let [first, second, third] = [0, 1, 2].map(|n| of_machine[n].id.as_str());
    for gone in [first, second] {
        tools::ask(
            &gateway,
            "AuthPublicKeyService/Delete",
            &json!({ "id": gone }),
        );
    }
    ask(&browser, "Deactivate", first).await;
    confirm(&browser).await;
    let gone = format!("Key {first} no longer exists. Someone else deleted it.");
    browser.wait_for_text("#key-said", &gone).await;
    wait_for_row(&browser, first, |row| row.is_none()).await;
    browser.wait_for_text("#key-count", "10 keys.").await;
    ask(&browser, "Delete", second).await;
    confirm(&browser).await;
    browser
        .wait_for_text("#key-said", &format!("Key {second} was deleted."))
        .await;
    wait_for_row(&browser, second, |row| row.is_none()).await;

    // The API is down.
    ask(&browser, "Delete", third).await;
    browser.find("#other-keys").await;
    gateway.kill();
    for button in ["#confirm-deactivate", "#confirm", "#confirm-deactivate"] {
        browser.click(button).await;
        let problem = browser.text("#change-dialog .problem").await;
        assert!(problem.contains("didn't answer"), "{problem}");
    }
    browser.picture("keys-no-answer", 1280, false).await;
    assert!(row(&browser, third).await.unwrap().contains("active"));
    gateway.start_again();
    assert_eq!(read::state(&gateway, third), active());
    browser.click("#confirm-deactivate").await;
    browser.wait_gone(DIALOG).await;
    browser
        .wait_for_text("#key-said", &format!("Key {third} is inactive."))
        .await;
    wait_for_row(&browser, third, |row| {
        row.is_some_and(|row| row.contains("inactive"))
    })
    .await;
    assert_eq!(read::state(&gateway, third), inactive());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_focus_has_a_place_after_a_change() {
    type IsRight = fn(Option<&str>) -> bool;
    let gateway = filled_gateway(1, 10);
    let keys = read::keys(&gateway, &gateway.printed("project"));
    let browser = at_keys(&gateway).await;
    let id = &active_of(&keys, "machine-00000")[0].id;
    let steps: [(&str, IsRight, String); 3] = [
        (
            "Deactivate",
            |row| row.is_some_and(|row| row.contains("inactive")),
            format!("Activate {id}"),
        ),
        (
            "Activate",
            |row| row.is_some_and(|row| !row.contains("inactive")),
            format!("Deactivate {id}"),
        ),
        // The row is gone.
        ("Delete", |row| row.is_none(), "key-said".to_owned()),
    ];
    for (what, row_is_right, place) in steps {
        ask(&browser, what, id).await;
        confirm(&browser).await;
        wait_for_row(&browser, id, row_is_right).await;
        browser.wait_for_text("#key-said", id).await;
        assert_eq!(focused(&browser).await, place, "after {what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_stays_until_it_is_answered() {
    let mut gateway = filled_gateway(1, 10);
    let keys = read::keys(&gateway, &gateway.printed("project"));
    let browser = at_keys(&gateway).await;
    let id = &active_of(&keys, "machine-00000")[0].id;
    ask(&browser, "Deactivate", id).await;
    // After another visit the dialog is unchanged.
    browser.client.back().await.unwrap();
    browser.find("#create").await;
    browser.client.forward().await.unwrap();
    browser.find("#change-dialog:modal").await;
    // A change under way can't be canceled, so its result is shown.
    gateway.pause(true);
    browser.click("#confirm").await;
    browser.wait_for_text(DIALOG, "Waiting for the API").await;
    for _ in 0..3 {
        let active = browser.client.active_element().await.unwrap();
        active.send_keys(&Key::Escape.to_string()).await.unwrap();
        assert!(browser.has(DIALOG).await);
    }
    gateway.kill();
    browser.wait_for_text(DIALOG, "didn't answer").await;
    press_escape(&browser).await;
    gateway.start_again();
    assert_eq!(read::state(&gateway, id), active());
}
