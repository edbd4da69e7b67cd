//! Files are matched to their authorized key by the public half, anywhere in the tenant, also if the
//! file is encrypted.

use keyside_e2e::{
    browser::Browser,
    filled::{add_project, fill},
    gateway::Gateway,
    page, tools,
};
use serde_json::json;

use super::{Way, bring, credentials, forms::Pair, make_account, show, upload};

/// Enough pages of the list that a search through them can be stopped.
const KEYS: usize = 6_000;
const OTHER_PROJECT: &str = "project-e00other";

/// JavaScript: stops the search as soon as it has compared some keys.
const STOP_EARLY: &str = "
    const looked = () => Number(/([\\d,]+) keys? so far/.exec(
        document.getElementById('lookup-result')?.textContent)?.[1].replace(',', ''));
    const observer = new MutationObserver(() => {
        if (!(looked() >= 400)) return;
        observer.disconnect();
        document.getElementById('stop-lookup').click();
        done(looked());
    });
    observer.observe(document.getElementById('page'),
        { subtree: true, childList: true, characterData: true });
    document.getElementById('look-everywhere').click();";

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_is_matched_to_its_authorized_key_anywhere_in_the_tenant() {
    let mut gateway = Gateway::start();
    let (project, account) = (
        gateway.printed("project"),
        gateway.printed("service account"),
    );
    fill(&mut gateway, 10, KEYS);
    add_project(&mut gateway, OTHER_PROJECT);
    let (near, far) = (Pair::make(), Pair::make());
    let near_id = upload(&gateway, &project, &account, &near.public);
    let other_account = make_account(&gateway, OTHER_PROJECT, "elsewhere");
    let far_id = upload(&gateway, OTHER_PROJECT, &other_account, &far.public);

    let browser = page::connected(&gateway).await;
    show(&browser).await;
    bring(&browser, "public.pem", near.public.as_bytes(), Way::Dropped).await;
    browser
        .wait_for_text("#lookup", "Choose a project to look for it")
        .await;
    browser
        .click(&format!("#project option[value='{project}']"))
        .await;
    let credentials = credentials(&near.private, &near_id, &account).to_string();
    for (name, file) in [
        ("private.pem", &near.private),
        ("credentials.json", &credentials),
        ("public.pem", &near.public),
    ] {
        bring(&browser, name, file.as_bytes(), Way::Dropped).await;
        matches(&browser, [&near_id, "active", &account, &project]).await;
    }
    browser.picture("file-matched", 1280, false).await;
    rotate_and_view_lead_to_the_key(&browser, &near_id).await;
    // Changes made there show here.
    browser.wait_for_text("#match-state", "inactive").await;
    matches(&browser, [&near_id, "inactive", &account, &project]).await;

    tools::ask(
        &gateway,
        "AuthPublicKeyService/Delete",
        &json!({ "id": near_id }),
    );
    let private = near.private.as_bytes();
    bring(&browser, "deleted.pem", private, Way::Dropped).await;
    browser
        .wait_for_text("#lookup-result", "No match: none of the 6,000 keys")
        .await;
    browser.find("#bring").await;
    let looked_at = browser.run_until_done(STOP_EARLY).await;
    let stopped =
        format!("Search stopped. None of the {looked_at} keys checked in the tenant's projects");
    browser.wait_for_text("#lookup-result", &stopped).await;
    browser.click("#look-again").await;
    browser
        .wait_for_text("#lookup-result", "No match: none of the 6,001 keys")
        .await;
    // The account's keys are compared first, and counted once.
    let machine = "serviceaccount-e000000000000000000";
    let file = super::credentials(&near.private, &near_id, machine).to_string();
    bring(&browser, "machine.json", file.as_bytes(), Way::Dropped).await;
    browser
        .wait_for_text("#lookup-result", "No match: none of the 6,000 keys")
        .await;

    // An encrypted file; its key is in the tenant's other project.
    for way in [&["-v2", "aes-256-cbc"][..], &["-scrypt"]] {
        let locked = far.locked(way, "the right passphrase");
        bring(&browser, "locked.pem", &locked, Way::Dropped).await;
        assert!(!browser.has("#lookup").await, "nothing is known yet");
        browser.fill("#open-passphrase", "a wrong passphrase").await;
        browser.click("#open-file").await;
        browser
            .wait_for_text("#report .problem", "doesn't open this file")
            .await;
        browser
            .fill("#open-passphrase", "the right passphrase")
            .await;
        browser.click("#open-file").await;
        browser.wait_for_text("#lookup-result", "No match:").await;
        browser.click("#look-everywhere").await;
        let found = [&far_id, "active", &other_account, OTHER_PROJECT];
        matches(&browser, found).await;
    }
    browser.picture("file-matched-elsewhere", 1280, false).await;
    // A credentials file names its account, whose keys are compared first.
    let file = super::credentials(&far.private, &far_id, &other_account).to_string();
    bring(&browser, "far.json", file.as_bytes(), Way::Dropped).await;
    matches(&browser, [&far_id, "active", &other_account, OTHER_PROJECT]).await;
    // The list shows the key's own project.
    browser.click("#view-match").await;
    browser.wait_for_text("#key-page", &far_id).await;
    browser.click("#back-to-keys").await;
    let its_button = format!("#all-keys [aria-label='Delete {far_id}']");
    browser.find(&its_button).await;
    let project = "return document.getElementById('project').value";
    assert_eq!(browser.run(project).await, json!(OTHER_PROJECT));
    show(&browser).await;
    matches(&browser, [&far_id, "active", &other_account, OTHER_PROJECT]).await;
}

/// Checks the matching key's ID, state, account and project.
async fn matches(browser: &Browser, [key, state, account, project]: [&str; 4]) {
    browser.wait_for_text("#match-key", key).await;
    let status = browser.text("#match-state").await;
    assert!(status.starts_with(state), "{status}");
    assert_eq!(browser.text("#match-account").await, account);
    let all = browser.text("#lookup-result").await;
    assert!(all.contains(project), "{all}");
}

/// *Rotate key* and *View key* lead to the screens of its life.
async fn rotate_and_view_lead_to_the_key(browser: &Browser, key_id: &str) {
    browser.click("#rotate-match").await;
    browser
        .wait_for_text("#create-form-heading", &format!("Rotate key {key_id}"))
        .await;
    show(browser).await;
    browser.click("#view-match").await;
    browser.click("#deactivate-key").await;
    browser.click("#confirm").await;
    browser
        .wait_for_text("#key-message", &format!("Key {key_id} is inactive"))
        .await;
    show(browser).await;
}
