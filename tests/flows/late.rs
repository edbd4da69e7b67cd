//! Late answers: the page has moved on by then, and shows nothing wrong about its current subject.

use keyside_e2e::{
    browser::Browser,
    filled::filled_gateway,
    gateway::{ADMIN_TOKEN, Gateway},
    made, page, tools,
};
use serde_json::json;

/// Holds back the next call of the method `window.held` with `window.of` in its body, until
/// `window.release()`, which resolves once the page has the answer.
const HOLD: &str = "const real = window.fetch;
    window.fetch = async (request, ...more) => {
        const isHeld = window.held && request.url?.endsWith(window.held)
            && (await request.clone().text()).includes(window.of ?? '');
        if (!isHeld) return real(request, ...more);
        window.held = undefined;
        const answer = await real(request, ...more);
        await new Promise((resolve) => {
            window.release = async () => {
                resolve();
                await new Promise((later) => setTimeout(later, 500));
            };
        });
        return answer;
    };";

async fn hold(browser: &Browser, method: &str, of: &str) {
    let script =
        format!("window.release = undefined; window.held = '{method}'; window.of = '{of}'");
    browser.run(&script).await;
}

/// Waits until the call is held back.
async fn is_held(browser: &Browser) {
    let look = "const look = () => window.release ? done() : setTimeout(look, 10); look();";
    browser.run_until_done(look).await;
}

async fn release(browser: &Browser) {
    browser.run_until_done("window.release().then(done)").await;
}

