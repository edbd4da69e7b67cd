//! docs/performance.md: the figures of one run as a table and a picture.

use std::{fmt::Write, fs, io, path::Path, thread::available_parallelism};

use crate::{
    figures::{Figures, Series, mean},
    plot,
    stages::CANDIDATES,
};

/// Writes the report and its picture into a folder.
///
/// # Errors
/// When it cannot be written.
pub fn write(folder: &Path, figures: &Figures) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let series: Vec<&Series> = ["ours", "ours_one_worker", "subtle", "openssl"]
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
    fs::write(folder.join("performance.md"), text(figures))
}

fn text(figures: &Figures) -> String {
    let cores = available_parallelism().map_or(1, usize::from);
    let goals: String = figures
        .goals()
        .iter()
        .fold(String::new(), |mut text, goal| {
            let _ = writeln!(text, "- {goal}");
            text
        });
    format!(
        "# How fast the key engine is\n\n\
         Written by `cargo xtask bench keygen` on {cores} cores in headless Chromium; it takes \
         some minutes and writes this file anew. All contestants took turns in one run. Times are \
         from the request to a checked pair in PKCS#8 and SPKI, in milliseconds. Luck decides how \
         many candidates a search needs, so means move by a tenth or more from run to run; the \
         ratios say more than the times.\n\n\
         {}\n\
         ![Distribution of the times of RSA-4096 pairs](performance.svg)\n\n\
         ## Ratios\n\n{goals}\n\
         ## Stages\n\n{}",
        table(figures),
        stages(figures)
    )
}

/// One line a contestant.
pub fn table(figures: &Figures) -> String {
    let mut text = "| size | who | pairs | mean | median | p95 | max | candidates a pair |\n\
                    |---|---|--:|--:|--:|--:|--:|--:|\n"
        .to_owned();
    let mut series: Vec<_> = figures.series.iter().collect();
    series.sort_by_key(|s| std::cmp::Reverse(s.bits));
    for one in series {
        let candidates = if one.candidates.is_empty() {
            "".to_owned()
        } else {
            format!("{:.0}", mean(&one.candidates))
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.0} | {:.0} | {:.0} | {:.0} | {candidates} |",
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
        "The same search each time, free of luck: two fixed starts whose primes are the {CANDIDATES}th \
         candidate, in one worker; medians, in milliseconds.\n\n\
         | stage | time |\n|---|--:|\n\
         | sieve, once a prime | {:.2} |\n\
         | base-2 test of a candidate, by the filter | {:.2} |\n\
         | the same by crypto-primes | {:.2} |\n\
         | as many squarings `x * x % n` by JavaScript's BigInt | {:.2} |\n\
         | Miller-Rabin rounds that accept a prime | {:.1} |\n\
         | the pair and its checks | {:.1} |\n\
         | a whole key by one worker: 2 (sieve + {CANDIDATES} tests + rounds) + checks | {:.0} |\n",
        stages.sieve,
        stages.filter,
        stages.library,
        stages.bigint,
        stages.accept,
        stages.assemble,
        stages.whole_key()
    )
}
