//! A team's page behind a proxy that signs people in: nobody pastes a token, the page knows the person, and a
//! session that ends at the proxy loses nothing.

use std::fs;

use keyside_e2e::{
    browser::{Browser, Options},
    deployment::{Kind, Server},
    gateway::{ADMIN_TOKEN, Gateway, More},
    page, setting,
    tools::Service,
};
use serde_json::Value;
use tempfile::TempDir;

const HEADER: &str = "X-Proxy-Jwt";
const ISSUER: &str = "https://auth.example/";
const AUDIENCE: &str = "keys.example";

/// An API, the gateway in front of it, and the proxy in front of that.
struct Team {
    api: Gateway,
    gateway: Gateway,
    /// `tests/upstream/signing_proxy.py`.
    proxy: Service,
    folder: TempDir,
}

impl Team {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let jwks = folder.path().join("jwks.json");
        let arguments = [jwks.to_str().unwrap(), HEADER, ISSUER, AUDIENCE];
        let mut proxy = Service::start("upstream/signing_proxy.py", &arguments);
        let token = folder.path().join("token");
        fs::write(&token, ADMIN_TOKEN).unwrap();
        let api = Gateway::start();
        let more = More {
            arguments: vec![
                "--upstream".to_owned(),
                format!("http://{}", api.address()),
                "--token-command".to_owned(),
                format!("cat '{}'", token.display()),
                "--identity".to_owned(),
                format!(
                    "header={HEADER},issuer={ISSUER},audience={AUDIENCE},jwks={}",
                    jwks.display()
                ),
                "--behind-proxy".to_owned(),
                "--audit-log".to_owned(),
                folder.path().join("audit.jsonl").display().to_string(),
            ],
            ..More::default()
        };
        let gateway = Gateway::with(setting("KEYSIDE_DIST"), more);
        let address = gateway.address();
        let (_, port) = address.rsplit_once(':').unwrap();
        proxy.tell(port);
        Self {
            api,
            gateway,
            proxy,
            folder,
        }
    }

    fn keys(&self) -> Vec<String> {
        let account = self.api.printed("service account");
        page::keys_of(&self.api, ADMIN_TOKEN, &account)
    }
}

/// Requests a path of the proxy's in the background.
async fn visit(browser: &Browser, path: &str) {
    let script = "const done = arguments[1]; fetch(arguments[0]).then(() => done());";
    let path = vec![path.into()];
    browser.client.execute_async(script, path).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_whom_the_proxy_knows_creates_a_key_without_a_token() {
    let team = Team::start();
    let browser = Browser::start(Options::default()).await;
    browser.open(&team.proxy.url("/")).await;
    browser.wait_for_text("body", "Signed in.").await;
    browser.open(&team.proxy.url("/")).await;
    browser.wait_for_text("#who", "Anna").await;
    assert!(!browser.has("#token").await && !browser.has("#disconnect").await);
    page::choose_first_account(&browser).await;
    let id = page::create(&browser).await;
    page::verified(&browser).await;
    browser.picture("team", 1280, false).await;
    assert_eq!(team.keys(), [&*id]);
    let audit = fs::read_to_string(team.folder.path().join("audit.jsonl")).unwrap();
    let record: Value = serde_json::from_str(audit.lines().next().unwrap()).unwrap();
    assert_eq!(record["by"], "user-7");
    assert_eq!(record["email"], "anna@example.org");
    let log = String::from_utf8_lossy(&team.gateway.output()).into_owned();
    assert!(!log.contains(ADMIN_TOKEN) && !log.contains("eyJ"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_at_the_proxy_keeps_the_pair() {
    let team = Team::start();
    let browser = Browser::start(Options::default()).await;
    browser.open(&team.proxy.url("/signin")).await;
    browser.open(&team.proxy.url("/")).await;
    page::choose_first_account(&browser).await;
    let fingerprint = page::generate(&browser).await;
    visit(&browser, "/signout").await;
    browser.click("#upload").await;
    let problem = page::problem(&browser, "#create-form").await;
    assert!(
        problem.contains("redirects, perhaps to a sign-in page"),
        "{problem}"
    );
    visit(&browser, "/signin").await;
    page::upload(&browser).await;
    assert_eq!(browser.text("#fingerprint").await, fingerprint);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_cannot_use_the_session_at_the_proxy() {
    let team = Team::start();
    let evil = Server::custom(Kind::Nginx, |port| {
        format!(
            "pid /run/keyside-nginx.pid; error_log stderr warn; events {{}}
            http {{ access_log off; server {{ listen 127.0.0.1:{port};
                location / {{ default_type text/html; return 200 '<!doctype html>evil'; }} }} }}"
        )
    });
    let browser = Browser::start(Options::default()).await;
    browser.open(&team.proxy.url("/signin")).await;
    // Another port of the same host: the browser sends the cookie from there.
    browser
        .open(&format!("http://127.0.0.1:{}/", evil.port))
        .await;
    let account = team.api.printed("service account");
    let project = team.api.printed("project");
    let target = team
        .proxy
        .url("/nebius.iam.v1.ServiceAccountService/Create");
    let attack = format!(
        "const body = JSON.stringify({{ metadata: {{ parentId: '{project}', name: 'evil' }} }});
        const url = '{target}';
        const all = [];
        for (const type of ['text/plain', 'application/json', 'application/proto',
            'application/x-www-form-urlencoded']) {{
            for (const mode of ['no-cors', 'cors']) {{
                all.push(fetch(url, {{ method: 'POST', mode, credentials: 'include', body,
                    headers: {{ 'content-type': type }} }}).then((it) => it.type, String));
            }}
        }}
        navigator.sendBeacon(url, new Blob([body], {{ type: 'text/plain' }}));
        const form = document.createElement('form');
        form.action = url; form.method = 'post'; form.enctype = 'text/plain'; form.target = 'frame';
        const field = document.createElement('input');
        field.name = body.slice(0, -1) + ',\"x\":\"'; field.value = '\"}}';
        const frame = document.createElement('iframe');
        frame.name = 'frame';
        form.append(field); document.body.append(frame, form); form.submit();
        await Promise.all(all);
        setTimeout(() => done(all.length), 1000);"
    );
    assert_eq!(browser.run_until_done(&attack).await, 8);
    let list = serde_json::json!({ "parentId": project });
    let accounts = keyside_e2e::made::call(&team.api, "ServiceAccountService/List", &list);
    let accounts = accounts["items"].as_array().unwrap();
    assert_eq!(accounts.len(), 1, "{accounts:?}");
    assert_eq!(accounts[0]["metadata"]["id"], account);
    let refused = String::from_utf8_lossy(&team.gateway.output()).into_owned();
    assert!(
        !refused.contains("ServiceAccountService/Create\" code=\"ok\""),
        "{refused}"
    );
    // From the page's own origin, the same call works.
    browser.open(&team.proxy.url("/")).await;
    browser.wait_for_text("#who", "Anna").await;
}