/// Chooses only the n-th service account of the list, counted from 1.
async fn choose(browser: &Browser, n: usize) {
    browser.click("#choose-none").await;
    browser
        .click(&format!("#account-list li:nth-child({n}) input"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_of_one_account_are_not_shown_as_anothers() {
    let gateway = Gateway::start();
    let first = gateway.printed("service account");
    made::account(&gateway, "z-second");
    let groups = json!({ "parentId": gateway.printed("tenant"), "name": "viewers" });
    let viewers = made::call(&gateway, "GroupService/GetByName", &groups);
    let membership = json!({
        "metadata": { "parentId": viewers["metadata"]["id"] },
        "spec": { "memberId": first },
    });
    made::call(&gateway, "GroupMembershipService/Create", &membership);
    let browser = page::connected_with(&gateway, HOLD).await;
    browser.find("#account-list li:nth-child(2)").await;
    hold(&browser, "GroupMembershipService/ListMemberOf", &first).await;
    browser.click("#account-list li:nth-child(1) input").await;
    is_held(&browser).await;
    choose(&browser, 2).await;
    browser.wait_for_text("#groups", "isn't in any group").await;
    browser.find("#join-group").await;
    let before = browser.text("#groups").await;
    release(&browser).await;
    assert_eq!(browser.text("#groups").await, before);
    // Control: the first account's groups are shown.
    choose(&browser, 1).await;
    browser.wait_for_text("#groups", "Groups: viewers").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_requested_last_is_the_one_that_is_rotated() {
    let gateway = filled_gateway(3, 8);
    let browser = page::connected_with(&gateway, HOLD).await;
    let id = |number: usize| format!("publickey-e00{number:016}");
    let of = format!("serviceaccount-e00{:016}", 2);
    hold(&browser, "AuthPublicKeyService/ListByAccount", &of).await;
    for number in [5, 3] {
        page::go(&browser, "keys").await;
        browser.fill("#key-search", &id(number)).await;
        browser
            .click(&format!("button[aria-label='Rotate {}']", id(number)))
            .await;
        is_held(&browser).await;
    }
    let title = format!("Rotate key {}", id(3));
    browser.wait_for_text("#create-form-heading", &title).await;
    browser.find("#target").await;
    release(&browser).await;
    assert_eq!(browser.text("#create-form-heading").await, title);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_refreshed_while_it_loads_has_each_key_once() {
    let gateway = filled_gateway(1, 3);
    let browser = page::connected_with(&gateway, HOLD).await;
    hold(&browser, "AuthPublicKeyService/List", "").await;
    page::go(&browser, "keys").await;
    is_held(&browser).await;
    browser.click("#refresh-keys").await;
    browser.find("#all-keys tbody tr:nth-child(3)").await;
    release(&browser).await;
    assert!(!browser.has("#all-keys tbody tr:nth-child(4)").await);
    assert_eq!(browser.text("#key-count").await, "3 keys.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_settles_after_a_click_does_not_lead_back_to_the_list() {
    const HOLD_TIMER: &str = "const real = window.setTimeout;
        window.setTimeout = (work, ms, ...more) =>
            ms === 400 ? (window.settle = work, 0) : real(work, ms, ...more);";
    let gateway = filled_gateway(1, 2);
    let browser = page::connected_with(&gateway, HOLD_TIMER).await;
    let id = format!("publickey-e00{:016}", 1);
    page::go(&browser, "keys").await;
    browser.fill("#key-search", &id).await;
    browser.wait_for_text("#key-count", "1 of 2 keys").await;
    // At once, before the page is rendered again.
    let rotate = format!("document.querySelector(\"button[aria-label='Rotate {id}']\").click()");
    browser.run(&format!("{rotate}; window.settle()")).await;
    let title = format!("Rotate key {id}");
    browser.wait_for_text("#create-form-heading", &title).await;
    let address = "return location.hash";
    let hash = browser.run(address).await;
    assert!(hash.as_str().unwrap().contains("replaces="), "{hash}");
    // Control: back on the list, the search gets into the address.
    page::go(&browser, "keys").await;
    browser.wait_for_text("#key-count", "1 of 2 keys").await;
    browser.run("window.settle()").await;
    let hash = browser.run(address).await;
    assert!(
        hash.as_str().unwrap().contains(&format!("q={id}")),
        "{hash}"
    );
}

/// Adds a public key to Inspect and starts its upload.
async fn bring(browser: &Browser, folder: &std::path::Path, name: &str, public: &[u8]) {
    let path = folder.join(name);
    std::fs::write(&path, public).unwrap();
    page::choose_file(browser, &path).await;
    browser.wait_for_text("#report-heading", name).await;
    browser.click("#bring").await;
    browser.find("#upload:enabled").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_one_file_is_not_reported_for_the_next() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let folder = tempfile::tempdir().unwrap();
    let public = || tools::openssl(&["rsa", "-pubout"], &tools::rsa_4096());
    let browser = page::connected_with(&gateway, HOLD).await;
    page::go(&browser, "inspect").await;
    bring(&browser, folder.path(), "first.pem", &public()).await;
    hold(&browser, "AuthPublicKeyService/Create", "").await;
    browser.click("#upload").await;
    is_held(&browser).await;
    bring(&browser, folder.path(), "second.pem", &public()).await;
    release(&browser).await;
    browser.find("#upload:enabled").await;
    assert!(!browser.has("#uploaded").await);
    let first = page::keys_of(&gateway, ADMIN_TOKEN, &account);
    assert_eq!(first.len(), 1, "it arrived");
    let second = page::upload(&browser).await;
    assert!(!first.contains(&second));
    assert_eq!(page::keys_of(&gateway, ADMIN_TOKEN, &account).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_self_test_of_one_file_is_not_reported_for_the_next() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let folder = tempfile::tempdir().unwrap();
    let [(first, _), (second, second_id)] = ["first.json", "second.json"].map(|name| {
        let key = made::Key::new(&gateway, &account, name, None);
        let path = folder.path().join(name);
        key.write_credentials(&path);
        (path, key.id)
    });
    let browser = page::connected_with(&gateway, HOLD).await;
    page::go(&browser, "inspect").await;
    page::choose_file(&browser, &first).await;
    browser.wait_for_text("#report-heading", "first.json").await;
    hold(&browser, "TokenExchangeService/Exchange", "").await;
    browser.click("#prove-file").await;
    is_held(&browser).await;
    page::choose_file(&browser, &second).await;
    browser
        .wait_for_text("#report-heading", "second.json")
        .await;
    browser.find("#prove-file:enabled").await;
    release(&browser).await;
    assert_eq!(browser.text("#proof").await, "");
    browser.click("#prove-file").await;
    browser.wait_for_text("#proof", &second_id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_answered_late_is_reported_for_its_own_key_on_any_screen() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let browser = page::connected_with(&gateway, HOLD).await;
    let fingerprint = page::generate(&browser).await;
    hold(&browser, "AuthPublicKeyService/Create", "").await;
    browser.click("#upload").await;
    is_held(&browser).await;
    // Other screens are visited meanwhile; the work continues.
    page::go(&browser, "keys").await;
    browser.find("#key-count").await;
    page::go(&browser, "create").await;
    browser
        .wait_for_text("#create-status", "Uploading the public key")
        .await;
    assert!(browser.has("#forget:disabled").await);
    page::go(&browser, "inspect").await;
    release(&browser).await;
    page::go(&browser, "create").await;
    page::verified(&browser).await;
    let key_id = browser.text("#key-id").await;
    assert_eq!(browser.text("#fingerprint").await, fingerprint);
    assert_eq!(page::keys_of(&gateway, ADMIN_TOKEN, &account), [key_id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_account_does_not_replace_one_chosen_meanwhile() {
    let gateway = Gateway::start();
    let first = gateway.printed("service account");
    let browser = page::connected_with(&gateway, HOLD).await;
    hold(&browser, "ServiceAccountService/Create", "").await;
    page::unfold(&browser, "#new-account").await;
    browser.click(&format!("#choose-{first}")).await;
    browser.fill("#new-account-name", "z-new").await;
    browser.click("#create-account").await;
    is_held(&browser).await;
    browser.click(&format!("#choose-{first}")).await;
    release(&browser).await;
    browser.wait_for_text("#account-list", "z-new").await;
    browser.find(&format!("#choose-{first}:checked")).await;
    let chosen = "return document.querySelectorAll('#account-list :checked').length";
    assert_eq!(browser.run(chosen).await, json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_entered_last_is_the_one_that_counts() {
    let gateway = Gateway::start();
    let browser = page::connected_with(&gateway, HOLD).await;
    hold(&browser, "ProfileService/Get", "").await;
    browser.run("location.hash = 'token=nobody'").await;
    is_held(&browser).await;
    browser
        .run(&format!("location.hash = 'token={ADMIN_TOKEN}'"))
        .await;
    browser.wait_for_text("#who", "Local admin").await;
    release(&browser).await;
    assert!(browser.has("#who").await);
}
