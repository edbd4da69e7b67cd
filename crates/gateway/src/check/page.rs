//! The page: its headers, its WebAssembly, its config.json.

use http::{StatusCode, Uri};
use keyside_iam::key_lifetime::{Days, KeyLifetime};
use serde::Deserialize;

use super::{
    Finding::{self, Hint, Right, Wrong},
    fetch::{Answer, Fetch},
};
use crate::parsers::is_this_machine;

/// What config.json holds; the page reads the same.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    pub api: String,
    pub protocol: Protocol,
    key_lifetime_default: Option<Days>,
    key_lifetime_max: Option<Days>,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    #[default]
    Connect,
    GrpcWeb,
}

/// Headers that are the same everywhere.
const HEADERS: [(&str, &str); 5] = [
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Directives that the policy must have; connect-src depends on where the API is.
const POLICY: [&str; 7] = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
];

/// Directives that the key worker's policy must have.
const WORKER_POLICY: [&str; 2] = ["default-src 'none'", "connect-src 'none'"];

/// Looks at the page; gives its configuration, if there is a page that can be used.
pub async fn check(fetch: &Fetch, url: &Uri, findings: &mut Vec<Finding>) -> Option<Config> {
    let page = match fetch.get(url).await {
        Ok(page) if page.status == StatusCode::OK => page,
        Ok(page) => {
            findings.push(Wrong(format!(
                "{url} answers {}: is it the page's address?",
                page.status
            )));
            return None;
        }
        Err(why) => {
            findings.push(Wrong(format!("{url} cannot be reached: {why}")));
            return None;
        }
    };
    if !url.path().ends_with('/') {
        findings.push(Hint(
            "the address does not end in /: the page's files are looked for one \
            folder further up"
                .to_owned(),
        ));
    }
    transport(url, &page, findings);
    headers(&page, findings);
    wasm(fetch, url, &page, findings).await;
    worker(fetch, url, findings).await;
    config(fetch, url, findings).await
}

fn transport(url: &Uri, page: &Answer, findings: &mut Vec<Finding>) {
    match url.scheme_str() {
        Some("https") if page.header("strict-transport-security").is_empty() => {
            findings.push(Hint(
                "TLS holds; Strict-Transport-Security is missing".to_owned(),
            ));
        }
        Some("https") => findings.push(Right("TLS, with Strict-Transport-Security".to_owned())),
        _ if is_this_machine(url.host().unwrap_or_default()) => {
            findings.push(Right("plain http on this machine".to_owned()))
        }
        _ => findings.push(Wrong(
            "plain http to another machine: access tokens travel in the open, and browsers \
             withhold WebCrypto. Serve it over TLS"
                .to_owned(),
        )),
    }
}

fn headers(page: &Answer, findings: &mut Vec<Finding>) {
    let mut missing: Vec<String> = HEADERS
        .iter()
        .filter(|(name, value)| !page.header(name).eq_ignore_ascii_case(value))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let policy = page.header("content-security-policy");
    let directives: Vec<_> = policy.split(';').map(str::trim).collect();
    missing.extend(
        POLICY
            .iter()
            .filter(|directive| !directives.contains(directive))
            .map(|directive| format!("content-security-policy: {directive}")),
    );
    if policy.contains("unsafe-inline") || policy.contains("'unsafe-eval'") {
        missing.push("a content-security-policy without unsafe-inline and unsafe-eval".to_owned());
    }
    match missing.as_slice() {
        [] => findings.push(Right("the security headers are there".to_owned())),
        missing => findings.push(Wrong(format!(
            "headers of the page are missing: {}. The samples in deploy/ have them all",
            missing.join("; ")
        ))),
    }
}

