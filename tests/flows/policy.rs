//! The gateway's policy on the page: what it denies can't be clicked, and the page says why.

use std::{fs, path::PathBuf};

use keyside_e2e::{
    browser::Browser,
    gateway::{ADMIN_TOKEN, Gateway, More},
    page, setting, tools,
    upstream::{TOKEN, Upstream},
};
use serde_json::json;
use tempfile::TempDir;

/// A gateway with a policy in a folder.
struct Governed {
    gateway: Gateway,
    folder: TempDir,
    changes: usize,
}

impl Governed {
    fn start(policy: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("policy.toml"), policy).unwrap();
        let more = More {
            arguments: vec![
                "--policy".to_owned(),
                folder.path().join("policy.toml").display().to_string(),
            ],
            ..More::default()
        };
        Self {
            gateway: Gateway::with(setting("KEYSIDE_DIST"), more),
            folder,
            changes: 0,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("policy.toml")
    }

    /// Changes the policy and waits until it's in use.
    async fn change(&mut self, policy: &str) {
        fs::write(self.path(), policy).unwrap();
        self.changes += 1;
        let wanted = self.changes;
        let mut waiting = keyside_e2e::waiting::Waiting::begin();
        loop {
            let log = self.gateway.output();
            let log = String::from_utf8_lossy(&log);
            if log.matches("a new policy is in use").count() >= wanted {
                return;
            }
            waiting
                .again(|| "the new policy isn't in use".to_owned())
                .await;
        }
    }
}

fn may(actions: &str) -> String {
    format!("[[allow]]\npeople = [\"*\"]\nmay = [{actions}]\n")
}

/// Signs in again, which reads the policy again.
async fn sign_in_again(browser: &Browser) {
    browser.click("#disconnect").await;
    page::reconnect(browser).await;
}

