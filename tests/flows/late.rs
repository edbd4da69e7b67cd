//! Answers that come late: the page has gone on to something else by then, and tells nothing wrong of
//! it.

use keyside_e2e::{
    browser::Browser,
    filled::filled_gateway,
    gateway::{ADMIN_TOKEN, Gateway},
    made, page,
};

/// Holds back the next call of the method `window.held`, if `window.of` is in its body, until
/// `window.release()`, which ends once the page has had the answer.
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

/// Chooses the n-th service account of the list, from 1.
async fn choose(browser: &Browser, n: usize) {
    browser
        .click(&format!("#account-list li:nth-child({n}) button"))
        .await;
    browser.find("#chosen-account").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_one_account_are_not_shown_as_anothers() {
    let gateway = Gateway::start();
    let first = gateway.printed("service account");
    let key = made::Key::new(&gateway, &first, "of the first", None);
    made::account(&gateway, "z-second");
    let browser = page::connected_with(&gateway, HOLD).await;
    hold(&browser, "AuthPublicKeyService/ListByAccount", &first).await;
    choose(&browser, 1).await;
    is_held(&browser).await;
    browser.click("#change-account").await;
    choose(&browser, 2).await;
    browser.wait_for_text("#keys", "z-second").await;
    browser.wait_gone("#keys [role=status]").await;
    let before = browser.text("#keys").await;
    release(&browser).await;
    assert_eq!(browser.text("#keys").await, before);
    // Control: it is there for the first.
    browser.click("#change-account").await;
    choose(&browser, 1).await;
    browser.wait_for_text("#keys", &key.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_that_was_asked_for_last_is_the_one_to_be_rotated() {
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
    browser.wait_for_text("#old-key", &id(3)).await;
    release(&browser).await;
    assert_eq!(browser.text("#old-key").await, id(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_of_one_key_is_not_told_of_the_next() {
    let gateway = Gateway::start();
    let browser = page::connected_with(&gateway, HOLD).await;
    page::choose_first_account(&browser).await;
    page::generate(&browser).await;
    page::upload(&browser).await;
    let mut known = Vec::new();
    browser.click("#download-credentials").await;
    browser.new_download(&mut known).await;
    hold(&browser, "TokenExchangeService/Exchange", "").await;
    browser.click("#verify").await;
    is_held(&browser).await;
    browser.click("#generate-again").await;
    page::upload(&browser).await;
    browser.find("#verify:enabled").await;
    release(&browser).await;
    assert_eq!(browser.text("#verify-result").await, "");
    page::verify(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_account_does_not_take_the_place_of_one_that_was_chosen_meanwhile() {
    let gateway = Gateway::start();
    let first = gateway.printed("service account");
    let browser = page::connected_with(&gateway, HOLD).await;
    hold(&browser, "ServiceAccountService/Create", "").await;
    browser.click("details:has(#create-account) summary").await;
    browser.fill("#new-account-name", "z-new").await;
    browser.click("#create-account").await;
    is_held(&browser).await;
    page::choose_first_account(&browser).await;
    release(&browser).await;
    browser.wait_for_text("#chosen-account", &first).await;
    browser.click("#change-account").await;
    browser.wait_for_text("#account-list", "z-new").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_that_was_given_last_is_the_one_that_counts() {
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