async fn wasm(fetch: &Fetch, url: &Uri, page: &Answer, findings: &mut Vec<Finding>) {
    // It may come compressed; then the name has to be found in what it links to without that.
    let text = match page.header("content-encoding") {
        "" => String::from_utf8_lossy(&page.body).into_owned(),
        _ => match fetch.get_plain(url).await {
            Ok(plain) => String::from_utf8_lossy(&plain.body).into_owned(),
            Err(_) => String::new(),
        },
    };
    let name =
        words(&text).find(|word| word.starts_with("keyside-page-") && word.ends_with(".wasm"));
    let Some((name, wasm)) = name.and_then(|name| Some((name, join(url, name)?))) else {
        findings.push(Wrong(
            "the page links to no WebAssembly: it is not Keyside's".to_owned(),
        ));
        return;
    };
    match fetch.get(&wasm).await {
        Ok(answer) if answer.status == StatusCode::OK => {
            if answer.header("content-type") != "application/wasm" {
                findings.push(Wrong(format!(
                    "{name} comes as \"{}\": it must be application/wasm, or browsers refuse to \
                     compile it while it loads",
                    answer.header("content-type")
                )));
            } else if answer.header("content-encoding").is_empty() {
                findings.push(Hint(format!(
                    "{name} comes uncompressed: serve the .br and .gz files beside it"
                )));
            } else if !answer.header("cache-control").contains("immutable") {
                findings.push(Hint(format!(
                    "{name} is not cached for ever, though its name changes with its content"
                )));
            } else {
                findings.push(Right(
                    "WebAssembly has its type, is compressed and cached".to_owned(),
                ));
            }
        }
        Ok(answer) => findings.push(Wrong(format!("{name} answers {}", answer.status))),
        Err(why) => findings.push(Wrong(format!("{name} cannot be loaded: {why}"))),
    }
}

/// The key worker's own policy.
async fn worker(fetch: &Fetch, url: &Uri, findings: &mut Vec<Finding>) {
    let Some(name) = worker_name(fetch, url).await else {
        findings.push(Wrong(
            "the page names no key worker: it is not Keyside's".to_owned(),
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
            let has = |wanted| {
                policy
                    .split(';')
                    .any(|directive| directive.trim() == wanted)
            };
            findings.push(if WORKER_POLICY.into_iter().all(has) {
                Right("the key worker reaches nothing".to_owned())
            } else {
                Wrong(format!(
                    "the key worker {name} comes without a policy of its own, so it could reach \
                     the network: content-security-policy must have {}. The samples in deploy/ \
                     show how",
                    WORKER_POLICY.join("; ")
                ))
            });
        }
        Err(why) => findings.push(Wrong(format!("{name} cannot be loaded: {why}"))),
    }
}

async fn worker_name(fetch: &Fetch, url: &Uri) -> Option<String> {
    let page = fetch.get_plain(url).await.ok()?;
    let text = String::from_utf8_lossy(&page.body);
    let mut words = words(&text);
    let found = words.find(|word| word.starts_with("key-worker-") && word.ends_with(".js"));
    found.map(str::to_owned)
}

/// What stands between quotes and the other signs of HTML, whose attributes may have no quotes. File
/// names come without the `./` before them.
fn words(html: &str) -> impl Iterator<Item = &str> {
    html.split(|sign: char| "\"'<>=".contains(sign) || sign.is_whitespace())
        .map(|word| word.strip_prefix("./").unwrap_or(word))
}

async fn config(fetch: &Fetch, url: &Uri, findings: &mut Vec<Finding>) -> Option<Config> {
    let answer = match fetch.get_plain(&join(url, "config.json")?).await {
        Ok(answer) => answer,
        Err(why) => {
            findings.push(Wrong(format!("config.json cannot be loaded: {why}")));
            return None;
        }
    };
    if answer.status == StatusCode::NOT_FOUND {
        findings.push(Right(
            "no config.json: the API is where the page is".to_owned(),
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
            findings.push(Right("config.json can be read".to_owned()));
            Some(config)
        }
        Err(error) => {
            findings.push(Wrong(format!("config.json cannot be understood: {error}")));
            None
        }
    }
}

/// A file beside the page.
pub fn join(url: &Uri, name: &str) -> Option<Uri> {
    let (folder, _) = url.path().rsplit_once('/')?;
    let mut parts = url.clone().into_parts();
    parts.path_and_query = Some(format!("{folder}/{name}").parse().ok()?);
    Uri::from_parts(parts).ok()
}
