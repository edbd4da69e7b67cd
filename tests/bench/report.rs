//! Writes docs/performance.md: the figures of one run as a table and a picture, and the page's size.

use std::{fmt::Write, fs, io, path::Path, thread::available_parallelism};

use crate::{
    figures::{Figures, Goal, Series, mean},
    plot,
    stages::CANDIDATES,
};

/// Writes the report and its picture into a folder. `derived` are the goals and the table of more processors, which
/// are drawn at random; `loads` are the tables of bytes and of the first load.
///
/// # Errors
/// If it can't be written.
pub fn write(
    folder: &Path,
    figures: &Figures,
    derived: (&[Goal], &str),
    loads: [&str; 2],
) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let series: Vec<&Series> = ["page_warm", "ours", "ours_one_worker", "subtle", "openssl"]
        .iter()
        .filter_map(|key| figures.get(4096, key))
        .collect();
    let subtle = figures
        .get(4096, "subtle")
        .map_or(1000.0, |s| s.quantile(1.0));
    let most = (subtle / 500.0).ceil() * 500.0;
    fs::write(
        folder.join("performance.svg"),
        plot::distributions(&series, most),
    )?;
    fs::write(folder.join("performance.md"), text(figures, derived, loads))
}

fn text(
    figures: &Figures,
    (goals, more_processors): (&[Goal], &str),
    [weight, first_load]: [&str; 2],
) -> String {
    let cores = available_parallelism().map_or(1, usize::from);
    let goals: String = goals.iter().fold(String::new(), |mut text, goal| {
        let _ = writeln!(text, "- {goal}");
        text
    });
    format!(
        "# How fast the key engine is\n\n\
         Measured by `cargo xtask bench keygen` on {cores} cores in headless Chromium. It takes \
         several minutes; with `--update-docs` it replaces this file. All contestants took turns in \
         one run. Times are in milliseconds, from the request to a checked pair in PKCS#8 and SPKI. \
         Luck decides how many candidates a search needs, so means vary by a tenth or more between \
         runs. Compare the ratios rather than the times.\n\n\
         {}\n\
         ![Distribution of RSA-4096 generation times](performance.svg)\n\n\
         ## Ratios\n\n{goals}\n\
         ## Stages\n\n{}\n\
         ## More processors\n\n\
         Predicted from the stages, for one processor per worker. The page starts at most six.\n\n\
         {more_processors}\n\
         ## What the browser loads\n\n\
         In bytes. The gateway sends brotli; the nginx sample sends gzip.\n\n{weight}\n\
         ## The first load\n\n\
         From nginx with gzip: the bytes transferred, with HTTP headers and without the key worker, and \
         the milliseconds until a field can be filled in. First with an empty cache, then again in the same \
         browser. Medians of several visits. `cargo xtask test first_load` checks the limits on slow lines.\n\n\
         {first_load}",
        table(figures),
        stages(figures)
    )
}

/// A table with one line per contestant.
pub fn table(figures: &Figures) -> String {
    let mut text = "| size | engine | pairs | mean | of which the engine | median | p95 | max | candidates per pair |\n\
                    |---|---|--:|--:|--:|--:|--:|--:|--:|\n"
        .to_owned();
    let mut series: Vec<_> = figures.series.iter().collect();
    series.sort_by_key(|s| std::cmp::Reverse(s.bits));
    for one in series {
        let known = |values: &[f64]| match values {
            [] => String::new(),
            values => format!("{:.0}", mean(values)),
        };
        let (engine, candidates) = (known(&one.engine), known(&one.candidates));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.0} | {engine} | {:.0} | {:.0} | {:.0} | {candidates} |",
            one.bits,
            one.name,
            one.times.len(),
            one.mean(),
            one.quantile(0.5),
            one.quantile(0.95),
            one.quantile(1.0)
        );
    }
    text
}

fn stages(figures: &Figures) -> String {
    let Some(stages) = &figures.stages else {
        return String::new();
    };
    format!(
        "To exclude luck, the search is the same each time: one worker, two fixed starts whose primes \
         are the {CANDIDATES}th candidate. Medians, in milliseconds.\n\n\
         | stage | time |\n|---|--:|\n\
         | sieve, once per prime | {:.2} |\n\
         | base-2 test of a candidate, in the filter | {:.2} |\n\
         | the same for browsers without relaxed SIMD | {:.2} |\n\
         | the same, in crypto-primes | {:.2} |\n\
         | as many squarings `x * x % n`, in JavaScript's BigInt | {:.2} |\n\
         | Miller-Rabin rounds that accept a prime | {:.1} |\n\
         | the pair and its checks | {:.1} |\n\
         | a whole key with one worker: 2 (sieve + {CANDIDATES} tests + rounds) + checks | {:.0} |\n",
        stages.sieve,
        stages.filter,
        stages.plain,
        stages.library,
        stages.bigint,
        stages.accept,
        stages.assemble,
        stages.whole_key()
    )
}
