//! How soon the page is usable, beside the least that Yew allows and a plain HTML form on the same server.

use std::{fmt::Write, path::Path, time::Duration};

use keyside_e2e::{
    browser::{Browser, Options},
    deployment::Server,
    line::{Line, NOTE_USABLE, transferred},
};

/// The folder of each page, and its name in the report.
const PAGES: [(&str, &str); 3] = [
    ("keyside", "Keyside"),
    ("yew", "a page with one field, made with Yew"),
    ("form", "the same field in plain HTML"),
];

const LINES: [(&str, Option<Line>); 3] = [
    ("1.6 Mbit/s, 150 ms", Some(Line::SLOW)),
    ("10 Mbit/s, 40 ms", Some(Line::USUAL)),
    ("local", None),
];

const ROUNDS: usize = 5;

/// One visit.
struct Visit {
    usable_ms: f64,
    /// Transferred until then, with HTTP headers, without the key worker.
    bytes: u64,
}

/// A table with one line per connection and page: medians of visits with an empty cache, and of second visits.
/// The folder contains the pages.
pub async fn table(folder: &Path) -> String {
    let server = Server::of_other_scripts(folder);
    let mut text = "| line | page | bytes | usable after | bytes again | usable again after |\n\
                    |---|---|--:|--:|--:|--:|\n"
        .to_owned();
    for (line_name, line) in &LINES {
        for (page, name) in PAGES {
            let url = format!("http://127.0.0.1:{}/tools/keys/{page}/", server.port);
            let mut visits: [Vec<Visit>; 2] = Default::default();
            for _ in 0..ROUNDS {
                let round = cold_and_warm(&url, line.as_ref()).await;
                for (all, visit) in visits.iter_mut().zip(round) {
                    all.push(visit);
                }
            }
            let [cold, warm] = visits.map(median);
            let row = format!(
                "| {line_name} | {name} | {} | {:.0} | {} | {:.0} |",
                cold.bytes, cold.usable_ms, warm.bytes, warm.usable_ms
            );
            println!("  {row}");
            let _ = writeln!(text, "{row}");
        }
    }
    text
}

fn median(mut visits: Vec<Visit>) -> Visit {
    visits.sort_by(|a, b| a.usable_ms.total_cmp(&b.usable_ms));
    visits.swap_remove(visits.len() / 2)
}

async fn cold_and_warm(url: &str, line: Option<&Line>) -> [Visit; 2] {
    let browser = Browser::start(Options::own_process().before_page(NOTE_USABLE)).await;
    // By then the browser has finished its own startup work.
    tokio::time::sleep(Duration::from_secs(1)).await;
    if let Some(line) = line {
        line.emulate(&browser).await;
    }
    let cold = visit(&browser, url).await;
    // By then the key workers are loaded, which belong to the first visit.
    tokio::time::sleep(Duration::from_secs(3)).await;
    browser.open("about:blank").await;
    [cold, visit(&browser, url).await]
}

async fn visit(browser: &Browser, url: &str) -> Visit {
    browser.open(url).await;
    let wait = "const wait = () => window.usableMs ? done(window.usableMs) : setTimeout(wait, 20); wait();";
    let usable_ms = browser.run_until_done(wait).await;
    let loaded = transferred(browser).await;
    // The browser asks for an icon of its own accord, at some later time.
    let own = loaded
        .iter()
        .filter(|(url, _)| !url.ends_with("/favicon.ico"));
    Visit {
        usable_ms: usable_ms.as_f64().expect("the page becomes usable"),
        bytes: own.map(|(_, bytes)| bytes).sum(),
    }
}