async fn is_disabled(browser: &Browser, css: &str) -> bool {
    !browser.find(css).await.is_enabled().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_policy_denies_is_disabled_with_the_reason() {
    let rules = "[keys]\nmax-lifetime = \"45d\"\ndescription = \"^OPS-[0-9]+\"\nmax-active = 1\n";
    let mut governed = Governed::start(&(may("\"read\", \"create\"") + rules));
    let browser = page::connected(&governed.gateway).await;
    page::choose_first_account(&browser).await;
    let reason = browser.text("#denial").await;
    assert!(reason.contains("matches ^OPS-[0-9]+"), "{reason}");
    assert!(is_disabled(&browser, "#create").await);
    browser.picture("policy-description", 1280, false).await;
    browser.fill("#key-description", "OPS-7: web shop").await;
    browser.wait_gone("#denial").await;
    // The longest lifetime that the policy allows is chosen already.
    let shown = browser.text("#key-lifetime").await;
    assert!(
        shown.contains("45 days") && !shown.contains("90 days"),
        "{shown}"
    );
    let id = page::create(&browser).await;

    // One active key is the most.
    browser.click("#create-another").await;
    browser.click("#confirm").await;
    page::choose_first_account(&browser).await;
    browser.fill("#key-description", "OPS-8").await;
    browser
        .wait_for_text("#denial", "allows 1 active keys")
        .await;
    assert!(is_disabled(&browser, "#create").await);

    // In the list, on the key's page, and for a whole new account.
    page::go(&browser, "keys").await;
    for action in ["Deactivate", "Delete"] {
        let button = format!("button[aria-label='{action} {id}']");
        assert!(is_disabled(&browser, &button).await, "{action}");
        let title = browser.find(&button).await.attr("title").await.unwrap();
        let title = title.unwrap().to_lowercase();
        assert!(title.contains(&action.to_lowercase()), "{title}");
    }
    let rotate = format!("button[aria-label='Rotate {id}']");
    assert!(!is_disabled(&browser, &rotate).await);
    browser.picture("policy-keys", 1280, false).await;
    browser.click(&format!("#all-keys a[href*='{id}']")).await;
    assert!(is_disabled(&browser, "#deactivate-key").await);
    assert!(is_disabled(&browser, "#delete-key").await);
    browser.wait_for_text(".denial", "doesn't let you").await;
    browser.picture("policy-key", 320, true).await;

    // The gateway says the same to who goes around the page.
    let method = "nebius.iam.v1.AuthPublicKeyService/Delete";
    let address = governed.gateway.address();
    let (status, answer) = tools::curl(&address, method, Some(ADMIN_TOKEN), &json!({ "id": id }));
    assert_eq!(status, 403, "{answer}");
    assert!(
        answer["message"].as_str().unwrap().contains("policy"),
        "{answer}"
    );

    // The new policy holds at once, also for a page that doesn't know it yet.
    governed.change(&may("\"read\"")).await;
    page::go(&browser, "create").await;
    sign_in_again(&browser).await;
    browser
        .wait_for_text("#denial", "doesn't let you create a key for")
        .await;
    // Where a file's key is found, too.
    let method = "nebius.iam.v1.AuthPublicKeyService/Get";
    let (_, key) = tools::curl(&address, method, Some(ADMIN_TOKEN), &json!({ "id": id }));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("public.pem");
    fs::write(&file, key["spec"]["data"].as_str().unwrap()).unwrap();
    page::go(&browser, "inspect").await;
    page::choose_file(&browser, &file).await;
    browser.wait_for_text("#match-key", &id).await;
    browser
        .wait_for_text("#lookup .denial", "doesn't let you")
        .await;
    assert!(!browser.has("#rotate-match").await);
    page::go(&browser, "create").await;
    governed
        .change(&may("\"read\", \"create\", \"deactivate\", \"delete\""))
        .await;
    sign_in_again(&browser).await;
    browser.wait_gone("#denial").await;
    page::go(&browser, "keys").await;
    let delete = format!("button[aria-label='Delete {id}']");
    browser.click(&delete).await;
    browser.click("#confirm").await;
    browser.wait_for_text("#key-said", "was deleted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stricter_policy_than_the_page_knows_is_reported_and_the_pair_stays() {
    let everything = "\"read\", \"create\", \"deactivate\", \"delete\"";
    let mut governed = Governed::start(&may(everything));
    let browser = page::ready_to_upload(&governed.gateway).await;
    governed.change(&may("\"read\"")).await;
    browser.click("#upload").await;
    let problem = page::problem(&browser, "#create-form").await;
    assert!(
        problem.contains("The gateway's policy doesn't let you create"),
        "{problem}"
    );
    browser.find("#fingerprint").await;
    governed.change(&may(everything)).await;
    page::upload(&browser).await;
}

#[test]
fn a_caller_who_cannot_be_identified_changes_nothing() {
    const DELETE: &str = "GroupMembershipService/Delete";
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.toml");
    fs::write(&policy, may("\"delete\"")).unwrap();
    let upstream = Upstream::start();
    let mut more = More::before(upstream.port);
    more.arguments
        .extend(["--policy".to_owned(), policy.display().to_string()]);
    let gateway = Gateway::with(setting("KEYSIDE_DIST"), more);
    let delete = || {
        let method = format!("nebius.iam.v1.{DELETE}");
        let request = json!({ "id": "groupmembership-u00admin" });
        tools::curl(&gateway.address(), &method, Some(TOKEN), &request)
    };
    for code in ["PERMISSION_DENIED", "INTERNAL", "NOT_FOUND"] {
        upstream.command(
            &json!({ "do": "fail", "method": "ProfileService/Get", "times": 1,
            "with": { "code": code, "message": "not now" } }),
        );
        let (status, answer) = delete();
        assert_ne!(status, 200, "{answer}");
        assert_eq!(answer["message"], "not now");
        assert!(upstream.calls(DELETE).is_empty(), "{code}");
    }
    assert_eq!(delete().0, 200);
    assert_eq!(upstream.calls(DELETE).len(), 1);
}
