//! Proxies in front of the gateway that answer calls themselves: the page says that one did, blames neither
//! the token nor the API, and keeps the pair for another attempt.

use keyside_e2e::{
    browser::{Browser, Options},
    deployment::{Kind, Server},
    gateway::{ADMIN_TOKEN, Gateway, More},
    page, setting,
};

/// An nginx that asks for `directives` before it passes calls on.
fn proxy(gateway: &Gateway, server: &str, calls: &str) -> Server {
    Server::custom(Kind::Nginx, |port| {
        let upstream = gateway.address();
        format!(
            "pid /run/keyside-nginx.pid; error_log stderr warn; events {{}}
            http {{ access_log off; server {{
                listen 127.0.0.1:{port};
                {server}
                location ~ ^/nebius\\. {{
                    default_type text/html;
                    {calls}
                    proxy_pass http://{upstream};
                    proxy_set_header Host $http_host;
                }}
                location / {{ proxy_pass http://{upstream}; proxy_set_header Host $http_host; }}
            }} }}"
        )
    })
}

fn behind_proxy() -> Gateway {
    let more = More {
        arguments: vec!["--behind-proxy".to_owned()],
        ..More::default()
    };
    Gateway::with(setting("KEYSIDE_DIST"), more)
}

/// The page behind the proxy, with a pair to upload; and the pair's fingerprint.
async fn ready(proxy: &Server, path: &str) -> (Browser, String) {
    let browser = Browser::start(Options::default()).await;
    let at = format!("http://127.0.0.1:{}", proxy.port);
    if !path.is_empty() {
        browser.open(&format!("{at}{path}")).await;
    }
    browser.open(&format!("{at}/#token={ADMIN_TOKEN}")).await;
    browser.wait_for_text("#who", "Local admin").await;
    page::choose_first_account(&browser).await;
    let fingerprint = page::generate(&browser).await;
    browser.find("#upload").await;
    (browser, fingerprint)
}

async fn refused(browser: &Browser) -> String {
    browser.click("#upload").await;
    page::problem(browser, "#create-form").await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_a_proxy_is_called_one_and_the_pair_stays() {
    let gateway = behind_proxy();
    let answers = [
        (
            "200 '<!doctype html><title>Sign in</title>'",
            "sends a web page",
        ),
        ("204", "sends something other than the API"),
        ("302 /signin", "redirects, perhaps to a sign-in page"),
        (
            "401 '<html>Authorization Required</html>'",
            "HTTP status 401",
        ),
        ("403 '<html>Blocked by policy</html>'", "HTTP status 403"),
        ("413", "HTTP status 413"),
        ("502", "HTTP status 502"),
        ("503", "HTTP status 503"),
    ];
    let choices = answers
        .iter()
        .enumerate()
        .map(|(at, (answer, _))| format!("if ($cookie_answer = a{at}) {{ return {answer}; }}\n"));
    let proxy = proxy(&gateway, "", &choices.collect::<String>());
    let (browser, fingerprint) = ready(&proxy, "").await;
    let choose = async |answer: &str| {
        let script = format!("document.cookie = 'answer={answer}; SameSite=Strict'");
        browser.client.execute(&script, Vec::new()).await.unwrap();
    };
    for (at, (_, part)) in answers.iter().enumerate() {
        choose(&format!("a{at}")).await;
        let problem = refused(&browser).await;
        assert!(problem.contains(part), "{part}: {problem}");
        assert!(
            problem.contains("server between this page and the API"),
            "{problem}"
        );
        assert!(!problem.contains("token"), "{problem}");
        assert_eq!(browser.text("#fingerprint").await, fingerprint);
        assert!(browser.text("#who").await.contains("Local admin"));
    }
    choose("; Max-Age=0").await;
    page::upload(&browser).await;
    page::verified(&browser).await;
    assert_eq!(browser.text("#fingerprint").await, fingerprint);
    let account = gateway.printed("service account");
    assert_eq!(page::keys_of(&gateway, ADMIN_TOKEN, &account).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_at_the_proxy_that_ends_is_renewed_in_another_tab() {
    let gateway = behind_proxy();
    let cookie = "add_header Set-Cookie";
    let server = format!(
        "location = /signin {{ default_type text/html;
            {cookie} 'gate=open; Path=/; HttpOnly; SameSite=Lax'; return 200 'Signed in.'; }}
        location = /signout {{ {cookie} 'gate=; Path=/; Max-Age=0'; return 204; }}
        if ($cookie_gate != open) {{ set $out 1; }}
        if ($uri ~ ^/sign) {{ set $out 0; }}
        if ($out = 1) {{ return 302 /signin; }}"
    );
    let proxy = proxy(&gateway, &server, "");
    let (browser, fingerprint) = ready(&proxy, "/signin").await;
    let visit = async |path: &str| {
        let script = "const done = arguments[1]; fetch(arguments[0]).then(() => done());";
        let path = vec![path.into()];
        browser.client.execute_async(script, path).await.unwrap();
    };
    visit("/signout").await;
    let problem = refused(&browser).await;
    assert!(
        problem.contains("redirects, perhaps to a sign-in page"),
        "{problem}"
    );
    assert!(problem.contains("another tab"), "{problem}");
    visit("/signin").await;
    page::upload(&browser).await;
    assert_eq!(browser.text("#fingerprint").await, fingerprint);
}
