//! The page and the API as administrators deploy them: the samples in `deploy/` are run, with the
//! embedded IAM behind TLS in place of the real API.

use std::{fs, process::Command};

use keyside_e2e::{
    browser::{Browser, Options},
    deployment::{Kind, Server},
    gateway::{ADMIN_TOKEN, Gateway, More},
    module::copy_all,
    page, setting, tools,
    upstream::Certificates,
};
use tempfile::TempDir;

/// The names that the samples use.
const NAMES: [&str; 3] = [
    "cpl.iam.api.nebius.cloud",
    "tokens.iam.api.nebius.cloud",
    "127.0.0.1",
];

/// Records the content types of the calls.
const NOTE_TYPES: &str = "window.types = new Set(); const real = window.fetch;
    window.fetch = (...call) => {
        const type = call[0].headers?.get('content-type');
        if (type) window.types.add(type);
        return real(...call);
    };";

/// The embedded IAM, with TLS in front of it and Envoy in front of that.
struct Api {
    iam: Gateway,
    tls: Server,
    certificates: Certificates,
}

impl Api {
    fn start() -> Self {
        let iam = Gateway::start();
        let certificates = Certificates::make(30, &NAMES);
        let tls = Server::tls_before(
            iam.port(),
            &certificates.path("server.pem"),
            &certificates.path("server.key"),
        );
        Self {
            iam,
            tls,
            certificates,
        }
    }

    fn envoy(&self, page_origin: &str) -> Server {
        let at = |name: &str| format!("address: {name}, port_value: 443");
        let here = format!("address: 127.0.0.1, port_value: {}", self.tls.port);
        let ca = self.certificates.path("ca.pem").display().to_string();
        Server::of_sample(
            Kind::Envoy,
            &[
                (&at(NAMES[0]), &here),
                (&at(NAMES[1]), &here),
                ("/etc/ssl/certs/ca-certificates.crt", &ca),
                ("https://keys.intern.example", page_origin),
            ],
        )
    }
}

/// The page's allowlist in nginx's sample, with an API at another address.
fn allowlist_with(base: &str) -> String {
    format!("'(response-origin \"{}/*\")'", base.trim_end_matches('/'))
}

/// A copy of the page with this config.json.
fn page_with(config: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_all(&setting("KEYSIDE_DIST"), folder.path());
    fs::write(folder.path().join("config.json"), config).unwrap();
    // Web servers may run as another user and must be able to read it.
    let everybody = ["-R", "a+rX", folder.path().to_str().unwrap()];
    assert!(
        Command::new("chmod")
            .args(everybody)
            .status()
            .unwrap()
            .success()
    );
    folder
}

fn serve(kind: Kind, page: &TempDir, envoy: &Server, more: &[(&str, &str)]) -> Server {
    let folder = page.path().display().to_string();
    let slash = if kind == Kind::Nginx { "/" } else { "" };
    let envoy = format!("127.0.0.1:{}", envoy.port);
    let mut changes = vec![("127.0.0.1:8081", envoy.as_str())];
    let (from, to) = (
        format!("/srv/keyside/dist{slash}"),
        format!("{folder}{slash}"),
    );
    changes.push((&from, &to));
    changes.extend_from_slice(more);
    Server::of_sample(kind, &changes)
}

/// Does the main job at this address; returns the content types of the calls.
async fn main_job(address: &str, api: &Api) -> Vec<String> {
    let browser = Browser::start(Options::default().before_page(NOTE_TYPES)).await;
    browser
        .open(&format!("{address}#token={ADMIN_TOKEN}"))
        .await;
    browser.wait_for_text("#who", "Local admin").await;
    page::choose_first_account(&browser).await;
    page::generate(&browser).await;
    let id = page::upload(&browser).await;
    page::verified(&browser).await;
    let account = api.iam.printed("service account");
    assert!(page::keys_of(&api.iam, ADMIN_TOKEN, &account).contains(&id));
    let types = browser.run("return [...window.types]").await;
    assert_eq!(browser.console().await, Vec::<String>::new());
    serde_json::from_value(types).unwrap()
}

