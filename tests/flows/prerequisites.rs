//! What a key needs to work is checked before anything fails: the admin's groups and the service
//! account's.

use keyside_e2e::{
    browser::{Browser, Options},
    gateway::{ADMIN_TOKEN, Gateway},
    page, tools,
    upstream::{TOKEN, Upstream},
};
use serde_json::{Value, json};

const CREATE: &str = "AuthPublicKeyService/Create";

fn group_id(gateway: &Gateway, name: &str) -> String {
    let request = json!({ "parentId": gateway.printed("tenant"), "name": name });
    let group = tools::ask(gateway, "GroupService/GetByName", &request);
    group["metadata"]["id"].as_str().unwrap().to_owned()
}

/// The memberships of a group: each membership's ID and its member.
fn members(gateway: &Gateway, group: &str) -> Vec<(String, String)> {
    let request = json!({ "parentId": group_id(gateway, group) });
    let answer = tools::ask(gateway, "GroupMembershipService/ListMembers", &request);
    let memberships = answer["memberships"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    memberships
        .iter()
        .map(|one| (text(&one["metadata"]["id"]), text(&one["spec"]["memberId"])))
        .collect()
}

fn entry(gateway: &Gateway, group: &str, member: &str) -> Value {
    json!({ "metadata": { "parentId": group_id(gateway, group) }, "spec": { "memberId": member } })
}

/// The admin's ID in the tenant.
fn admin_id(gateway: &Gateway) -> String {
    let profile = tools::ask(gateway, "ProfileService/Get", &json!({}));
    let id = &profile["userProfile"]["tenants"][0]["tenantUserAccountId"];
    id.as_str().unwrap().to_owned()
}

fn logged(gateway: &Gateway, part: &str) -> bool {
    String::from_utf8_lossy(&gateway.output()).contains(part)
}

async fn reload_and_connect(browser: &Browser, token: &str) {
    browser.client.refresh().await.unwrap();
    browser.fill("#token", token).await;
    browser.click("#connect-button").await;
    browser.find("#who").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sees_before_the_upload_whether_it_will_be_refused() {
    let mut gateway = Gateway::start();
    let account = gateway.printed("service account");
    let browser = page::connected(&gateway).await;
    browser
        .wait_for_text("#rights", "You're in the admins group of this tenant")
        .await;
    assert!(!browser.has("#rights .wrong").await);

    let me = admin_id(&gateway);
    let viewers = entry(&gateway, "viewers", &me);
    tools::ask(&gateway, "GroupMembershipService/Create", &viewers);
    let admins = members(&gateway, "admins");
    let [(membership, member)] = admins.as_slice() else {
        panic!("{admins:?}")
    };
    assert_eq!(member, &me);
    tools::ask(
        &gateway,
        "GroupMembershipService/Delete",
        &json!({ "id": membership }),
    );

    reload_and_connect(&browser, ADMIN_TOKEN).await;
    let text = browser.text("#rights .wrong").await;
    for part in [
        "Your groups in this tenant: viewers.",
        "You're not in the admins group",
        "ask a tenant admin",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    browser.picture("rights-missing", 1280, false).await;
    assert!(!logged(&gateway, CREATE), "before any upload");
    page::choose_first_account(&browser).await;
    page::generate(&browser).await;
    browser.click("#upload").await;
    let problem = page::problem(&browser, "#create-form").await;
    assert!(problem.contains("PERMISSION_DENIED"), "{problem}");
    assert!(problem.contains("Your key pair is still here"), "{problem}");
    assert_eq!(page::keys_of(&gateway, ADMIN_TOKEN, &account), [""; 0]);

    // The next start adds the token's owner to the group again; the pair is still there.
    gateway.kill();
    gateway.start_again();
    let key = page::upload(&browser).await;
    assert_eq!(page::keys_of(&gateway, ADMIN_TOKEN, &account), [key]);
    browser.client.refresh().await.unwrap();
    browser.client.accept_alert().await.ok();
    browser.fill("#token", ADMIN_TOKEN).await;
    browser.click("#connect-button").await;
    browser
        .wait_for_text("#rights", "You're in the admins group")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_in_no_group_is_reported_and_added_to_one_once() {
    let gateway = Gateway::start();
    let account = gateway.printed("service account");
    let browser = page::connected(&gateway).await;
    page::choose_first_account(&browser).await;
    browser
        .wait_for_text(
            "#groups",
            "isn't in any group, so its keys don't give any access yet",
        )
        .await;
    browser.find("#group option[value^=group]").await;
    let options = "return [...document.querySelectorAll('#group option')].map((o) => o.text)";
    let offered = json!(["Choose a group", "auditors", "viewers", "editors", "admins"]);
    assert_eq!(browser.run(options).await, offered);
    let join = browser.find("#join-group").await;
    assert!(!join.is_enabled().await.unwrap(), "nothing is chosen");
    browser.picture("account-in-no-group", 1280, false).await;

    // The membership is created, but the answer never reaches the page.
    let deaf = "const real = window.fetch; let deaf = true;
        window.fetch = async (...call) => { const answer = await real(...call);
            const url = call[0].url ?? call[0];
            if (deaf && url.includes('GroupMembershipService/Create')) {
                deaf = false; throw new TypeError('lost'); }
            return answer; };";
    browser.run(deaf).await;
    let group = browser.find("#group").await;
    group
        .select_by_value(&group_id(&gateway, "viewers"))
        .await
        .unwrap();
    let clicks = "const button = document.getElementById('join-group');
        for (let i = 0; i < 5; i++) button.click();";
    browser.run(clicks).await;
    let problem = browser.text("#groups .problem").await;
    assert!(problem.contains("didn't answer"), "{problem}");
    let made = members(&gateway, "viewers");
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!(made[0].1, account);
    // Another order would be refused.
    let again = entry(&gateway, "viewers", &account);
    let path = "nebius.iam.v1.GroupMembershipService/Create";
    let (_, refused) = tools::curl(&gateway.address(), path, Some(ADMIN_TOKEN), &again);
    assert_eq!(refused["code"], "already_exists");

    browser.click("#join-group").await;
    let text = browser.wait_for_text("#groups", "Groups:").await;
    assert_eq!(text, "Groups: viewers");
    assert!(!browser.has("#group").await && !browser.has("#groups .problem").await);
    assert_eq!(members(&gateway, "viewers"), made);
    for other in ["auditors", "editors"] {
        assert_eq!(members(&gateway, other), []);
    }
    // Another account has its own groups.
    let other = json!({ "metadata": { "parentId": gateway.printed("project"), "name": "other" } });
    tools::ask(&gateway, "ServiceAccountService/Create", &other);
    page::go(&browser, "keys").await;
    page::go(&browser, "create").await;
    browser.find("#account-list li:nth-child(2)").await;
    browser.click("#choose-none").await;
    browser.click("#account-list li:nth-child(2) input").await;
    browser.wait_for_text("#groups", "isn't in any group").await;
    page::choose_first_account(&browser).await;
    browser.wait_for_text("#groups", "Groups: viewers").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_shows_no_groups_gets_a_quiet_hint_and_the_main_job_works() {
    let upstream = Upstream::start();
    let gateway = Gateway::before(upstream.port);
    let browser = Browser::start(Options::default()).await;
    browser
        .open(&format!("{}#token={TOKEN}", gateway.url()))
        .await;
    browser
        .wait_for_text("#rights", "You're in the admins group")
        .await;
    page::choose_first_account(&browser).await;
    // No more calls come from this page, which would use up the failures.
    browser.wait_for_text("#groups", "roup").await;
    for (round, code) in ["UNIMPLEMENTED", "PERMISSION_DENIED"]
        .into_iter()
        .enumerate()
    {
        for method in ["GroupMembershipService/ListMemberOf", "GroupService/List"] {
            upstream.fail(method, code, 2);
        }
        reload_and_connect(&browser, TOKEN).await;
        let hint = "You can't see the groups with this token.";
        let text = browser.wait_for_text("#rights", hint).await;
        assert!(text.contains(code), "{text}");
        page::choose_first_account(&browser).await;
        let text = browser.wait_for_text("#groups", hint).await;
        assert!(text.contains(code), "{text}");
        browser
            .picture(&format!("groups-{code}"), 1280, false)
            .await;
        for loud in [".problem", "[role=alert]", ".wrong", "#group"] {
            assert!(!browser.has(loud).await, "{code}: {loud}");
        }
        page::generate(&browser).await;
        assert_eq!(
            page::upload(&browser).await,
            format!("publickey-u00n{round}")
        );
        page::verified(&browser).await;
        browser.click("#download-credentials").await;
        browser
            .wait_for_text("#uploaded", "You saved the private key")
            .await;
        assert!(!browser.asks_before_leaving().await);
    }
}
