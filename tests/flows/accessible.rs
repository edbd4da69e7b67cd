//! Everybody can use the page: each state of each screen, in each look, passes axe-core's rules,
//! also on narrow screens, zoomed in, and with the keyboard alone.

mod by_keys;
mod file;
mod keys;
mod many;
mod rotate;

use keyside_e2e::{
    accessible::{
        Rules, assert_accessible, assert_fits, assert_keyboard_reaches_all, axe_faults,
        keyboard_fault, too_wide,
    },
    browser::{Browser, Look, Options},
    gateway::{ADMIN_TOKEN, Gateway},
    keyboard::{has_focus, listen, spoken},
    page, tools,
};
use serde_json::json;

async fn is_for_everybody(browser: &Browser, state: &str) {
    for width in [1280, 320] {
        let light = Look {
            width,
            ..Look::default()
        };
        let dark = Look {
            dark: true,
            less_motion: true,
            ..light
        };
        let forced = Look {
            forced_colours: true,
            ..light
        };
        let forced_dark = Look {
            dark: true,
            ..forced
        };
        // axe-core can't check contrast where the system's colours are shown.
        for (name, look, rules) in [
            ("light", light, Some(Rules::All)),
            ("dark", dark, Some(Rules::Colours)),
            ("forced", forced, None),
            ("forced-dark", forced_dark, None),
        ] {
            browser.look(look).await;
            let state = format!("accessible-{state}-{width}-{name}");
            if let Some(rules) = rules {
                assert_accessible(browser, &state, rules).await;
            }
            browser.picture_in_current_look(&state).await;
        }
    }
    assert_fits(browser, &format!("accessible-{state}")).await;
    assert_keyboard_reaches_all(browser, state).await;
}

/// Like [`is_for_everybody`], for a state that differs little from one already checked: each width
/// uses other colours.
async fn is_for_everybody_too(browser: &Browser, state: &str) {
    let wide = Look::default();
    let narrow = Look {
        width: 320,
        dark: true,
        ..wide
    };
    for (name, look) in [("320-dark", narrow), ("1280-light", wide)] {
        browser.look(look).await;
        let state = format!("accessible-{state}-{name}");
        assert_accessible(browser, &state, Rules::All).await;
        assert_eq!(too_wide(browser).await, "", "{state}");
        browser.picture_in_current_look(&state).await;
    }
    browser.usual_look().await;
    assert_keyboard_reaches_all(browser, state).await;
}

/// Key workers that never answer, once `window.stuck` is set.
const STUCK_WORKERS: &str = "const real = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (...message) {
        if (!window.stuck) real.apply(this, message);
    };";

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_connect() {
    let gateway = Gateway::start();
    let browser = Browser::start(Options::default()).await;
    browser.open(&gateway.url()).await;
    browser.find("#token").await;
    is_for_everybody(&browser, "1-start").await;
    browser.fill("#token", "not-the-token").await;
    browser.click("#connect-button").await;
    browser.find("#connect .problem").await;
    is_for_everybody(&browser, "2-wrong-token").await;
    take_from_admins(&gateway);
    browser.fill("#token", ADMIN_TOKEN).await;
    browser.click("#connect-button").await;
    browser
        .wait_for_text("#rights .wrong", "ask a tenant admin")
        .await;
    is_for_everybody(&browser, "2-no-admin").await;
}