fn header(answer: &str, name: &str) -> String {
    let lines = answer.lines().filter_map(|line| line.split_once(": "));
    let mut values = lines.filter(|(found, _)| found.eq_ignore_ascii_case(name));
    values
        .next()
        .map(|(_, value)| value.trim().to_owned())
        .unwrap_or_default()
}

fn head(url: &str, encoding: &str) -> String {
    let output = Command::new("curl")
        .args([
            "--silent",
            "--head",
            "--header",
            &format!("accept-encoding: {encoding}"),
            url,
        ])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_or_caddy_with_envoy_serve_the_main_job_under_a_sub_path() {
    let api = Api::start();
    let envoy = api.envoy("https://keys.intern.example");
    for (kind, protocol, content_type) in [
        (Kind::Nginx, "grpc-web", "application/grpc-web+proto"),
        (Kind::Caddy, "grpc-web", "application/grpc-web+proto"),
        (Kind::Nginx, "connect", "application/proto"),
    ] {
        let page = page_with(&format!(r#"{{ "protocol": "{protocol}" }}"#));
        let server = serve(kind, &page, &envoy, &[]);
        let address = format!("http://127.0.0.1:{}/tools/keys/", server.port);
        assert_eq!(main_job(&address, &api).await, [content_type], "{kind:?}");
        let check = Command::new(setting("KEYSIDE_BIN"))
            .args(["check", &address])
            .output()
            .unwrap();
        let printed = String::from_utf8(check.stdout).unwrap();
        assert!(check.status.success(), "{kind:?}: {printed}");
        assert!(
            printed.contains("the security headers are set"),
            "{printed}"
        );
        assert!(
            printed.contains("the key worker can't reach the network"),
            "{printed}"
        );
        // The address without the slash works too.
        let moved = head(address.trim_end_matches('/'), "identity");
        assert!(moved.contains("308"), "{moved}");
        let html = head(&address, "identity");
        assert!(
            header(&html, "content-security-policy").contains("default-src 'none'"),
            "{html}"
        );
        assert_eq!(header(&html, "cache-control"), "no-store", "{html}");
        assert!(
            header(&html, "permissions-policy").contains("camera=()"),
            "{html}"
        );
        assert_eq!(header(&html, "referrer-policy"), "no-referrer", "{html}");
        let strict = header(&html, "strict-transport-security");
        assert_eq!(strict, "max-age=63072000", "{html}");
        let wasm = fs::read_dir(page.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        let wasm = wasm.map(|name| name.into_string().unwrap());
        let wasm = wasm.filter(|n| n.starts_with("keyside-page-") && n.ends_with(".wasm"));
        let url = format!("{address}{}", wasm.last().unwrap());
        let best = if kind == Kind::Caddy { "br" } else { "gzip" };
        let wasm = head(&url, best);
        assert_eq!(header(&wasm, "content-type"), "application/wasm", "{wasm}");
        assert_eq!(header(&wasm, "content-encoding"), best, "{wasm}");
        assert!(
            header(&wasm, "cache-control").contains("immutable"),
            "{wasm}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_deployment_gets_a_message_that_names_the_fault() {
    let page = page_with("{}");
    // No Envoy, no policy, a wrong content type.
    let server = Server::of_sample(
        Kind::Nginx,
        &[
            ("/srv/keyside/dist/", &format!("{}/", page.path().display())),
            ("application/wasm wasm;", ""),
            ("add_header Content-Security-Policy", "add_header X-Nothing"),
            ("127.0.0.1:8081", "127.0.0.1:9"),
        ],
    );
    let address = format!("http://127.0.0.1:{}/tools/keys/", server.port);
    let check = |address: &str| {
        let output = Command::new(setting("KEYSIDE_BIN"))
            .args(["check", address])
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let printed = check(&address);
    for message in [
        "WRONG  the page's headers are missing: content-security-policy: default-src 'none'",
        "Set it to application/wasm",
        "isn't fully cut off from the network",
        "so it isn't the IAM API",
    ] {
        assert!(printed.contains(message), "{message}: {printed}");
    }
    let printed = check(&format!("http://127.0.0.1:{}/nowhere", server.port));
    assert!(printed.contains("404"), "{printed}");
    let printed = check("http://127.0.0.1:9/");
    assert!(
        printed.contains("can't reach http://127.0.0.1:9/"),
        "{printed}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_may_be_on_another_origin() {
    let api = Api::start();
    // Envoy needs the page's origin and the page needs Envoy's, so one port is chosen first.
    let page_port = keyside_e2e::deployment::free_port();
    let envoy = api.envoy(&format!("http://127.0.0.1:{page_port}"));
    let base = format!("http://127.0.0.1:{}", envoy.port);
    let page = page_with(&format!(
        r#"{{ "api": "{base}/", "protocol": "grpc-web" }}"#
    ));
    let allowed = format!("connect-src 'self' {base}");
    let _server = Server::of_sample_at(
        page_port,
        Kind::Nginx,
        &[
            ("/srv/keyside/dist/", &format!("{}/", page.path().display())),
            ("connect-src 'self'", &allowed),
            ("'(response-origin)'", &allowlist_with(&base)),
        ],
    );
    let address = format!("http://127.0.0.1:{page_port}/tools/keys/");
    let types = main_job(&address, &api).await;
    assert_eq!(types, ["application/grpc-web+proto"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn our_gateway_accepts_calls_from_the_configured_origins_only() {
    let page_port = keyside_e2e::deployment::free_port();
    let origin = format!("http://127.0.0.1:{page_port}");
    for (allowed, is_right) in [(origin.as_str(), true), ("https://other.example", false)] {
        let more = More {
            arguments: vec!["--allow-origin".to_owned(), allowed.to_owned()],
            ..More::default()
        };
        let gateway = Gateway::with(setting("KEYSIDE_DIST"), more);
        let base = gateway.url();
        let page = page_with(&format!(r#"{{ "api": "{base}" }}"#));
        let _server = Server::of_sample_at(
            page_port,
            Kind::Nginx,
            &[
                ("/srv/keyside/dist/", &format!("{}/", page.path().display())),
                ("connect-src 'self'", &format!("connect-src 'self' {base}")),
                ("'(response-origin)'", &allowlist_with(&base)),
            ],
        );
        let browser = Browser::start(Options::default()).await;
        browser
            .open(&format!("{origin}/tools/keys/#token={ADMIN_TOKEN}"))
            .await;
        if is_right {
            browser.wait_for_text("#who", "Local admin").await;
        } else {
            let problem = browser.text("#connect .problem").await;
            assert!(problem.contains("didn't answer"), "{problem}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_forwards_the_sdk_to_another_over_tls() {
    let api = Api::start();
    let base = format!("https://127.0.0.1:{}", api.tls.port);
    let no_proxy = [("no_proxy", "127.0.0.1")];
    let start = || Gateway::before_tls(&base, &api.certificates, &no_proxy);
    let front = start();
    let browser = Browser::start(Options::default()).await;
    browser
        .open(&format!("{}#token={ADMIN_TOKEN}", front.url()))
        .await;
    browser.wait_for_text("#who", "Local admin").await;
    page::choose_first_account(&browser).await;
    page::generate(&browser).await;
    let id = page::upload(&browser).await;
    let account = api.iam.printed("service account");
    browser.click("#download-credentials").await;
    let name = page::credentials_name(&account, &id);
    browser.download(&name).await;
    let credentials = browser.download_path(&name);
    let listed = tools::sdk_lists_keys(&front.address(), &credentials, &account);
    assert_eq!(listed, Ok(vec![id.clone()]));
    // The first gateway keeps no state: another one can replace it if it only has its address.
    drop(front);
    let another = start();
    let listed = tools::sdk_lists_keys(&another.address(), &credentials, &account);
    assert_eq!(listed, Ok(vec![id]));
}
