//! Checks the page's headers, its WebAssembly, its key worker and its config.json.

use http::{StatusCode, Uri};
use keyside_iam::key_lifetime::{Days, KeyLifetime};
use serde::Deserialize;

use super::Finding::{self, Hint, Passed, Problem};
use crate::{
    fetch::{Answer, Fetch},
    parsers::is_this_machine,
};

/// The contents of config.json, which the page reads too.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    pub api: String,
    pub protocol: Protocol,
    key_lifetime_default: Option<Days>,
    key_lifetime_max: Option<Days>,
    /// Only the page needs it.
    #[serde(rename = "sign-in")]
    _sign_in: Option<SignIn>,
}

/// Who signs people in, if the page doesn't ask for a token.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SignIn {
    Proxy,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    #[default]
    Connect,
    GrpcWeb,
}

/// Headers that every deployment needs.
const HEADERS: [(&str, &str); 6] = [
    ("integrity-policy", "blocked-destinations=(script)"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Required directives of the page's policy. connect-src depends on the API's address.
const PAGE_POLICY: [&str; 7] = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
];

/// Required directives of the key worker's policy.
const WORKER_POLICY: [&str; 2] = ["default-src 'none'", "connect-src 'none'"];

/// Checks the page, and returns its configuration if the page can be used.
pub async fn check(fetch: &Fetch, url: &Uri, findings: &mut Vec<Finding>) -> Option<Config> {
    let page = match fetch.get(url).await {
        Ok(page) if page.status == StatusCode::OK => page,
        Ok(page) => {
            findings.push(Problem(format!(
                "{url} answers {}. Check that it's the page's address",
                page.status
            )));
            return None;
        }
        Err(why) => {
            findings.push(Problem(format!(
                "can't reach {url}: {why}. Check the address, and that the server is running"
            )));
            return None;
        }
    };
    if !url.path().ends_with('/') {
        findings.push(Hint(
            "the address doesn't end in /, so browsers look for the page's files in the parent \
             folder. Add the slash"
                .to_owned(),
        ));
    }
    check_transport(url, &page, findings);
    check_headers(&page, findings);
    check_wasm(fetch, url, &page, findings).await;
    check_worker(fetch, url, findings).await;
    check_config(fetch, url, findings).await
}

fn check_transport(url: &Uri, page: &Answer, findings: &mut Vec<Finding>) {
    match url.scheme_str() {
        Some("https") if page.header("strict-transport-security").is_empty() => {
            findings.push(Hint(
                "TLS works, but Strict-Transport-Security is missing. Add this header".to_owned(),
            ));
        }
        Some("https") => findings.push(Passed(
            "TLS works, with Strict-Transport-Security".to_owned(),
        )),
        _ if is_this_machine(url.host().unwrap_or_default()) => {
            findings.push(Passed("plain http on this machine".to_owned()))
        }
        _ => findings.push(Problem(
            "plain http to another machine sends access tokens without encryption, and browsers \
             disable WebCrypto. Serve the page over TLS"
                .to_owned(),
        )),
    }
}

fn check_headers(page: &Answer, findings: &mut Vec<Finding>) {
    let mut missing: Vec<String> = HEADERS
        .iter()
        .filter(|(name, value)| !page.header(name).eq_ignore_ascii_case(value))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    // An API at another address is allowed too.
    if !page
        .header("connection-allowlist")
        .contains("response-origin")
    {
        missing.push("connection-allowlist: (response-origin)".to_owned());
    }
    let policy = page.header("content-security-policy");
    let directives: Vec<_> = policy.split(';').map(str::trim).collect();
    missing.extend(
        PAGE_POLICY
            .iter()
            .filter(|directive| !directives.contains(directive))
            .map(|directive| format!("content-security-policy: {directive}")),
    );
    if policy.contains("unsafe-inline") || policy.contains("'unsafe-eval'") {
        missing.push("a content-security-policy without unsafe-inline and unsafe-eval".to_owned());
    }
    match missing.as_slice() {
        [] => findings.push(Passed("the security headers are set".to_owned())),
        missing => findings.push(Problem(format!(
            "the page's headers are missing: {}. Add them as in the samples in deploy/",
            missing.join("; ")
        ))),
    }
}

async fn check_wasm(fetch: &Fetch, url: &Uri, page: &Answer, findings: &mut Vec<Finding>) {
    // A compressed page is fetched again, to find the file's name in it.
    let text = match page.header("content-encoding") {
        "" => String::from_utf8_lossy(&page.body).into_owned(),
        _ => match fetch.get_plain(url).await {
            Ok(plain) => String::from_utf8_lossy(&plain.body).into_owned(),
            Err(_) => String::new(),
        },
    };
    let name =
        tokens(&text).find(|token| token.starts_with("keyside-page-") && token.ends_with(".wasm"));
    let Some((name, wasm)) = name.and_then(|name| Some((name, join(url, name)?))) else {
        findings.push(Problem(
            "the page links to no WebAssembly, so it isn't Keyside. Check the address".to_owned(),
        ));
        return;
    };
    match fetch.get(&wasm).await {
        Ok(answer) if answer.status == StatusCode::OK => {
            if answer.header("content-type") != "application/wasm" {
                findings.push(Problem(format!(
                    "{name} has content type \"{}\", so browsers can't compile it while it loads. Set \
                     it to application/wasm",
                    answer.header("content-type")
                )));
            } else if answer.header("content-encoding").is_empty() {
                findings.push(Hint(format!(
                    "{name} isn't compressed. Serve the .br and .gz files next to it"
                )));
            } else if !answer.header("cache-control").contains("immutable") {
                findings.push(Hint(format!(
                    "{name} isn't cached forever, although its name changes with its content. Add \
                     immutable to cache-control"
                )));
            } else {
                findings.push(Passed(
                    "the WebAssembly has the right type, is compressed and is cached".to_owned(),
                ));
            }
        }
        Ok(answer) => findings.push(Problem(format!(
            "{name} answers {}. Deploy all files of the page",
            answer.status
        ))),
        Err(why) => findings.push(Problem(format!("can't load {name}: {why}"))),
    }
}

/// Checks the key worker's own policy.
async fn check_worker(fetch: &Fetch, url: &Uri, findings: &mut Vec<Finding>) {
    let Some(name) = worker_name(fetch, url).await else {
        findings.push(Problem(
            "the page links to no key worker, so it isn't Keyside. Check the address".to_owned(),
        ));
        return;
    };
    let answer = match join(url, &name) {
        Some(url) => fetch.get(&url).await,
        None => return,
    };
    match answer {
        Ok(answer) => {
            let policy = answer.header("content-security-policy");
            let has = |required| {
                policy
                    .split(';')
                    .any(|directive| directive.trim() == required)
            };
            let is_isolated = WORKER_POLICY.into_iter().all(has)
                && answer.header("connection-allowlist").trim() == "()";
            findings.push(if is_isolated {
                Passed("the key worker can't reach the network".to_owned())
            } else {
                Problem(format!(
                    "the key worker {name} isn't fully cut off from the network. Set \
                     content-security-policy: {} and connection-allowlist: (), as in the samples in \
                     deploy/",
                    WORKER_POLICY.join("; ")
                ))
            });
        }
        Err(why) => findings.push(Problem(format!("can't load {name}: {why}"))),
    }
}

async fn worker_name(fetch: &Fetch, url: &Uri) -> Option<String> {
    let page = fetch.get_plain(url).await.ok()?;
    let text = String::from_utf8_lossy(&page.body);
    let mut tokens = tokens(&text);
    let name = tokens.find(|token| token.starts_with("key-worker-") && token.ends_with(".js"));
    name.map(str::to_owned)
}

/// Splits HTML at quotes, brackets, equals signs and whitespace, because attributes may have no quotes.
/// Removes a leading `./`.
fn tokens(html: &str) -> impl Iterator<Item = &str> {
    html.split(|c: char| "\"'<>=".contains(c) || c.is_whitespace())
        .map(|token| token.strip_prefix("./").unwrap_or(token))
}

async fn check_config(fetch: &Fetch, url: &Uri, findings: &mut Vec<Finding>) -> Option<Config> {
    let answer = match fetch.get_plain(&join(url, "config.json")?).await {
        Ok(answer) => answer,
        Err(why) => {
            findings.push(Problem(format!("can't load config.json: {why}")));
            return None;
        }
    };
    if answer.status == StatusCode::NOT_FOUND {
        findings.push(Passed(
            "there is no config.json, so the API is at the page's address".to_owned(),
        ));
        return Some(Config::default());
    }
    let config = serde_json::from_slice::<Config>(&answer.body).map_err(|error| error.to_string());
    let config = config.and_then(|config| {
        KeyLifetime::new(config.key_lifetime_default, config.key_lifetime_max)
            .map_err(|error| error.to_string())?;
        Ok(config)
    });
    match config {
        Ok(config) => {
            findings.push(Passed("config.json is valid".to_owned()));
            Some(config)
        }
        Err(error) => {
            findings.push(Problem(format!("config.json isn't valid: {error}. Fix it")));
            None
        }
    }
}

/// The address of a file next to the page.
pub fn join(url: &Uri, name: &str) -> Option<Uri> {
    let (folder, _) = url.path().rsplit_once('/')?;
    let mut parts = url.clone().into_parts();
    parts.path_and_query = Some(format!("{folder}/{name}").parse().ok()?);
    Uri::from_parts(parts).ok()
}