/// Removes all members from the admins group.
fn take_from_admins(gateway: &Gateway) {
    let call = |method: &str, request| {
        let method = format!("nebius.iam.v1.{method}");
        let address = gateway.address();
        let (status, answer) = tools::curl(&address, &method, Some(ADMIN_TOKEN), &request);
        assert_eq!(status, 200, "{answer}");
        answer
    };
    let admins = json!({ "parentId": gateway.printed("tenant"), "name": "admins" });
    let group = call("GroupService/GetByName", admins)["metadata"]["id"].clone();
    let members = json!({ "parentId": group });
    let members = call("GroupMembershipService/ListMembers", members);
    for member in members["memberships"].as_array().unwrap() {
        let member = json!({ "id": member["metadata"]["id"] });
        call("GroupMembershipService/Delete", member);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_generate_a_pair() {
    let gateway = Gateway::start();
    let browser = page::connected_with(&gateway, STUCK_WORKERS).await;
    browser.find("#account-list input:checked").await;
    browser.find("#join-group").await;
    is_for_everybody(&browser, "3-signed-in").await;
    browser.click("#group option:nth-child(2)").await;
    browser.click("#join-group").await;
    browser.wait_for_text("#groups", "Groups: auditors").await;
    is_for_everybody_too(&browser, "4-in-a-group").await;
    browser.run("window.stuck = true").await;
    browser.click("#create").await;
    browser.find("#generate-progress").await;
    is_for_everybody(&browser, "5-generating").await;
    browser.run("window.stuck = false").await;
    browser.click("#cancel-generate").await;
    page::generate(&browser).await;
    is_for_everybody(&browser, "6-review").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_upload_and_configure() {
    let mut gateway = Gateway::start();
    let browser = page::ready_to_upload(&gateway).await;
    gateway.kill();
    browser.click("#upload").await;
    browser.find("#create-form .problem").await;
    is_for_everybody(&browser, "8-failed-upload").await;
    gateway.start_again();
    page::upload(&browser).await;
    page::verified(&browser).await;
    is_for_everybody(&browser, "9-created").await;
    browser.click("#create-another").await;
    browser.find("#confirm-dialog").await;
    is_for_everybody(&browser, "10-question").await;
    browser.click("#cancel").await;
    browser.click("#download-credentials").await;
    browser
        .wait_for_text("#uploaded", "You saved the private key")
        .await;
    browser
        .click("#configure-step button[aria-label='Copy: CLI, list the profiles']")
        .await;
    browser.wait_for_text("#configure-step", "Copied.").await;
    page::unfold(&browser, "#more-formats").await;
    page::unfold(&browser, "#other-ways").await;
    browser.click("#passphrase-option summary").await;
    browser.fill("#passphrase", "one").await;
    browser.fill("#passphrase-again", "another").await;
    browser.wait_for_text("#passphrase-hint", "differ").await;
    browser.find("#choose-folder").await;
    is_for_everybody(&browser, "11-configured").await;
    for tool in ["kubernetes", "terraform", "python", "go", "skypilot", "ci"] {
        browser
            .click(&format!("#tool option[value='{tool}']"))
            .await;
        // The only one of them with alternatives.
        if tool == "terraform" {
            page::unfold(&browser, "#other-ways").await;
        }
        is_for_everybody_too(&browser, &format!("11-configured-{tool}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accessibility_faults_are_found() {
    let gateway = Gateway::start();
    let browser = page::connected(&gateway).await;
    browser.find("#account-list input:checked").await;
    assert_eq!(axe_faults(&browser, Rules::All).await.0, "");
    for (plant, rule) in [
        (
            "document.querySelector('#create').textContent = ''",
            "button-name (critical) #create",
        ),
        (
            "document.querySelector('h1').style.color = 'rgb(128 128 128 / 50%)'",
            "color-contrast (serious) h1",
        ),
    ] {
        browser.run(plant).await;
        let found = axe_faults(&browser, Rules::All).await.0;
        assert!(found.contains(rule), "{rule}: {found}");
    }
    let colours = axe_faults(&browser, Rules::Colours).await.0;
    assert!(
        colours.starts_with("color-contrast (serious) h1"),
        "{colours}"
    );
    assert_eq!(keyboard_fault(&browser).await, None);
    for (plant, remove, fault) in [
        (
            "document.querySelector('#create').style.outline = 'none'",
            "document.querySelector('#create').style.outline = ''",
            "no outline",
        ),
        (
            "document.querySelector('#create').tabIndex = 1",
            "document.querySelector('#create').removeAttribute('tabindex')",
            "not reached",
        ),
        (
            "document.querySelector('#disconnect').onkeydown = (event) => event.preventDefault()",
            "document.querySelector('#disconnect').onkeydown = null",
            "the focus is held",
        ),
    ] {
        browser.run(plant).await;
        let found = keyboard_fault(&browser).await.expect(fault);
        assert!(found.starts_with(fault), "{found}");
        browser.run(remove).await;
        assert_eq!(keyboard_fault(&browser).await, None, "{fault}");
    }
    // A lost focus is found too, and text outside a live region does not count as spoken.
    browser
        .run("document.querySelector('#create').focus()")
        .await;
    assert!(has_focus(&browser, "#create-form").await);
    listen(&browser).await;
    browser
        .run(
            "document.querySelector('h1').append('not a region');
            document.querySelector('#rights').append('a region');",
        )
        .await;
    browser.run("document.activeElement.blur()").await;
    assert!(!has_focus(&browser, "#create-form").await);
    let spoken = spoken(&browser).await.concat();
    assert!(
        spoken.contains("a region") && !spoken.contains("not a"),
        "{spoken}"
    );
    assert_eq!(too_wide(&browser).await, "");
    browser
        .run("document.querySelector('h1').style.minWidth = '2000px'")
        .await;
    let wide = too_wide(&browser).await;
    assert!(wide.contains("h1"), "{wide}");
}
