//! Files are reported at once, even the slowest, and the last file chosen is the one shown.

use base64::prelude::{BASE64_STANDARD, Engine};
use keyside_e2e::{
    browser::{Browser, Options},
    gateway::Gateway,
};
use serde_json::{Value, json};

use super::forms::Pair;

/// The best of this many rounds counts, which leaves out what other programs do at the time.
const ROUNDS: u32 = 5;
/// In milliseconds.
const AT_ONCE: f64 = 200.0;

/// JavaScript: chooses files one after another without waiting. Returns the names in the reports up to
/// the last file's, and how many milliseconds that took.
const CHOOSE: &str = "
    const field = document.getElementById('key-file');
    document.getElementById('report')?.setAttribute('data-earlier', '');
    const seen = [];
    const last = files.at(-1).name;
    let from;
    const shown = new Promise((resolve) => {
        const observer = new MutationObserver(() => {
            const name = document.querySelector('#report:not([data-earlier]) h2')?.textContent;
            if (name === undefined || seen.at(-1) === name) return;
            seen.push(name);
            if (name !== last) return;
            observer.disconnect();
            resolve(performance.now() - from);
        });
        observer.observe(document.getElementById('page'), { subtree: true, childList: true });
    });
    from = performance.now();
    for (const file of files) {
        const chosen = new DataTransfer();
        chosen.items.add(file);
        field.files = chosen.files;
        field.dispatchEvent(new Event('change', { bubbles: true }));
    }
    const ms = await shown;";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_reported_at_once_and_the_last_one_chosen_stays() {
    let gateway = Gateway::start();
    let pair = Pair::make();
    let browser = Browser::start(Options::default()).await;
    browser.open(&format!("{}#/inspect", gateway.url())).await;
    browser.find("#key-file").await;
    let mut files = slow_files(&pair);
    files.extend(pair.publics());
    files.extend(pair.privates());
    // Starts the worker, which isn't measured.
    best_ms(&browser, "SPKI", pair.public.as_bytes(), 1).await;
    let mut slow = Vec::new();
    let mut slowest = ("", 0.0);
    for (name, file) in &files {
        let (ms, text) = best_ms(&browser, name, file, ROUNDS).await;
        println!("{ms:6.1} ms {:9} bytes {name}: {text}", file.len());
        if ms > AT_ONCE {
            slow.push(format!("{name}: {ms:.0} ms"));
        }
        // A file that the worker doesn't process can't compete with another.
        if ms > slowest.1 && file.len() < 1 << 20 {
            slowest = (*name, ms);
        }
    }
    assert!(slow.is_empty(), "{slow:?}");

    let (_, slow) = files.iter().find(|(name, _)| *name == slowest.0).unwrap();
    let public = pair.public.as_bytes();
    let chosen = [("first", &slow[..]), ("second", public)];
    let seen = choose(&browser, &chosen, "done(seen);").await;
    assert_eq!(seen, json!(["second"]), "after {}", slowest.0);
    browser.wait_for_text("#told", "This is a public key").await;
    // By the time the worker reports the third file, it has finished the first two.
    let seen = choose(&browser, &[("third", public)], "done(seen);").await;
    assert_eq!(seen, json!(["third"]));
}

/// The best time of some rounds, and the report on the file.
async fn best_ms(browser: &Browser, name: &str, file: &[u8], rounds: u32) -> (f64, String) {
    const THEN: &str =
        "done([ms, document.querySelector('#told, #report h2 + .problem').textContent]);";
    let mut best = f64::INFINITY;
    let mut text = Value::Null;
    for _ in 0..rounds {
        let answer = choose(browser, &[(name, file)], THEN).await;
        let ms = answer[0].as_f64();
        best = best.min(ms.unwrap_or_else(|| panic!("{name}: {answer}")));
        text = answer[1].clone();
    }
    (best, text.as_str().unwrap().chars().take(70).collect())
}

/// Chooses files, then runs `after`.
async fn choose(browser: &Browser, files: &[(&str, &[u8])], after: &str) -> Value {
    let files = files.iter().map(|(name, file)| {
        // A file's repeated last byte is generated in the page instead of sent there.
        let run = file
            .iter()
            .rev()
            .take_while(|byte| Some(*byte) == file.last());
        let (head, run) = file.split_at(file.len() - run.count());
        json!([name, BASE64_STANDARD.encode(head), run.first(), run.len()])
    });
    let files = Value::Array(files.collect());
    let script = format!(
        "const files = {files}.map(([name, head, fill, run]) => new File([
            Uint8Array.from(atob(head), (c) => c.charCodeAt(0)),
            new Uint8Array(run).fill(fill),
        ], name));
        {CHOOSE} {after}"
    );
    browser.run_until_done(&script).await
}

/// Files that take long to read: of the largest size that is read, and tried by many parsers.
fn slow_files(pair: &Pair) -> super::forms::Files {
    const MOST: usize = keyside_keygen::MAX_KEY_FILE_BYTES;
    const MAX_CREDENTIALS_BYTES: usize = keyside_keygen::MAX_CREDENTIALS_BYTES;
    let filled = |part: &str| part.repeat(MOST / part.len()).into_bytes();
    let mut twice = BASE64_STANDARD.encode(&pair.public);
    while BASE64_STANDARD.encode(&twice).len() < MOST {
        twice = BASE64_STANDARD.encode(&twice);
    }
    let mut large = pair.public.clone().into_bytes();
    large.resize(10_000_000, b'\n');
    let mut credentials = super::credentials(&pair.private, "publickey-a", "serviceaccount-a")
        .to_string()
        .into_bytes();
    credentials.resize(MAX_CREDENTIALS_BYTES, b' ');
    let escaped = format!("\"{}\"", "\\u002d".repeat(MOST / 6 - 1));
    let mut behind = vec![b'x'; MOST - pair.public.len()];
    behind.extend(pair.public.as_bytes());
    let nested = ["[".repeat(MOST / 2), "]".repeat(MOST / 2)].concat();
    vec![
        ("10 MB", large),
        ("zeros", vec![0; MOST]),
        ("BEGIN lines", filled("-----BEGIN PUBLIC KEY-----\n")),
        ("dashes", filled("-")),
        ("letters", filled("A")),
        ("hex digits", filled("3082")),
        ("base64 of base64", twice.into()),
        ("escapes", escaped.into()),
        ("backslashes", filled("\\n")),
        ("lists in lists", nested.into()),
        ("many public keys", filled(&pair.public)),
        ("many private keys", filled(&pair.private)),
        ("key behind text", behind),
        ("largest credentials file", credentials),
    ]
}
