//! Whole jobs with the keyboard alone, as a screen reader user does them: the focus is never lost, a
//! dialog keeps it and returns it, and what happens is announced.

use fantoccini::key::Key;
use keyside_e2e::{
    browser::Browser,
    filled::filled_gateway,
    keyboard::{self, assert_focus_comes_to, assert_spoken, has_focus, listen, press, press_space},
    page, tools,
};
use serde_json::json;

/// A browser on a processor that many times slower than this one.
struct Slow<'a> {
    browser: &'a Browser,
    times_slower: u32,
}

impl Slow<'_> {
    async fn set(&self, times_slower: u32) {
        let rate = json!({ "rate": times_slower });
        self.browser
            .devtools("Emulation.setCPUThrottlingRate", rate)
            .await;
    }

    /// Once the element is there, at full speed: on the way, nothing on the page changes.
    async fn tab_to(&self, css: &str) {
        self.browser.find(css).await;
        self.set(1).await;
        keyboard::tab_to(self.browser, css).await;
        self.set(self.times_slower).await;
    }
}

/// Goes to another screen, which gets the focus, sets the window's title and marks its link.
async fn go_to(slow: &Slow<'_>, screen: &str, title: &str) {
    let browser = slow.browser;
    slow.tab_to(&format!("nav a[href^='#/{screen}']")).await;
    press(browser, Key::Enter).await;
    assert_focus_comes_to(browser, "main").await;
    assert_eq!(
        browser.client.title().await.unwrap(),
        format!("{title} · Keyside")
    );
    let marked = "return [...document.querySelectorAll('[aria-current]')].map((link) =>
        `${link.hash.split('?')[0]} ${link.getAttribute('aria-current')}`).join()";
    assert_eq!(browser.run(marked).await, format!("#/{screen} page"));
}

/// The dialog that has just opened has the focus and keeps it, except from the browser's own keys.
async fn assert_question_keeps_focus(browser: &Browser) {
    assert_focus_comes_to(browser, "dialog h2").await;
    for _ in 0..8 {
        press(browser, Key::Tab).await;
        let is_inside = has_focus(browser, "dialog").await;
        let is_outside_of_page = browser
            .run("return document.activeElement === document.body")
            .await;
        assert!(is_inside || is_outside_of_page == true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_changed_and_rotated_with_the_keyboard_alone() {
    the_whole_job_keeps_the_focus(1).await;
}

/// On a slow machine the browser draws and calls observers between a change of the document and what
/// the page does next.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_machine_does_not_lose_the_focus() {
    the_whole_job_keeps_the_focus(20).await;
}

/// Does the job on a processor that many times slower than this one.
async fn the_whole_job_keeps_the_focus(times_slower: u32) {
    let gateway = filled_gateway(5, 10);
    let browser = page::connected(&gateway).await;
    listen(&browser).await;
    let slow = Slow {
        browser: &browser,
        times_slower,
    };
    keys_are_changed(&slow).await;
    assert_eq!(
        page::state_of(&gateway, "publickey-e000000000000000002").as_deref(),
        Some("INACTIVE")
    );
    assert_eq!(
        page::state_of(&gateway, "publickey-e000000000000000000"),
        None
    );
    let key_id = a_key_is_rotated(&slow).await;
    assert_eq!(
        page::state_of(&gateway, "publickey-e000000000000000003").as_deref(),
        Some("INACTIVE")
    );
    let account = "serviceaccount-e000000000000000003";
    let credentials = page::credentials_name(account, &key_id);
    browser.download(&credentials).await;
    let path = browser.download_path(&credentials);
    let listed = tools::sdk_lists_keys(&gateway.address(), &path, account).unwrap();
    assert!(listed.contains(&key_id), "{key_id} is not in {listed:?}");
}

async fn keys_are_changed(slow: &Slow<'_>) {
    let browser = slow.browser;
    go_to(slow, "keys", "Keys").await;
    assert_spoken(browser, "10 keys.").await;
    let deactivate = "button[aria-label='Deactivate publickey-e000000000000000002']";
    slow.tab_to(deactivate).await;
    press(browser, Key::Enter).await;
    assert_question_keeps_focus(browser).await;
    press(browser, Key::Escape).await;
    browser.wait_gone("dialog").await;
    assert_focus_comes_to(browser, deactivate).await;
    press_space(browser).await;
    slow.tab_to("dialog #confirm").await;
    press_space(browser).await;
    assert_spoken(browser, "Key publickey-e000000000000000002 is inactive.").await;
    browser
        .find("button[aria-label='Activate publickey-e000000000000000002']")
        .await;
    assert_focus_comes_to(browser, "#keys").await;

    // The row disappears, and its button with it.
    slow.tab_to("button[aria-label='Delete publickey-e000000000000000000']")
        .await;
    press(browser, Key::Enter).await;
    slow.tab_to("dialog #confirm").await;
    press(browser, Key::Enter).await;
    assert_spoken(browser, "Key publickey-e000000000000000000 was deleted.").await;
    assert_spoken(browser, "9 keys.").await;
    assert_focus_comes_to(browser, "#keys").await;
}

/// Returns the new key's ID.
async fn a_key_is_rotated(slow: &Slow<'_>) -> String {
    let browser = slow.browser;
    // A key of machine-00003.
    slow.tab_to("button[aria-label='Rotate publickey-e000000000000000003']")
        .await;
    press(browser, Key::Enter).await;
    assert_focus_comes_to(browser, "main").await;
    browser
        .wait_for_text("#create-form", "Rotate key publickey-e000000000000000003")
        .await;
    slow.tab_to("#create").await;
    press(browser, Key::Enter).await;
    browser.find("#result").await;
    assert_focus_comes_to(browser, "#result").await;
    assert_spoken(browser, "Uploading the public key…").await;
    assert_spoken(browser, "Verified: the API accepts the key").await;
    let key_id = browser.text("#key-id").await;

    slow.tab_to("#download-credentials").await;
    press(browser, Key::Enter).await;
    browser.find("#in-place").await;
    assert_focus_comes_to(browser, "#download-credentials").await;
    slow.tab_to("#in-place").await;
    press_space(browser).await;
    slow.tab_to("#retire").await;
    press(browser, Key::Enter).await;
    assert_question_keeps_focus(browser).await;
    slow.tab_to("dialog #confirm").await;
    press(browser, Key::Enter).await;
    assert_spoken(browser, "Key publickey-e000000000000000003 is inactive.").await;
    browser.find("#undo-retire").await;
    assert_focus_comes_to(browser, "#retire-step").await;

    slow.tab_to("#rotate-another").await;
    press(browser, Key::Enter).await;
    browser.find("#account-list").await;
    assert_focus_comes_to(browser, "main").await;
    go_to(slow, "keys", "Keys").await;
    browser.find("#unfinished").await;
    key_id
}
